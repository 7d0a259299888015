import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/random.js';
import { OffsetBounds, offsetFrom } from '../../lib/load/store-clock.js';

describe('what is known of an offset', () => {
  it('always holds the truth, and is never less sure for having looked again', () => {
    const random = new Random(3);
    for (let round = 0; round < 200; round++) {
      const trueMs = (random.next() - 0.5) * 2_000;
      const tickMs = [1, 10, 1_000][random.below(3)]!;
      const bounds = new OffsetBounds();
      let beforeMs = Number.POSITIVE_INFINITY;
      let ownMs = 1_000_000 * random.next();
      for (let look = 0; look < 8; look++) {
        const askedMs = ownMs;
        const saidMs = askedMs + 60 * random.next();
        const answeredMs = saidMs + 60 * random.next();
        const atMs = Math.floor((saidMs - trueMs) / tickMs) * tickMs;
        bounds.saw(askedMs, answeredMs, { atMs, tickMs });
        const { offsetMs, uncertaintyMs } = bounds.offset!;
        expect(Math.abs(offsetMs - trueMs)).toBeLessThanOrEqual(uncertaintyMs + 1e-6);
        expect(uncertaintyMs).toBeLessThanOrEqual(beforeMs);
        beforeMs = uncertaintyMs;
        ownMs = answeredMs + 500 * random.next();
      }
    }
  });

  it('begins anew when one of the clocks was set', () => {
    const bounds = new OffsetBounds();
    bounds.saw(1_000, 1_002, { atMs: 1_000, tickMs: 1 });
    bounds.saw(2_000, 2_002, { atMs: 7_000, tickMs: 1 });
    expect(bounds.offset!.offsetMs).toBeCloseTo(-5_000, -1);
  });

  it('is nothing before the first look', () => {
    expect(new OffsetBounds().offset).toBeNull();
  });
});

describe('looking at the clock of a store', () => {
  /** Time passes by looking and waiting only. */
  function simulated(offsetMs: number, tickMs: number, roundTripMs: number) {
    let ownMs = 5_000_123;
    let looks = 0;
    const store = {
      now: async () => {
        looks++;
        ownMs += roundTripMs / 2;
        const atMs = Math.floor((ownMs - offsetMs) / tickMs) * tickMs;
        ownMs += roundTripMs / 2;
        return { atMs, tickMs };
      },
    };
    return {
      store,
      clock: { wallMs: () => ownMs++ },
      looks: () => looks,
      pass: (ms: number) => (ownMs += ms),
    };
  }

  it('takes one look at a fine one', async () => {
    const { store, clock, looks } = simulated(40, 10, 2);
    const offset = (await offsetFrom(store, clock, null, async () => {}))!;
    expect(looks()).toBe(1);
    expect(Math.abs(offset.offsetMs - 40)).toBeLessThanOrEqual(offset.uncertaintyMs);
  });

  it.each([
    [0, 80],
    [400, 80],
    [-30_000, 80],
    [2_000, 3],
    // From one end of the earth to the other.
    [-2_000, 220],
  ])(
    'knows an offset of %d ms to 150 ms from one that tells whole seconds, %d ms away',
    async (offsetMs, roundTripMs) => {
      const { store, clock, looks, pass } = simulated(offsetMs, 1_000, roundTripMs);
      const offset = (await offsetFrom(store, clock, null, async (ms) => void pass(ms)))!;
      expect(offset.uncertaintyMs).toBeLessThanOrEqual(150);
      expect(Math.abs(offset.offsetMs - offsetMs)).toBeLessThanOrEqual(offset.uncertaintyMs);
      expect(looks()).toBeGreaterThan(1);
      expect(looks()).toBeLessThanOrEqual(7);
    },
  );

  it('takes three looks where it knows nearly what it will see, and two seconds at the most', async () => {
    for (let n = 0; n < 20; n++) {
      const trueMs = 1_930 + n;
      const { store, clock, looks, pass } = simulated(trueMs, 1_000, 20 + n);
      let passedMs = 0;
      const near = { offsetMs: 1_940, uncertaintyMs: 60 };
      const offset = (await offsetFrom(store, clock, near, async (ms) => {
        passedMs += ms;
        pass(ms);
      }))!;
      expect(looks()).toBeLessThanOrEqual(3);
      expect(passedMs).toBeLessThanOrEqual(2_000);
      expect(offset.uncertaintyMs).toBeLessThanOrEqual(100);
      expect(Math.abs(offset.offsetMs - trueMs)).toBeLessThanOrEqual(offset.uncertaintyMs);
    }
  });

  it('finds out that the clock was set since', async () => {
    const { store, clock, pass } = simulated(-700, 1_000, 20);
    const near = { offsetMs: 30, uncertaintyMs: 40 };
    const offset = (await offsetFrom(store, clock, near, async (ms) => void pass(ms)))!;
    expect(Math.abs(offset.offsetMs + 700)).toBeLessThanOrEqual(offset.uncertaintyMs);
  });

  it('knows nothing of a store that does not answer', async () => {
    const store = { now: () => Promise.reject(new Error('away')) };
    const pauses: number[] = [];
    const wait = async (ms: number) => void pauses.push(ms);
    expect(await offsetFrom(store, { wallMs: () => 0 }, null, wait)).toBeNull();
    expect(pauses.length).toBeGreaterThan(1);
  });
});
