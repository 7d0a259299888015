import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { Pacer, type Source } from '../../lib/load/pacer.js';
import { RunClock } from '../../lib/load/run-clock.js';
import { ThreadHealth } from '../../lib/load/thread-health.js';
import type { Health } from '../../lib/measure/health.js';

/** Due every millisecond, and at work for a part of it. */
class Work implements Source {
  nextUs: number;
  readonly #clock: RunClock;
  readonly #forUs: number;

  constructor(clock: RunClock, forUs: number) {
    this.#clock = clock;
    this.#forUs = forUs;
    this.nextUs = clock.nowUs();
  }

  fire(): void {
    const untilUs = this.#clock.nowUs() + this.#forUs;
    while (this.#clock.nowUs() < untilUs);
    this.nextUs = Math.max(this.nextUs + 1_000, this.#clock.nowUs());
  }
}

interface Watched {
  readonly health: Health;
  /** What the loop itself calls its utilization: a loop that is polled is never idle to it. */
  readonly utilization: number;
}

async function watched(
  kind: 'spin' | 'timer',
  workUs: number,
  during: () => void = () => {},
): Promise<Watched> {
  const clock = new RunClock();
  const pacer = new Pacer(kind, clock);
  const work = new Work(clock, workUs);
  const tell = new ThreadHealth(clock, pacer).watch(0, 1_050);
  const before = performance.eventLoopUtilization();
  pacer.add(work);
  setTimeout(during, 500);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  pacer.remove(work);
  return {
    health: tell(),
    utilization: performance.eventLoopUtilization(before).utilization,
  };
}

/** A thread that others keep from its core is late, not idle: such a round says nothing. */
async function quietly(kind: 'spin' | 'timer', workUs: number): Promise<Watched> {
  for (let round = 0; round < 10; round++) {
    const seen = await watched(kind, workUs);
    if (seen.health.delay!.p99Us <= 10_000) return seen;
  }
  throw new Error('machine too noisy');
}

describe('a load thread', () => {
  it('is not busy for polling in vain, whatever the loop calls it', async () => {
    const idle = await quietly('spin', 0);
    const half = await quietly('spin', 500);
    expect(idle.utilization).toBeGreaterThan(0.9);
    expect(idle.health.busy!.share).toBeLessThan(idle.utilization / 2);
    expect(half.health.busy!.share).toBeGreaterThan(idle.health.busy!.share + 0.2);
  }, 60_000);

  it('is fully busy when there is always something to do', async () => {
    const { health } = await watched('spin', 1_000);
    expect(health.busy!.share).toBeGreaterThan(0.95);
  });

  it('that stands still for 300 ms of its second shows it, polled or not', async () => {
    const standstill = () => {
      const untilMs = performance.now() + 300;
      while (performance.now() < untilMs);
    };
    for (const kind of ['spin', 'timer'] as const) {
      const { health } = await watched(kind, 0, standstill);
      // One instant in a hundred: of some 105 the second.
      expect(health.delay!.p99Us).toBeGreaterThan(250_000);
    }
  });

  it('that stands still to its very end shows that as well', async () => {
    const clock = new RunClock();
    const tell = new ThreadHealth(clock, new Pacer('timer', clock)).watch(0, 60_000);
    await new Promise((resolve) => setTimeout(resolve, 900));
    const untilMs = performance.now() + 300;
    while (performance.now() < untilMs);
    expect(tell().delay!.p99Us).toBeGreaterThan(250_000);
  });

  it('tells of its garbage and its memory', async () => {
    const kept: unknown[] = [];
    const { health } = await watched('timer', 0, () => {
      for (let i = 0; i < 300_000; i++) kept.push({ i });
    });
    expect(kept.length).toBe(300_000);
    expect(health.gc.count).toBeGreaterThan(0);
    expect(health.gc.longestUs).toBeGreaterThan(0);
    expect(health.gc.totalUs).toBeGreaterThanOrEqual(health.gc.longestUs);
    expect(health.memory.rssBytes).toBeGreaterThan(health.memory.heapBytes);
    expect(health.memory.heapBytes).toBeGreaterThan(300_000 * 16);
  });

  it('whose shard ended at once has nothing to tell of windows', () => {
    const clock = new RunClock();
    const tell = new ThreadHealth(clock, new Pacer('timer', clock)).watch(60_000, 60_000);
    expect(tell()).toMatchObject({ delay: null, busy: null, gc: { count: 0 } });
  });

  it('that drains for long after its last arrival counts as busy as its load made it', async () => {
    const clock = new RunClock();
    const pacer = new Pacer('spin', clock);
    const work = new Work(clock, 1_000);
    const tell = new ThreadHealth(clock, pacer).watch(0, 1_050);
    pacer.add(work);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    pacer.remove(work);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(tell().busy!.share).toBeGreaterThan(0.95);
  });
});
