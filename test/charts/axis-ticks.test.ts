import { expect, test } from 'vitest';
import { linearTicks, logDomain, logTicks, timeTicks } from '../../lib/charts/axis-ticks.js';
import { linearScale, logScale, nines } from '../../lib/charts/scales.js';
import { tickShare, tickTime } from '../../lib/charts/tick-text.js';
import * as figures from '../../lib/report/render/figures.js';
import { draws } from './sample-charts.js';

test.each([
  [236, 7, [0, 50, 100, 150, 200, 250]],
  [1, 4, [0, 0.5, 1]],
  [0.0031, 3, [0, 0.002, 0.004]],
  [0, 4, [0, 0.5, 1]],
])('a linear axis up to %d', (max, most, ticks) => {
  expect(linearTicks(max, most)).toEqual(ticks);
});

test.each([
  [
    [12, 480],
    [10, 500],
  ],
  [
    [20, 20],
    [10, 50],
  ],
  [
    [100, 100],
    [50, 200],
  ],
  [[], [1, 10]],
  [
    [0, 3],
    [2, 5],
  ],
  [
    [1e-3, 3.6e6],
    [1e-3, 5e6],
  ],
])('%j lies between round numbers', (values, domain) => {
  expect(logDomain(values)).toEqual(domain);
});

test.each([
  [[10, 500], 9, [10, 20, 50, 100, 200, 500]],
  [[10, 500], 4, [10, 100]],
  [[20, 500], 2, [20, 200]],
  [[1e-3, 1e6], 5, [1e-3, 0.1, 10, 1000, 1e5]],
  [[112, 188], 6, [120, 140, 160, 180]],
] as const)('an axis by ratio over %j with at most %d lines', (domain, most, ticks) => {
  expect(logTicks(domain, most)).toEqual(ticks);
});

test.each([
  [600, 10, [0, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600]],
  [36_000, 5, [0, 7200, 14_400, 21_600, 28_800, 36_000]],
  [1, 3, [0, 0.5, 1]],
  [0, 3, [0]],
])('%d seconds with about %d lines', (end, most, ticks) => {
  expect(timeTicks(end, most)).toEqual(ticks);
});

test('ticks lie in their domain, rise, and are as few as was asked', () => {
  const draw = draws(3);
  for (let i = 0; i < 2000; i++) {
    const values = [10 ** (draw() * 12 - 4), 10 ** (draw() * 12 - 4)];
    const domain = logDomain(values);
    const most = 2 + Math.floor(draw() * 10);
    const ticks = logTicks(domain, most);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThanOrEqual(most + 1);
    for (const [j, tick] of ticks.entries()) {
      expect(tick).toBeGreaterThanOrEqual(domain[0]);
      expect(tick).toBeLessThanOrEqual(domain[1]);
      if (j > 0) expect(tick).toBeGreaterThan(ticks[j - 1]!);
    }
  }
});

test('scales keep to their ends, and one value is not divided by', () => {
  const linear = linearScale([0, 10], [100, 200]);
  expect([-1, 0, 5, 10, 11].map(linear)).toEqual([100, 100, 150, 200, 200]);
  const log = logScale([1, 100], [200, 0]);
  expect([0, 1, 10, 100, 1e9].map(log)).toEqual([200, 200, 100, 0, 0]);
  expect(linearScale([5, 5], [1, 2])(5)).toBe(1);
  expect(logScale([5, 5], [1, 2])(5)).toBe(1);
});

test('each nine of a percentile is as far as the one before', () => {
  expect([0, 0.9, 0.99, 0.999].map((p) => Number(nines(p).toFixed(9)))).toEqual([0, 1, 2, 3]);
});

test.each([
  [0, '0'],
  [20, '20 ms'],
  [100, '100 ms'],
  [2.5, '2.5 ms'],
  [1000, '1 s'],
  [0.2, '200 µs'],
  [2e6, '2,000 s'],
])('%d ms on an axis reads %s', (ms, text) => {
  expect(tickTime(ms, figures)).toBe(text);
});

test.each([
  [0, '0'],
  [0.1, '10 %'],
  [0.005, '0.5 %'],
  [1, '100 %'],
])('%d on an axis of shares reads %s', (share, text) => {
  expect(tickShare(share, figures)).toBe(text);
});
