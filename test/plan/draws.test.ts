import { describe, expect, it } from 'vitest';
import { type DrawKey, Draws, drawKey } from '../../lib/plan/draws.js';

/** By seed, then what names the worker, then the iteration. */
function drawn(count: number, seed: number, whose: readonly number[], ordinal: number): number[] {
  const draws = new Draws();
  draws.begin(drawKey(seed, ...whose), ordinal);
  return Array.from({ length: count }, () => draws.next());
}

describe('what an iteration draws', () => {
  it('is the same each time, whatever was drawn before', () => {
    const draws = new Draws();
    draws.begin(drawKey(1, 2), 3);
    draws.next();
    draws.begin(drawKey(7, 8), 9);
    expect([draws.next(), draws.next()]).toEqual(drawn(2, 7, [8], 9));
    // Pinned: a run with the same seed sends the same.
    expect(drawn(3, 7, [8], 9)).toEqual([3026245314, 2951539537, 2999517807]);
  });

  it('is of 32 bits, each of them as often set as not', () => {
    const counts = new Array<number>(32).fill(0);
    const numbers = drawn(20_000, 42, [0, 0, 0], 0);
    for (const number of numbers) {
      expect(Number.isInteger(number) && number >= 0 && number < 2 ** 32).toBe(true);
      for (let bit = 0; bit < 32; bit++) counts[bit]! += (number >>> bit) & 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('is of its own: of half a million iterations of 12,000 workers no two begin alike', () => {
    const draws = new Draws();
    const words = new Set<number>();
    const ids = new Set<number | bigint>();
    let sameWord = 0;
    let sameId = 0;
    for (let worker = 0; worker < 12_000; worker++) {
      const key = drawKey(5, worker % 30, Math.floor(worker / 30) % 10, Math.floor(worker / 300));
      for (let i = 0; i < 40; i++) {
        // As far apart as a long run takes them.
        draws.begin(key, i < 20 ? i : i * 50_000);
        const [first, second] = [draws.next(), draws.next()];
        if (words.has(first)) sameWord++;
        words.add(first);
        const id = (BigInt(first) << 32n) | BigInt(second);
        if (ids.has(id)) sameId++;
        ids.add(id);
      }
    }
    // Of 64 bits chance has none alike; of 32 about 27 of 480,000 are, as they must be.
    expect(sameId).toBe(0);
    expect(sameWord).toBeGreaterThan(5);
    expect(sameWord).toBeLessThan(80);
  });

  it('differs between workers that any 32 bits of its key would take for one', () => {
    const keys = Array.from({ length: 300_000 }, (_, worker) =>
      drawKey(5, worker % 30, Math.floor(worker / 30)),
    );
    const draws = new Draws();
    const beginning = (key: DrawKey) => {
      draws.begin(key, 0);
      return [draws.next(), draws.next()];
    };
    for (const which of [0, 1, 2, 3]) {
      const known = new Map<number, DrawKey>();
      let alike = 0;
      for (const key of keys) {
        const other = known.get(key[which]!);
        known.set(key[which]!, key);
        if (other === undefined) continue;
        alike++;
        expect(beginning(other)).not.toEqual(beginning(key));
      }
      expect(alike).toBeGreaterThan(0);
    }
  });

  it('differs with each part of what tells it apart, and with their order', () => {
    const streams: readonly (readonly [number, readonly number[], number])[] = [
      [0, [0, 0, 0], 0],
      [1, [0, 0, 0], 0],
      [0, [1, 0, 0], 0],
      [0, [0, 1, 0], 0],
      [0, [0, 0, 1], 0],
      [0, [0, 0, 0], 1],
      [0, [0, 0], 0],
      [1, [1, 0, 0], 0],
      [0, [1, 1, 0], 0],
      [0, [0, 1, 1], 0],
      [0, [0, 0, 1], 1],
    ];
    const texts = streams.map((of) => drawn(4, ...of).join());
    expect(new Set(texts).size).toBe(streams.length);
  });
});
