import { describe, expect, it } from 'vitest';
import { StartCeiling } from '../../lib/load/start-ceiling.js';

describe('a ceiling of starts', () => {
  it('holds nobody who stays below it', () => {
    const ceiling = new StartCeiling(10);
    for (let i = 0; i < 100; i++) expect(ceiling.take(i * 100_000)).toBe(i * 100_000);
    expect(ceiling.held).toBe(0);
  });

  it('never lets more than its number begin in any second, however many come at once', () => {
    const ceiling = new StartCeiling(50);
    const begun: number[] = [];
    for (let i = 0; i < 400; i++) begun.push(ceiling.take(Math.floor(i / 40) * 7_000));
    begun.sort((a, b) => a - b);
    for (const [i, atUs] of begun.entries()) {
      if (i >= 50) expect(atUs - begun[i - 50]!).toBeGreaterThanOrEqual(1e6);
    }
    expect(begun.at(-1)).toBeLessThan(8e6);
    expect(ceiling.held).toBe(350);
  });

  it('of less than one a second spaces them out', () => {
    const ceiling = new StartCeiling(0.5);
    expect([0, 0, 0].map((nowUs) => ceiling.take(nowUs))).toEqual([0, 2e6, 4e6]);
  });
});
