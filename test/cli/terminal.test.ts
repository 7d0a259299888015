import { afterEach, describe, expect, test, vi } from 'vitest';
import { onInterrupt } from '../../lib/cli/interrupts.js';
import { tellFailure } from '../../lib/cli/terminal/failure.js';
import { progressText } from '../../lib/cli/terminal/progress-text.js';
import { UnavailableError, UsageError } from '../../lib/errors.js';
import type { Progress } from '../../lib/store/progress.js';
import { heardTerminal } from '../support/heard-terminal.js';
import { progressOf } from '../support/live-progress.js';

describe('what a log says of a run', () => {
  const workers = { planned: 1, ready: 1, reported: 0, lost: 0, silent: 0 };
  const none = {
    rateAsked: null,
    rateAchieved: null,
    p50Us: null,
    p99Us: null,
    fromUs: 0,
    toUs: 0,
  };

  test.each<[string, Partial<Progress>, string]>([
    [
      'while it goes on',
      {},
      '0:42 of 2:00  peak  24,800 done (0.25 % failed)  598/s good of 600/s asked  p50 12.3 ms  p99 88.0 ms  from 0:30 to 0:40',
    ],
    ['before anything was told', { ...none, ended: 0 }, '0:42 of 2:00  peak'],
    [
      'with users, who set the pace',
      { failed: 0, rateAsked: null, p50Us: null, p99Us: null },
      '0:42 of 2:00  peak  24,800 done  598/s good  from 0:30 to 0:40',
    ],
    [
      'of a fixed amount, whose time is not known',
      { ...none, amount: 30_000, stage: null, failed: 0 },
      '0:42, at most 2:00  24,800 done',
    ],
    ['before it starts', { elapsedUs: -1_400_000 }, 'starting in 2 s'],
    [
      'while workers get ready',
      { phase: 'arming', workers: { ...workers, planned: 4 } },
      'getting ready: 1 of 4 workers',
    ],
    ['after it', { phase: 'merging' }, 'merging what was measured'],
  ])('%s', (_, over, text) => {
    expect(progressText(progressOf(over))).toBe(text);
  });

  test('what is wrong with the measurement is told at once', () => {
    const validity = {
      level: 'invalid',
      checks: [
        { check: 'fragments', level: 'invalid', measured: 1, region: 'local', untilUs: null },
      ],
    } as const;
    const text = progressText(progressOf({ validity, workers: { ...workers, planned: 4 } }));
    expect(text).toMatch(/ {2}measurement invalid so far: 1 of 4 workers lost$/);
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
