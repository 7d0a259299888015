import { describe, expect, it } from 'vitest';
import { hash, STREAM, uniform } from '../../lib/plan/random.js';

describe('hash', () => {
  it('is MurmurHash3, by the values of an independent implementation', () => {
    expect(hash(0, STREAM.arrivalCount, 0, 0)).toBe(3_563_421_123);
    expect(hash(1, STREAM.arrivalInstant, 2, 3)).toBe(3_761_524_838);
    expect(hash(0xffffffff, STREAM.think, 0xffffffff, 0xffffffff)).toBe(1_960_641_095);
  });

  it.each([
    ['a', (i: number) => uniform(42, STREAM.think, i, 7)],
    ['b', (i: number) => uniform(42, STREAM.think, 7, i)],
    ['the seed', (i: number) => uniform(i, STREAM.think, 7, 7)],
  ])('spreads evenly over [0, 1) as %s counts up', (_, draw) => {
    const cells = new Array<number>(100).fill(0);
    const pairs = new Array<number>(100).fill(0);
    for (let i = 0; i < 100_000; i++) {
      cells[Math.floor(draw(i) * 100)]!++;
      pairs[Math.floor(draw(2 * i) * 10) * 10 + Math.floor(draw(2 * i + 1) * 10)]!++;
    }
    // χ² with 99 degrees of freedom is above 160 once in 10,000.
    for (const seen of [cells, pairs]) {
      expect(seen.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)).toBeLessThan(160);
    }
  });

  it('has streams that know nothing of each other', () => {
    let both = 0;
    for (let i = 0; i < 100_000; i++) {
      if (uniform(1, STREAM.think, i, 0) < 0.5 === uniform(1, STREAM.shuffle, i, 0) < 0.5) both++;
    }
    expect(Math.abs(both - 50_000)).toBeLessThan(5 * Math.sqrt(25_000));
  });
});
