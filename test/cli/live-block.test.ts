import { afterEach, describe, expect, test, vi } from 'vitest';
import { LiveBlock } from '../../lib/cli/terminal/live-block.js';
import { ProgressView } from '../../lib/cli/terminal/progress-view.js';
import type { Terminal } from '../../lib/cli/terminal/terminal.js';
import { columns } from '../../lib/report/render/plain.js';
import { progressOf } from '../support/live-progress.js';
import { chance } from '../support/schedule-plans.js';
import { Screen } from '../support/screen.js';

function blockOn(screen: Screen): LiveBlock {
  return new LiveBlock(screen as unknown as NodeJS.WriteStream);
}

describe('the live block', () => {
  test('whatever it drew before, shows what it was told last, below what stood there', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = chance(seed);
      const screen = new Screen(80);
      screen.write('before\n');
      const block = blockOn(screen);
      for (let i = 0; i < 10; i++) {
        if (random() < 0.3) screen.resize(20 + Math.floor(random() * 60));
        const lines = Array.from({ length: Math.floor(random() * 6) }, () =>
          'x'.repeat(1 + Math.floor(random() * (screen.columns - 2))),
        );
        block.draw(lines);
        expect(screen.lines, `seed ${seed}`).toEqual(['before', ...lines]);
      }
      block.clear();
      expect(screen.lines).toEqual(['before']);
      expect(screen.cursorShown).toBe(true);
    }
  });

  test('hides the cursor while it stands, and gives it back however the process ends', () => {
    const screen = new Screen(80);
    const block = blockOn(screen);
    const listeners = process.listeners('exit').length;
    block.draw(['one']);
    expect(screen.cursorShown).toBe(false);
    const [restore] = process.listeners('exit').slice(listeners);
    restore?.(0);
    expect(screen.cursorShown).toBe(true);
    expect(process.listeners('exit')).toHaveLength(listeners);
  });

  test('writes nothing where nothing has changed, and otherwise one whole frame at once', () => {
    const screen = new Screen(80);
    const write = vi.spyOn(screen, 'write');
    const block = blockOn(screen);
    block.draw(['one', 'two']);
    block.draw(['one', 'two']);
    block.draw(['one', 'three']);
    expect(write).toHaveBeenCalledTimes(2);
    expect(screen.frames).toBe(2);
  });

  test('is never higher than the screen, whose upper end cannot be drawn again', () => {
    const screen = new Screen(80, 4);
    blockOn(screen).draw(['1', '2', '3', '4', '5']);
    expect(screen.lines).toEqual(['1', '2', '3']);
  });

  test('an empty line takes a line', () => {
    const screen = new Screen(80);
    const block = blockOn(screen);
    block.draw(['', 'two']);
    block.draw(['one', 'two']);
    expect(screen.lines).toEqual(['one', 'two']);
  });
});

describe('the view of a run', () => {
  let view: ProgressView | null = null;
  afterEach(() => {
    view?.clear();
    vi.useRealTimers();
  });

  function viewOn(screen: Screen, env: Terminal['env'] = {}) {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    const stream = screen as unknown as NodeJS.WriteStream;
    const terminal: Terminal = { stdout: stream, stderr: stream, env, exitCode: 0 };
    view = new ProgressView(terminal, { quiet: false });
    return view;
  }

  test('its clock goes on between two tellings, from the one of the least delay', () => {
    const screen = new Screen(80);
    const shown = viewOn(screen);
    shown.show(progressOf({ elapsedUs: 42_000_000 }));
    expect(screen.lines[0]).toMatch(/^0:42 of 2:00/);
    vi.advanceTimersByTime(3_000);
    expect(screen.lines[0]).toMatch(/^0:45 of 2:00/);
    shown.show(progressOf({ elapsedUs: 43_000_000 }));
    expect(screen.lines[0]).toMatch(/^0:45 of 2:00/);
  });

  test('says when nothing is heard any more', () => {
    const screen = new Screen(80);
    viewOn(screen).show(progressOf());
    vi.advanceTimersByTime(12_000);
    expect(screen.lines.at(-1)).toBe('no news of the run for 12 s');
  });

  test('a message stays above it, and at the end nothing else does', () => {
    const screen = new Screen(80);
    const shown = viewOn(screen);
    shown.show(progressOf());
    shown.say('stopping');
    expect(screen.lines.slice(0, 2)).toEqual(['stopping', expect.stringMatching(/^0:42/)]);
    shown.clear();
    expect(screen.lines).toEqual(['stopping']);
    vi.advanceTimersByTime(10_000);
    expect(screen.lines).toEqual(['stopping']);
    expect(screen.cursorShown).toBe(true);
  });

  test('fits a terminal that changes its size', () => {
    const screen = new Screen(120);
    viewOn(screen).show(progressOf());
    for (const width of [80, 50, 40, 140]) {
      screen.resize(width);
      vi.advanceTimersByTime(250);
      expect(Math.max(...screen.lines.map(columns))).toBeLessThan(width);
      expect(screen.lines.filter((line) => line.includes('of 2:00'))).toHaveLength(1);
    }
  });

  test.each([
    ['in continuous integration', { CI: 'true' }],
    ['on a terminal that cannot redraw', { TERM: 'dumb' }],
  ])('%s it is a line every ten seconds', (_, env) => {
    const screen = new Screen(200);
    const shown = viewOn(screen, env);
    for (let ms = 0; ms <= 25_000; ms += 1_000) {
      shown.show(progressOf({ elapsedUs: ms * 1000 }));
      vi.advanceTimersByTime(1_000);
    }
    expect(screen.written).not.toContain('\x1b');
    expect(screen.lines.map((line) => line.slice(0, 4))).toEqual(['0:10', '0:20']);
  });
});
