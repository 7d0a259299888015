import { describe, expect, test } from 'vitest';
import { placed, spread, thinned } from '../../lib/charts/label-layout.js';
import { boxOf, shortened, type TextLabel, widthOf } from '../../lib/charts/text-label.js';
import { draws } from './sample-charts.js';

describe('spread', () => {
  test('what has room stays where it is', () => {
    expect(spread([10, 40, 90], 15, [0, 100])).toEqual([10, 40, 90]);
  });

  test('what is too near parts evenly, in its order', () => {
    expect(spread([50, 50, 50], 10, [0, 100])).toEqual([40, 50, 60]);
    expect(spread([52, 48], 10, [0, 100])).toEqual([55, 45]);
  });

  test('nothing leaves the line', () => {
    expect(spread([1, 2], 10, [0, 100])).toEqual([0, 10]);
    expect(spread([99, 98], 10, [0, 100])).toEqual([100, 90]);
  });

  test('more than there is room for lie closer', () => {
    expect(spread([5, 5, 5], 10, [0, 10])).toEqual([0, 5, 10]);
  });

  test('distances and bounds hold for any wishes', () => {
    const draw = draws(9);
    for (let i = 0; i < 500; i++) {
      const n = 1 + Math.floor(draw() * 20);
      const wanted = Array.from({ length: n }, () => draw() * 300);
      const positions = spread(wanted, 15, [0, 300]);
      const sorted = [...positions].sort((a, b) => a - b);
      expect(sorted[0]).toBeGreaterThanOrEqual(-1e-9);
      expect(sorted.at(-1)).toBeLessThanOrEqual(300 + 1e-9);
      for (const [j, at] of sorted.entries()) {
        if (j > 0) expect(at - sorted[j - 1]!).toBeGreaterThanOrEqual(15 - 1e-9);
      }
      const byWish = wanted.map((_, j) => j).sort((a, b) => wanted[a]! - wanted[b]! || a - b);
      expect(byWish.map((j) => positions[j])).toEqual(sorted);
    }
  });
});

const at = (x: number, text = 'region'): TextLabel => ({ text, x, y: 20, style: 'body' });
const BOUNDS = { x: 0, y: 0, width: 200, height: 40 };

test('who comes first has the place, the next one takes its second choice or none', () => {
  const things = [[[at(10)]], [[at(12)], [at(100)]], [[at(14)], [at(190)]]];
  expect(placed(things, BOUNDS, [])).toEqual([[at(10)], [at(100)], null]);
});

test('a label keeps clear of what was there before', () => {
  expect(placed([[[at(10)]]], BOUNDS, [boxOf(at(10))])).toEqual([null]);
});

test('of labels on an axis those that are too near are left out, and do not drive out others', () => {
  expect(thinned([at(0), at(20), at(60)], BOUNDS)).toEqual([at(0), at(60)]);
});

test('a text that is too long is cut, and its whole can be pointed at', () => {
  const { text, whole } = shortened('a-very-long-name-of-a-region', 'body', 80);
  expect(text).toMatch(/^a-very.*…$/);
  expect(widthOf(text, 'body')).toBeLessThanOrEqual(80);
  expect(whole).toBe('a-very-long-name-of-a-region');
  expect(shortened('short', 'body', 80)).toEqual({ text: 'short' });
  expect(shortened('any', 'body', 2)).toEqual({ text: '', whole: 'any' });
});
