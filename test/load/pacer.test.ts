import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Random } from '../../bench/random.js';
import { Pacer, type Source } from '../../lib/load/pacer.js';
import type { RunClock } from '../../lib/load/run-clock.js';

// Time stands still but for what the loop does: timers come at their millisecond, and each look at
// the clock takes 5 µs. So every run of these tests is the same.
const LOOK_US = 5;

let startMs = 0;
let looks = 0;
const clock = {
  nowUs: () => (Date.now() - startMs) * 1000 + LOOK_US * looks++,
} as unknown as RunClock;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'Date'],
  });
  startMs = Date.now();
  looks = 0;
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

interface Fired {
  readonly name: string;
  readonly dueUs: number;
  readonly lateUs: number;
}

/** Has to be fired at each of its instants, and notes when it was. */
class Instants implements Source {
  readonly #name: string;
  readonly #left: number[];
  readonly #log: Fired[];

  constructor(name: string, instantsUs: readonly number[], log: Fired[]) {
    this.#name = name;
    this.#left = [...instantsUs];
    this.#log = log;
  }

  get nextUs(): number {
    return this.#left[0] ?? Number.POSITIVE_INFINITY;
  }

  fire(): void {
    const nowUs = clock.nowUs();
    // The pacer says that something is due; it is believed, so that firing early is seen.
    do {
      const dueUs = this.#left.shift()!;
      this.#log.push({ name: this.#name, dueUs, lateUs: nowUs - dueUs });
    } while (this.nextUs <= nowUs);
  }

  prepend(instantUs: number): void {
    this.#left.unshift(instantUs);
  }
}

/** Runs the loop until nothing is left to be woken for; returns in how many turns. */
function runLoop(): number {
  let turns = 0;
  while (vi.getTimerCount() > 0) {
    vi.advanceTimersToNextTimer();
    if (++turns > 1_000_000) throw new Error('the loop does not come to an end');
  }
  return turns;
}

function randomInstants(seed: number, count: number, meanGapUs: number): number[] {
  const random = new Random(seed);
  let atUs = 0;
  return Array.from({ length: count }, () => {
    atUs += Math.floor(-Math.log(1 - random.next()) * meanGapUs);
    return atUs;
  });
}

const dueOf = (log: readonly Fired[]) => log.map(({ dueUs }) => dueUs);

