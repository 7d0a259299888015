import { afterEach, describe, expect, test, vi } from 'vitest';
import { onInterrupt } from '../../lib/cli/interrupts.js';
import { tellFailure } from '../../lib/cli/terminal/failure.js';
import { progressText } from '../../lib/cli/terminal/progress-text.js';
import { StatusLine } from '../../lib/cli/terminal/status-line.js';
import { UnavailableError, UsageError } from '../../lib/errors.js';
import type { Progress } from '../../lib/store/progress.js';
import { heardTerminal } from '../support/heard-terminal.js';

describe('the status line', () => {
  test('is rewritten in place on a terminal, and leaves nothing behind', () => {
    const { terminal, said } = heardTerminal({ tty: true });
    const line = new StatusLine(terminal, false);
    line.show('one');
    line.show('x'.repeat(100));
    line.clear();
    line.clear();
    expect(said().err).toBe(`\r\x1b[2Kone\r\x1b[2K${'x'.repeat(78)}…\r\x1b[2K`);
  });

  test('elsewhere is a line every ten seconds, without control codes', () => {
    const { terminal, said } = heardTerminal();
    let now = 0;
    const line = new StatusLine(terminal, false, () => now);
    for (; now <= 25_000; now += 500) line.show(`at ${now}`);
    line.clear();
    expect(said().err).toBe('at 10000\nat 20000\n');
  });

  test.each([
    ['in continuous integration', { CI: 'true' }],
    ['on a terminal that cannot', { TERM: 'dumb' }],
  ])('is not rewritten %s', (_, env) => {
    const { terminal, said } = heardTerminal({ tty: true, env });
    const line = new StatusLine(terminal, false);
    line.show('one');
    line.clear();
    expect(said().err).toBe('');
  });

  test('shows nothing when all shall be quiet', () => {
    const { terminal, said } = heardTerminal({ tty: true });
    new StatusLine(terminal, true).show('one');
    expect(said().err).toBe('');
  });
});

describe('what it says of a run', () => {
  const running: Progress = {
    run: 'r',
    phase: 'running',
    elapsedUs: 42_300_000,
    durationUs: 120_000_000,
    stage: 'peak',
    workers: { planned: 4, ready: 4, reported: 0, lost: 0 },
    scheduled: 25_000,
    ended: 24_800,
    failed: 62,
    rateAsked: 600,
    rateAchieved: 598.2,
    p50Us: 12_340,
    p99Us: 88_000,
  };

  test.each<[Partial<Progress>, string]>([
    [{}, '0:42 of 2:00  peak  24,800 done (0.25 % failed)  598/s good  p50 12.3 ms  p99 88.0 ms'],
    [{ failed: 0, p50Us: null, p99Us: null }, '0:42 of 2:00  peak  24,800 done  598/s good'],
    [{ ended: 0, p50Us: null, p99Us: null }, '0:42 of 2:00  peak'],
    [{ elapsedUs: -1_400_000 }, 'starting in 2 s'],
    [
      { phase: 'arming', workers: { planned: 4, ready: 1, reported: 0, lost: 0 } },
      'getting ready: 1 of 4 workers',
    ],
    [{ phase: 'merging' }, 'merging what was measured'],
  ])('%j', (over, text) => {
    expect(progressText({ ...running, ...over })).toBe(text);
  });

  test('a worker that was lost is told at once', () => {
    const workers = { planned: 4, ready: 4, reported: 0, lost: 1 };
    expect(progressText({ ...running, workers })).toMatch(/1 of 4 workers lost$/);
  });
});

describe('signals', () => {
  let release = () => {};
  afterEach(() => release());

  function listen() {
    const handlers = { stop: vi.fn(), leave: vi.fn() };
    release = onInterrupt(handlers);
    return handlers;
  }

  test('Ctrl-C once stops, twice leaves', () => {
    const { stop, leave } = listen();
    process.emit('SIGINT');
    expect(stop.mock.calls).toEqual([['interrupt']]);
    expect(leave).not.toHaveBeenCalled();
    process.emit('SIGINT');
    expect(leave).toHaveBeenCalledOnce();
  });

  test('SIGTERM stops', () => {
    const { stop, leave } = listen();
    process.emit('SIGTERM');
    expect(stop.mock.calls).toEqual([['terminate']]);
    expect(leave).not.toHaveBeenCalled();
  });

  test('a terminal that is closed stops nothing', () => {
    const { stop, leave } = listen();
    expect(process.emit('SIGHUP')).toBe(true);
    expect(stop).not.toHaveBeenCalled();
    expect(leave).not.toHaveBeenCalled();
  });

  test('after the run they mean again what they mean to any program', () => {
    const before = process.listenerCount('SIGINT');
    listen();
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    release();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe('failures', () => {
  test.each([
    [new UsageError('no such flag'), 2],
    [new UnavailableError('no such folder'), 3],
  ])('%s is told in one line', (error, code) => {
    const { terminal, said } = heardTerminal();
    expect(tellFailure(terminal, error)).toBe(code);
    expect(said().err).toBe(`error: ${error.message}\n`);
  });

  test('what was not expected is called a bug, its stack only shown on demand', () => {
    const short = heardTerminal();
    expect(tellFailure(short.terminal, new TypeError('x is not'))).toBe(1);
    expect(short.said().err).toContain('This is a bug');
    expect(short.said().err).not.toContain('terminal.test.ts');
    const long = heardTerminal({ env: { ISOCHRONE_DEBUG: '1' } });
    tellFailure(long.terminal, new TypeError('x is not'));
    expect(long.said().err).toContain('terminal.test.ts');
  });
});
