import { describe, expect, test } from 'vitest';
import { distanceBars } from '../../lib/charts/distance-bars.js';
import { type Curve, percentileCurves } from '../../lib/charts/percentile-curves.js';
import { regionGrid } from '../../lib/charts/region-grid.js';
import { worldMap } from '../../lib/charts/world-map.js';
import { coordinatesOf } from '../../lib/regions/place.js';
import * as figures from '../../lib/report/render/figures.js';
import { drawnChart } from './drawn-chart.js';
import { NAMES } from './sample-charts.js';

const options = { width: 1120, id: 'chart', figures };

describe('world map', () => {
  const regions = NAMES.slice(0, 30).map((name, i) => ({
    name,
    at: coordinatesOf(name),
    ms: 101 + i,
  }));

  test.each([1120, 350])('each of 30 regions has its value in words, at %d px', (width) => {
    const target = { name: 'berlin', at: coordinatesOf('berlin')! };
    const all = [...regions, { name: 'local', at: null, ms: 7 }];
    const svg = worldMap({ statistic: 'p99', regions: all, target }, { ...options, width });
    const texts = drawnChart(svg).texts.map(({ text }) => text);
    for (const { name, ms } of all) {
      const value = figures.time(ms);
      const beside = texts.includes(name) && texts.includes(value);
      const below = texts.some((text) => text.startsWith(`${name} ${value}`));
      expect(beside || below, name).toBe(true);
    }
    expect(texts).toContain('target: berlin');
  });

  test('a region without a value has a dot without a colour', () => {
    const one = { name: 'tokyo', at: coordinatesOf('tokyo'), ms: null };
    const svg = worldMap({ statistic: 'p99', regions: [one], target: null }, options);
    expect(svg).toContain('class="spot no-value"');
    expect(drawnChart(svg).texts.map(({ text }) => text)).toEqual(['tokyo', '–', 'no value']);
  });

  test('the land can be borrowed from another map of the page', () => {
    const data = { statistic: 'p99', regions, target: null };
    const borrowed = worldMap(data, { ...options, landId: 'first-land' });
    expect(borrowed).toContain('href="#first-land"');
    expect(worldMap(data, options).length - borrowed.length).toBeGreaterThan(10_000);
  });

  test('borrowed land is scaled once, to the width of the map that borrows it', () => {
    const data = { statistic: 'p99', regions, target: null };
    const own = worldMap(data, { ...options, width: 1000 });
    const borrowed = worldMap(data, { ...options, width: 350, landId: 'first-land' });
    expect(own).toContain('<g class="land" transform="scale(1.0000)"><path id="chart-land" d="M');
    expect(borrowed).toContain(
      '<g class="land" transform="scale(0.3500)"><use href="#first-land"/></g>',
    );
  });
});

describe('percentile curves', () => {
  const curve = (region: string | null, ms: number, end = 40): Curve => {
    const points = Array.from({ length: end }, (_, i) => ({ p: 1 - 10 ** (-i / 10), ms: ms + i }));
    return { region, latency: points, service: points };
  };
  const drawn = (curves: readonly Curve[]) => percentileCurves({ curves, objectives: [] }, options);
  const looks = (svg: string) =>
    [...svg.matchAll(/<g class="series ([a-z0-9]+)" data-region="([^"]*)"/g)].map(
      ([, look, region]) => [region, look],
    );

  test('of more than eight regions the worst three at p99 have colours', () => {
    const svg = drawn([
      curve(null, 9),
      ...NAMES.slice(0, 9).map((name, i) => curve(name, 10 * (i + 1))),
    ]);
    expect(looks(svg).filter(([, look]) => look !== 'grey')).toEqual([
      [NAMES[6], 's3'],
      [NAMES[7], 's2'],
      [NAMES[8], 's1'],
      ['', 'all'],
    ]);
    expect(drawnChart(svg).texts.map(({ text }) => text)).toContain('6 other regions, latency');
  });

  test('eight regions all have colours, signs and names', () => {
    const svg = drawn(NAMES.slice(0, 8).map((name, i) => curve(name, 10 * (i + 1))));
    expect(
      looks(svg)
        .map(([, look]) => look)
        .sort(),
    ).toEqual(Array.from({ length: 8 }, (_, i) => `s${i + 1}`));
    const texts = drawnChart(svg).texts.map(({ text }) => text);
    for (const name of NAMES.slice(0, 8)) expect(texts).toContain(name);
  });

  test('a curve ends where its points end', () => {
    const svg = drawn([curve('short', 10, 11), curve('long', 10, 40)]);
    const ends = new Map(
      [...svg.matchAll(/data-region="(\w+)">.*?<path class="curve" id="[^"]+" d="([^"]+)"/g)].map(
        ([, region, d]) => [region, endOf(d!)],
      ),
    );
    const p90 = drawnChart(svg).texts.find(({ text }) => text === 'p90')!.box;
    expect(ends.get('short')).toBeCloseTo(p90.x + p90.width / 2, 0);
    expect(ends.get('long')).toBeGreaterThan(ends.get('short')! + 300);
  });

  test('objectives of one percentile and limit share a diamond, and are told below', () => {
    const objective = { p: 0.99, limitMs: 20, ok: true };
    const svg = percentileCurves(
      {
        curves: [curve('one', 10)],
        objectives: [
          { ...objective, text: 'p99 < 20ms' },
          { ...objective, text: 'p99 < 20ms in every region', ok: false },
        ],
      },
      options,
    );
    const texts = drawnChart(svg).texts.map(({ text }) => text);
    expect(svg.match(/class="objective"/g)).toHaveLength(1);
    expect(texts).toContain('1: ✓ p99 < 20ms');
    expect(texts).toContain('1: ✕ p99 < 20ms in every region');
  });
});

test('the parts of a bar are as long as their times', () => {
  const bar = { region: 'far', distanceMs: 90, processingMs: 30, togetherMs: null, note: null };
  const svg = distanceBars({ bars: [bar] }, options);
  const [distance, processing] = [
    ...svg.matchAll(/<rect class="part-\w+" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g),
  ]
    .slice(0, 2)
    .map(([, x, width]) => ({ x: Number(x), width: Number(width) }));
  expect(distance!.width / processing!.width).toBeCloseTo(3, 1);
  expect(processing!.x).toBeGreaterThan(distance!.x + distance!.width);
});

test('where no span has answers enough for p99, the slowest answers are drawn', () => {
  const grid = (p99: number | null) =>
    regionGrid(
      {
        spanSeconds: 1,
        stages: [],
        legs: [],
        regions: [
          {
            region: 'here',
            headline: null,
            points: [0, 1].map((start) => ({ start, p50: 5, p99, max: 9 })),
          },
        ],
      },
      options,
    );
  expect(grid(null)).toContain('class="max"');
  expect(grid(7)).not.toContain('class="max"');
  expect(grid(7)).toContain('class="p99"');
});

/** Where a path of `M` and one `l` ends, from left to right. */
function endOf(d: string): number {
  const numbers = d.match(/-?(\d*\.)?\d+/g)!.map(Number);
  return numbers.filter((_, i) => i % 2 === 0).reduce((sum, x) => sum + x, 0);
}
