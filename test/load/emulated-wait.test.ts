import { describe, expect, it } from 'vitest';
import { connectWaitUs, exchangeWaitUs, shardSeed } from '../../lib/load/emulated-wait.js';

const distance = (over = {}) => ({ roundTripUs: 80_000, jitterUs: 0, loss: 0, ...over });
const DRAWS = 20_000;
const draws = (draw: (n: number) => number) => Array.from({ length: DRAWS }, (_, n) => draw(n));
const share = (waits: readonly number[], of: (us: number) => boolean) =>
  waits.filter(of).length / waits.length;

describe('without jitter and loss', () => {
  it('every connect and every exchange waits one round trip, no more', () => {
    expect(new Set(draws((n) => connectWaitUs(distance(), 1, n)))).toEqual(new Set([80_000]));
    expect(new Set(draws((n) => exchangeWaitUs(distance(), 1, n)))).toEqual(new Set([80_000]));
  });
});

describe('jitter', () => {
  const waits = draws((n) => exchangeWaitUs(distance({ jitterUs: 5_000 }), 7, n));

  it('only adds, whole microseconds below what the plan gives, evenly', () => {
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(80_000);
    expect(Math.max(...waits)).toBeLessThan(85_000);
    expect(waits.every(Number.isInteger)).toBe(true);
    for (let part = 0; part < 5; part++) {
      const within = (us: number) => Math.floor((us - 80_000) / 1_000) === part;
      expect(Math.abs(share(waits, within) - 0.2)).toBeLessThan(0.015);
    }
  });

  it('leaves connects alone: the round trip stays what it is', () => {
    expect(new Set(draws((n) => connectWaitUs(distance({ jitterUs: 5_000 }), 7, n)))).toEqual(
      new Set([80_000]),
    );
  });
});

describe('loss', () => {
  it.each([
    [80_000, 200_000],
    [140_000, 280_000],
  ])('of an exchange at %i µs costs %i µs more, with the given probability', (rtt, more) => {
    const waits = draws((n) => exchangeWaitUs(distance({ roundTripUs: rtt, loss: 0.02 }), 3, n));
    expect(new Set(waits)).toEqual(new Set([rtt, rtt + more]));
    expect(Math.abs(share(waits, (us) => us > rtt) - 0.02)).toBeLessThan(0.005);
  });

  it('of a connect costs a second', () => {
    const waits = draws((n) => connectWaitUs(distance({ loss: 0.02 }), 3, n));
    expect(new Set(waits)).toEqual(new Set([80_000, 1_080_000]));
    expect(Math.abs(share(waits, (us) => us > 80_000) - 0.02)).toBeLessThan(0.005);
  });

  it('is drawn apart from jitter: what is lost has jitter like all others', () => {
    const waits = draws((n) => exchangeWaitUs(distance({ jitterUs: 1_000, loss: 0.1 }), 5, n));
    const lost = waits.filter((us) => us >= 280_000);
    const mean = lost.reduce((sum, us) => sum + us - 280_000, 0) / lost.length;
    expect(Math.abs(mean - 500)).toBeLessThan(50);
  });

  it('of everything loses everything, of nothing nothing', () => {
    expect(
      share(
        draws((n) => connectWaitUs(distance({ loss: 1 }), 3, n)),
        (us) => us > 8e4,
      ),
    ).toBe(1);
    expect(
      share(
        draws((n) => connectWaitUs(distance(), 3, n)),
        (us) => us > 8e4,
      ),
    ).toBe(0);
  });
});

describe('the seed', () => {
  const rough = distance({ jitterUs: 5_000, loss: 0.01 });
  const waits = (seed: number) => draws((n) => exchangeWaitUs(rough, seed, n));

  it('repeats every wait', () => {
    expect(waits(11)).toEqual(waits(11));
    expect(waits(11)).not.toEqual(waits(12));
  });

  it('of a shard differs from that of every other shard, and stays the same', () => {
    const seeds = new Set<number>();
    for (let region = 0; region < 30; region++) {
      for (let leg = 0; leg < 3; leg++) {
        for (let n = 0; n < 10; n++) seeds.add(shardSeed(42, region, leg, n));
      }
    }
    expect(seeds.size).toBe(900);
    expect(shardSeed(42, 3, 1, 2)).toBe(shardSeed(42, 3, 1, 2));
  });
});
