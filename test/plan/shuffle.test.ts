import { describe, expect, it } from 'vitest';
import { Shuffle, shuffleOf } from '../../lib/plan/shuffle.js';
import { freeze, makePlan, makeRequest } from '../support/schedule-plans.js';

function walk(shuffle: Shuffle, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => shuffle.startOf(from + i));
}

describe('Shuffle', () => {
  it('holds every request exactly its weight times in every block', () => {
    const shuffle = new Shuffle(1, [3, 1, 2]);
    for (let block = 0; block < 200; block++) {
      const requests = walk(shuffle, block * 6, block * 6 + 6);
      expect([...requests].sort()).toEqual([0, 0, 0, 1, 2, 2]);
    }
  });

  it('gives each of the orders of a block equally often', () => {
    const shuffle = new Shuffle(77, [1, 1, 1]);
    const seen = new Map<string, number>();
    for (let block = 0; block < 6_000; block++) {
      const order = walk(shuffle, block * 3, block * 3 + 3).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    // Five standard deviations.
    for (const count of seen.values()) expect(Math.abs(count - 1_000)).toBeLessThan(145);
  });

  it('is the same at hour nine as for one who walked there', () => {
    const walked = new Shuffle(5, [4, 3]);
    const all = walk(walked, 0, 5_000);
    expect(walk(new Shuffle(5, [4, 3]), 4_321, 5_000)).toEqual(all.slice(4_321));
  });

  it('counts what a walk counts', () => {
    const shuffle = new Shuffle(8, [2, 5, 1]);
    const counts = [0, 0, 0];
    for (let i = 0; i < 100; i++) {
      expect(new Shuffle(8, [2, 5, 1]).countsBefore(i)).toEqual(counts);
      expect(shuffle.countsBefore(i)).toEqual(counts);
      counts[shuffle.startOf(i)]!++;
    }
  });

  it('needs no more than the weights in lowest terms', () => {
    const shuffle = new Shuffle(8, [50, 50]);
    for (let i = 0; i < 100; i += 2) expect(shuffle.countsBefore(i)).toEqual([i / 2, i / 2]);
  });
});

describe('shuffleOf', () => {
  const frozen = freeze(
    makePlan({
      regions: [
        { name: 'a', share: 1, workers: 2 },
        { name: 'b', share: 1, workers: 2 },
      ],
      requests: [makeRequest('GET /', 1), makeRequest('POST /', 1)],
    }),
    { legUs: 2_000_000 },
  );
  const of = (region: string, leg: number, n: number) =>
    walk(shuffleOf(frozen, { run: frozen.run, region, leg, n, attempt: 1 }), 0, 200).join('');

  it('gives every shard an order of its own, the same in every leg', () => {
    const orders = ['a', 'b'].flatMap((region) => [0, 1].map((n) => of(region, 0, n)));
    expect(new Set(orders).size).toBe(4);
    expect(of('b', 4, 1)).toBe(of('b', 0, 1));
  });

  it('gives no region one request more than another', () => {
    // One index for region and request would give one region all GETs.
    for (const region of ['a', 'b']) {
      expect([...of(region, 0, 0)].filter((request) => request === '0')).toHaveLength(100);
    }
  });
});