describe.each(['spin', 'timer'] as const)('a pacer of kind %s', (kind) => {
  it('fires several sources at all their instants, in order and never early', () => {
    const log: Fired[] = [];
    const pacer = new Pacer(kind, clock);
    const plans = [
      randomInstants(1, 150, 3_000),
      randomInstants(2, 80, 7_000),
      randomInstants(3, 20, 30_000),
    ];
    plans.forEach((instants, i) => {
      pacer.add(new Instants(`source ${i}`, instants, log));
    });
    runLoop();
    expect(log.length).toBe(250);
    expect(Math.min(...log.map(({ lateUs }) => lateUs))).toBeGreaterThanOrEqual(0);
    // A spinning loop is never later than its own turns, one of timers than a timer's grain.
    const latest = Math.max(...log.map(({ lateUs }) => lateUs));
    expect(latest).toBeLessThan(kind === 'spin' ? 20 * LOOK_US : 1_000 + 20 * LOOK_US);
    plans.forEach((instants, i) => {
      expect(dueOf(log.filter(({ name }) => name === `source ${i}`))).toEqual(instants);
    });
    if (kind === 'spin') expect(dueOf(log)).toEqual([...dueOf(log)].sort((a, b) => a - b));
  });

  it('is woken by an instant earlier than the one it waits for', () => {
    const log: Fired[] = [];
    const pacer = new Pacer(kind, clock);
    const source = new Instants('a', [900_000], log);
    pacer.add(source);
    vi.advanceTimersByTime(10);
    source.prepend(40_000);
    pacer.moved(40_000);
    vi.advanceTimersByTime(20);
    expect(log).toEqual([]);
    runLoop();
    expect(dueOf(log)).toEqual([40_000, 900_000]);
    expect(log[0]!.lateUs).toBeLessThan(2_000);
  });

  it('is not kept from an instant by news of a later one', () => {
    const log: Fired[] = [];
    const pacer = new Pacer(kind, clock);
    pacer.add(new Instants('a', [20_000], log));
    pacer.moved(500_000);
    pacer.add(new Instants('b', [600_000], log));
    runLoop();
    expect(dueOf(log)).toEqual([20_000, 600_000]);
    expect(log[0]!.lateUs).toBeLessThan(2_000);
  });

  it('hears of new instants while it fires', () => {
    const log: Fired[] = [];
    const pacer = new Pacer(kind, clock);
    const later = new Instants('later', [700_000], log);
    pacer.add(later);
    let nextUs = 30_000;
    pacer.add({
      get nextUs() {
        return nextUs;
      },
      fire: () => {
        nextUs = Number.POSITIVE_INFINITY;
        later.prepend(50_000);
        pacer.moved(50_000);
        pacer.add(new Instants('new', [60_000], log));
      },
    });
    runLoop();
    expect(dueOf(log)).toEqual([50_000, 60_000, 700_000]);
    expect(Math.max(...log.map(({ lateUs }) => lateUs))).toBeLessThan(2_000);
  });

  it('leaves alone what was removed, and fires the others', () => {
    const log: Fired[] = [];
    const pacer = new Pacer(kind, clock);
    const gone = new Instants('gone', [10_000, 30_000, 50_000], log);
    pacer.add(gone);
    pacer.add(new Instants('stays', [20_000, 40_000], log));
    while (log.length < 2) vi.advanceTimersToNextTimer();
    pacer.remove(gone);
    runLoop();
    expect(log.map(({ name, dueUs }) => [name, dueUs])).toEqual([
      ['gone', 10_000],
      ['stays', 20_000],
      ['stays', 40_000],
    ]);
  });

  it('rests when nothing is left: no timer, no turn', () => {
    const pacer = new Pacer(kind, clock);
    const source = new Instants('a', [1_000, 90_000], []);
    pacer.add(source);
    while (source.nextUs < 90_000) vi.advanceTimersToNextTimer();
    expect(vi.getTimerCount()).toBe(1);
    pacer.remove(source);
    expect(vi.getTimerCount()).toBe(0);
    pacer.add(new Instants('never', [], []));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reaches instants that lie beyond what a timer can count', () => {
    const log: Fired[] = [];
    const hours = 30 * 24 * 3_600_000;
    const longest = vi.spyOn(globalThis, 'setTimeout');
    const pacer = new Pacer(kind, clock);
    pacer.add(new Instants('a', [hours * 1000], log));
    runLoop();
    expect(dueOf(log)).toEqual([hours * 1000]);
    expect(log[0]!.lateUs).toBeGreaterThanOrEqual(0);
    const delays = longest.mock.calls.map(([, ms]) => ms ?? 0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(60_000);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1);
  });
});

describe('on a thread with a core of its own', () => {
  it('sleeps while the next instant is far, and polls when it is near', () => {
    const asleep = vi.spyOn(globalThis, 'setTimeout');
    const polling = vi.spyOn(globalThis, 'setImmediate');
    const log: Fired[] = [];
    new Pacer('spin', clock).add(new Instants('a', [500_000], log));
    expect([asleep.mock.calls.length, polling.mock.calls.length]).toEqual([1, 0]);
    vi.advanceTimersToNextTimer();
    // Woken ahead of it by more than a timer may be late.
    expect(Date.now() - startMs).toBeGreaterThan(495);
    expect(Date.now() - startMs).toBeLessThanOrEqual(500 - 1.2);
    expect([asleep.mock.calls.length, polling.mock.calls.length]).toEqual([1, 1]);
    runLoop();
    expect(asleep.mock.calls.length).toBe(1);
    expect(polling.mock.calls.length).toBeGreaterThan(10);
    expect(log[0]!.lateUs).toBeLessThan(4 * LOOK_US);
  });
});

describe('on a shared core', () => {
  it('never polls, and wakes no more often than there is something to do', () => {
    const polling = vi.spyOn(globalThis, 'setImmediate');
    const instants = randomInstants(4, 60, 20_000);
    const log: Fired[] = [];
    new Pacer('timer', clock).add(new Instants('a', instants, log));
    const turns = runLoop();
    expect(dueOf(log)).toEqual(instants);
    expect(polling).not.toHaveBeenCalled();
    // A timer counts whole milliseconds: it may come just before an instant, and once more.
    expect(turns).toBeLessThanOrEqual(2 * instants.length);
  });
});
