import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Random } from '../../bench/random.js';
import { Pacer, type Source } from '../../lib/load/pacer.js';
import type { RunClock } from '../../lib/load/run-clock.js';
import { SimulatedLoop } from '../support/simulated-loop.js';

let loop: SimulatedLoop;
let log: Fired[];
beforeEach(() => {
  loop = new SimulatedLoop(1);
  log = [];
});
afterEach(() => vi.unstubAllGlobals());

const pacerOf = (kind: 'spin' | 'timer') => new Pacer(kind, loop as unknown as RunClock);

interface Fired {
  readonly name: string;
  readonly dueUs: number;
  readonly lateUs: number;
}

/** Has to be fired at each of its instants, and notes when it was. */
class Instants implements Source {
  readonly name: string;
  readonly #left: number[];

  constructor(name: string, instantsUs: readonly number[]) {
    this.name = name;
    this.#left = [...instantsUs];
  }

  get nextUs(): number {
    return this.#left[0] ?? Number.POSITIVE_INFINITY;
  }

  /** The pacer's word that something is due is taken, so that a firing too early shows. */
  fire(): void {
    const nowUs = loop.nowUs();
    do {
      const dueUs = this.#left.shift()!;
      log.push({ name: this.name, dueUs, lateUs: nowUs - dueUs });
    } while (this.nextUs <= nowUs);
  }

  prepend(instantUs: number): void {
    this.#left.unshift(instantUs);
  }
}

function randomInstants(seed: number, count: number, meanGapUs: number): number[] {
  const random = new Random(seed);
  let atUs = 0;
  return Array.from({ length: count }, () => {
    atUs += Math.floor(-Math.log(1 - random.next()) * meanGapUs);
    return atUs;
  });
}

const due = () => log.map(({ dueUs }) => dueUs);
const latest = () => Math.max(...log.map(({ lateUs }) => lateUs));

// A spinning loop is late by its own turns only. Timers come late, and count whole milliseconds:
// one may come just before the instant, and is then set once more.
const LATE_US = { spin: 30, timer: 3_500 };

describe.each(['spin', 'timer'] as const)('a pacer of kind %s', (kind) => {
  it('fires several sources at all their instants, in order and never early', () => {
    const pacer = pacerOf(kind);
    const sources = [
      new Instants('a', randomInstants(1, 150, 3_000)),
      new Instants('b', randomInstants(2, 80, 7_000)),
      new Instants('c', randomInstants(3, 20, 30_000)),
    ];
    for (const source of sources) pacer.add(source);
    loop.run();
    expect(Math.min(...log.map(({ lateUs }) => lateUs))).toBeGreaterThanOrEqual(0);
    expect(latest()).toBeLessThan(LATE_US[kind]);
    const of = (name: string) => log.filter((one) => one.name === name).map(({ dueUs }) => dueUs);
    expect(of('a')).toEqual(randomInstants(1, 150, 3_000));
    expect(of('b')).toEqual(randomInstants(2, 80, 7_000));
    expect(of('c')).toEqual(randomInstants(3, 20, 30_000));
  });

  it('is woken by an instant earlier than the one it waits for', () => {
    const pacer = pacerOf(kind);
    const source = new Instants('a', [900_000]);
    pacer.add(source);
    source.prepend(40_000);
    pacer.moved(40_000);
    loop.run();
    expect(due()).toEqual([40_000, 900_000]);
    expect(latest()).toBeLessThan(LATE_US[kind]);
  });

  it('is not kept from an instant by news of later ones', () => {
    const pacer = pacerOf(kind);
    pacer.add(new Instants('a', [20_000]));
    pacer.moved(500_000);
    pacer.add(new Instants('b', [600_000]));
    loop.run();
    expect(due()).toEqual([20_000, 600_000]);
    expect(latest()).toBeLessThan(LATE_US[kind]);
  });

  it('hears of new instants while it fires, also of sources it has passed already', () => {
    const pacer = pacerOf(kind);
    const passed = new Instants('passed', [700_000]);
    pacer.add(passed);
    let nextUs = 30_000;
    pacer.add({
      get nextUs() {
        return nextUs;
      },
      fire: () => {
        nextUs = Number.POSITIVE_INFINITY;
        passed.prepend(50_000);
        pacer.moved(50_000);
        pacer.add(new Instants('new', [60_000]));
      },
    });
    loop.run();
    expect(due()).toEqual([50_000, 60_000, 700_000]);
    expect(latest()).toBeLessThan(LATE_US[kind]);
  });

  it('is on time though all instants moved when the start became known', () => {
    let startUs = 1e12;
    const clock = { nowUs: () => loop.nowUs() - startUs };
    const pacer = new Pacer(kind, clock as unknown as RunClock);
    // Half a second from now, before and after.
    pacer.add({
      get nextUs() {
        return 500_000 - startUs;
      },
      fire: () => {},
    });
    startUs = 0;
    const source = new Instants('a', [40_000]);
    pacer.add(source);
    loop.run(() => log.length === 1);
    expect(due()).toEqual([40_000]);
    expect(latest()).toBeLessThan(LATE_US[kind]);
  });

  it('leaves alone what was removed, and fires the others', () => {
    const pacer = pacerOf(kind);
    const gone = new Instants('gone', [10_000, 30_000, 50_000]);
    pacer.add(gone);
    pacer.add(new Instants('stays', [20_000, 40_000]));
    loop.run(() => log.length === 2);
    pacer.remove(gone);
    loop.run();
    expect(log.map(({ name, dueUs }) => `${name} ${dueUs}`)).toEqual([
      'gone 10000',
      'stays 20000',
      'stays 40000',
    ]);
  });

  it('rests when nothing is left: no timer, no turn', () => {
    const pacer = pacerOf(kind);
    const source = new Instants('a', [10_000, 900_000]);
    const expectRestWithout = (last: Source) => {
      expect(loop.waiting).toBe(1);
      pacer.remove(last);
      expect(loop.waiting).toBe(0);
    };
    pacer.add(source);
    loop.run(() => log.length === 1);
    expectRestWithout(source);
    // About to fire, which a spinning pacer awaits in another way.
    source.prepend(loop.timeUs + 1_000);
    pacer.add(source);
    expectRestWithout(source);
    pacer.add(new Instants('never', []));
    expect(loop.waiting).toBe(0);
  });

  it('reaches instants that lie beyond what a timer can count', () => {
    const monthUs = 30 * 24 * 3_600 * 1e6;
    pacerOf(kind).add(new Instants('a', [monthUs]));
    loop.run();
    expect(due()).toEqual([monthUs]);
    expect(latest()).toBeLessThan(LATE_US[kind]);
    expect(Math.max(...loop.delaysMs)).toBeLessThan(2 ** 31);
  });
});

