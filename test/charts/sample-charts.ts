import type { ChartOptions } from '../../lib/charts/chart.js';
import { distanceBars } from '../../lib/charts/distance-bars.js';
import { type HeatData, heatMap } from '../../lib/charts/heat-map.js';
import { type PercentileData, percentileCurves } from '../../lib/charts/percentile-curves.js';
import { PHASES, phaseBars } from '../../lib/charts/phase-bars.js';
import { regionGrid } from '../../lib/charts/region-grid.js';
import { shareBar } from '../../lib/charts/share-bar.js';
import { worldMap } from '../../lib/charts/world-map.js';
import { AWS_REGIONS } from '../../lib/regions/aws-regions.js';
import { coordinatesOf } from '../../lib/regions/place.js';
import * as figures from '../../lib/report/render/figures.js';

/** Draws from 0 to 1, the same for a seed. */
export function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** zlib's format without compression, so that goldens do not depend on who compresses. */
export function stored(bytes: Uint8Array): Uint8Array {
  const parts: number[] = [0x78, 0x01];
  for (let at = 0; at < bytes.length || at === 0; at += 65_535) {
    const block = bytes.subarray(at, at + 65_535);
    const size = block.length;
    const last = at + 65_535 >= bytes.length ? 1 : 0;
    parts.push(last, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255, ...block);
  }
  let [a, b] = [1, 0];
  for (const byte of bytes) [a, b] = [(a + byte) % 65_521, (a + byte + b) % 65_521];
  return Uint8Array.from([...parts, b >> 8, b & 255, a >> 8, a & 255]);
}

export const NAMES = Object.keys(AWS_REGIONS);

/** Everything that a set of charts is drawn from. */
export interface Sample {
  readonly names: readonly string[];
  /** About how long things take, and how far apart the regions are. */
  readonly baseMs: number;
  readonly ratio: number;
  /** Chance that a value is withheld. */
  readonly withheld: number;
  readonly spans: number;
  readonly stages: number;
  readonly legs: number;
  readonly objectives: number;
  readonly seed: number;
}

export const CHARTS = [
  'world-map',
  'distance-bars',
  'phase-bars',
  'percentiles',
  'heat-map',
  'region-grid',
] as const;
export type ChartName = (typeof CHARTS)[number];

export function drawChart(
  chart: ChartName,
  sample: Sample,
  width: number,
  id: string = chart,
): string {
  const options: ChartOptions = { width, id, figures };
  const draw = draws(sample.seed);
  const { names, baseMs, ratio, withheld, objectives } = sample;
  const ms = () => baseMs * ratio ** draw();
  const maybe = () => (draw() < withheld ? null : ms());
  switch (chart) {
    case 'world-map': {
      const at = coordinatesOf(names[0] ?? '');
      return worldMap(
        {
          statistic: 'p99 latency',
          regions: names.map((name) => ({ name, at: coordinatesOf(name), ms: maybe() })),
          target: at === null ? null : { name: names[0]!, at },
        },
        options,
      );
    }
    case 'distance-bars':
      return distanceBars(
        {
          bars: names.map((region, i) => ({
            region,
            distanceMs: maybe(),
            processingMs: maybe(),
            togetherMs: i % 7 === 3 ? ms() : null,
            note: i % 5 === 2 ? 'to the edge (cloudflare)' : null,
          })),
        },
        options,
      );
    case 'phase-bars':
      return phaseBars(
        {
          bars: names.map((region) => ({
            region,
            ms: Object.fromEntries(
              PHASES.flatMap((phase) => (draw() < withheld ? [] : [[phase, ms()]])),
            ),
          })),
        },
        options,
      );
    case 'percentiles': {
      const regions: (string | null)[] = names.length > 1 ? [null, ...names] : [...names];
      const data: PercentileData = {
        curves: regions.map((region) => {
          const [fast, slow] = [ms(), ms()];
          const end = draw() < withheld ? 0 : 10 + Math.floor(draw() * 30);
          const points = Array.from({ length: end }, (_, i) => ({
            p: 1 - 10 ** (-i / 10),
            ms: fast * (1 + slow / baseMs) ** (i / 20),
          }));
          return {
            region,
            latency: points,
            service: points.map(({ p, ms }) => ({ p, ms: ms * 0.9 })),
          };
        }),
        objectives: Array.from({ length: objectives }, () => ({
          p: [0.5, 0.9, 0.95, 0.99, 0.999][Math.floor(draw() * 5)]!,
          limitMs: ms() * 2,
          text: `p9 < ${Math.round(draw() * 1000)}ms of "POST /a/rather/long/path" in every region`,
          ok: [true, false, null][Math.floor(draw() * 3)]!,
        })),
      };
      return percentileCurves(data, options);
    }
    case 'heat-map':
      return heatMap(overTime(sample, draw), { ...options, deflate: stored });
    case 'region-grid': {
      const { spanSeconds, points, stages, legs } = overTime(sample, draw);
      const regions = names.map((region) => ({
        region,
        headline: draw() < withheld ? null : `p99 ${figures.time(ms())}`,
        points: points.map(({ start }) => ({ start, p50: maybe(), p99: maybe(), max: maybe() })),
      }));
      return regionGrid({ spanSeconds, regions, stages, legs }, options);
    }
  }
}

function overTime(
  { baseMs, ratio, withheld, spans, stages, legs }: Sample,
  draw: () => number,
): HeatData {
  const ms = () => baseMs * ratio ** draw();
  const maybe = () => (draw() < withheld ? null : ms());
  const spanSeconds = 5;
  const end = spans * spanSeconds;
  const cut = (parts: number) =>
    Array.from({ length: parts }, (_, i) => ({
      start: (end * i) / parts,
      end: (end * (i + 1)) / parts,
    }));
  return {
    spanSeconds,
    edges: Array.from({ length: 25 }, (_, i) => baseMs * ratio ** (i / 24)),
    points: Array.from({ length: spans }, (_, i) => ({
      start: i * spanSeconds,
      scheduled: 1000,
      failed: draw() < 0.2 ? Math.floor(draw() * 100) : 0,
      cut: i === spans - 1 ? 3 : 0,
      dropped: draw() < 0.1 ? Math.floor(draw() * 50) : 0,
      p50: maybe(),
      p99: maybe(),
      heat: Array.from({ length: 24 }, () => (draw() < 0.4 ? 0 : Math.floor(draw() * 200))),
    })),
    stages: cut(stages).map((stage, i) => ({
      ...stage,
      title: `stage ${i} of many`,
      warmup: i === 0,
    })),
    legs: cut(legs),
  };
}

export function drawShareBar(id: string): string {
  return shareBar(
    [
      { name: 'ok', value: 9000, kind: 'ok' },
      { name: 'failed', value: 1, kind: 'failed' },
      { name: 'dropped', value: 400, kind: 'dropped' },
      { name: 'lost', value: 0, kind: 'lost' },
    ],
    { width: 300, height: 12, id, title: '9,000 of 9,401 answers were good' },
  );
}