describe('on a thread with a core of its own', () => {
  it('sleeps while the next instant is far, and polls only when a timer could miss it', () => {
    pacerOf('spin').add(new Instants('a', [500_000]));
    expect([loop.delaysMs.length, loop.immediates]).toEqual([1, 0]);
    loop.turn();
    // Woken ahead of it by more than a timer may be late, and polling from then on.
    expect(loop.timeUs).toBeGreaterThan(500_000 - 2_200);
    expect(loop.timeUs).toBeLessThan(500_000);
    expect([loop.delaysMs.length, loop.immediates]).toEqual([1, 1]);
    loop.run();
    expect(loop.delaysMs.length).toBe(1);
    expect(loop.immediates).toBeGreaterThan(10);
  });
});

describe('on a shared core', () => {
  it('never polls, and wakes no more often than there is something to do', () => {
    const instants = randomInstants(4, 60, 20_000);
    pacerOf('timer').add(new Instants('a', instants));
    loop.run();
    expect(due()).toEqual(instants);
    expect(loop.immediates).toBe(0);
    expect(loop.turns).toBeLessThanOrEqual(2 * instants.length);
    expect(Math.min(...loop.delaysMs)).toBeGreaterThanOrEqual(1);
  });
});

describe('time spent polling in vain', () => {
  /** Every 3 ms something is due that takes so long. */
  function idleShare(kind: 'spin' | 'timer', workUs: number): number {
    const pacer = pacerOf(kind);
    let nextUs = 3_000;
    pacer.add({
      get nextUs() {
        return nextUs;
      },
      fire: () => {
        loop.timeUs += workUs;
        nextUs = nextUs < 900_000 ? nextUs + 3_000 : Number.POSITIVE_INFINITY;
      },
    });
    loop.run();
    return pacer.idleUs / loop.timeUs;
  }

  it('is what the loop neither slept nor worked', () => {
    // Of three milliseconds it sleeps the first, or most of it.
    expect(idleShare('spin', 0)).toBeGreaterThan(0.35);
    loop = new SimulatedLoop(1);
    expect(idleShare('spin', 2_000)).toBeCloseTo(1 / 3, 1);
    loop = new SimulatedLoop(1);
    expect(idleShare('spin', 3_000)).toBeLessThan(0.01);
  });

  it('is none where nothing is polled', () => {
    expect(idleShare('timer', 0)).toBe(0);
  });
});
