import { COUNTERS, type Counter } from '../measure/counters.js';
import { Histogram } from '../measure/histogram.js';
import { counter } from './accounts.js';
import { msOf } from './distribution.js';
import type { Evidence } from './evidence.js';
import type { Report, SeriesPoint } from './report-schema.js';

type Series = Report['series'][number];

const MOST_POINTS = 240;
const HEAT_BANDS = 24;

interface Point {
  /** In the order of COUNTERS. */
  readonly values: number[];
  readonly latency: Histogram;
}

/**
 * The run over time: all regions together and each apart, in equal spans of whole windows, few
 * enough to draw. Histograms are added, never their percentiles.
 */
export function series(evidence: Evidence): Series[] {
  const { measured, whole } = evidence;
  const spec = whole.regions.map((region) => measured.content(region)).find(Boolean)?.timeline;
  if (spec === undefined) return [];
  const endUs = lastTold(evidence);
  const windows = Math.ceil(endUs / spec.windowUs);
  const spanUs = spec.windowUs * Math.max(1, Math.ceil(windows / MOST_POINTS));
  const length = Math.ceil(endUs / spanUs);
  const apart = whole.regions.map((region) => pointsOf(evidence, region, spanUs, length));
  const together = Array.from({ length }, (_, i) => added(apart.map((points) => points[i]!)));
  const edges = heatEdges(together.map(({ latency }) => latency));
  return [
    { region: null, points: together },
    ...apart.map((points, i) => ({ region: whole.regions[i]!, points })),
  ].map(({ region, points }) => ({
    region,
    spanSeconds: spanUs / 1e6,
    edges: edges.map(msOf),
    points: points.map((point, i) => shown(point, i * spanUs, edges)),
  }));
}

/** To the end of what was run, and of what ended later. */
function lastTold({ measured, whole, ranUs }: Evidence): number {
  let endUs = ranUs;
  for (const region of whole.regions) {
    for (const { window, values } of measured.rows(region)) {
      if (values.some((value) => value !== 0)) {
        endUs = Math.max(endUs, measured.windows[window]?.endUs ?? 0);
      }
    }
  }
  return endUs;
}

function pointsOf(evidence: Evidence, region: string, spanUs: number, length: number): Point[] {
  const { measured } = evidence;
  const points = Array.from({ length }, emptyPoint);
  const place = (window: number) => Math.floor(measured.windows[window]!.startUs / spanUs);
  for (const { window, values } of measured.rows(region)) {
    const point = points[place(window)];
    if (point === undefined) continue;
    for (const [i, value] of values.entries()) point.values[i]! += value;
  }
  for (const window of measured.windows.keys()) {
    const latency = measured.window('latency', region, window);
    if (latency !== undefined) points[place(window)]?.latency.add(latency);
  }
  return points;
}

function emptyPoint(): Point {
  return { values: COUNTERS.map(() => 0), latency: new Histogram() };
}

function added(points: readonly Point[]): Point {
  const sum = emptyPoint();
  for (const { values, latency } of points) {
    for (const [i, value] of values.entries()) sum.values[i]! += value;
    sum.latency.add(latency);
  }
  return sum;
}

function shown({ values, latency }: Point, startUs: number, edges: readonly number[]): SeriesPoint {
  const of = (name: Counter) => counter(values, name);
  const percentile = (hundredths: number) =>
    latency.supports(hundredths) ? msOf(latency.percentileUs(hundredths)) : null;
  return {
    start: startUs / 1e6,
    scheduled: of('scheduled'),
    ok: of('ok'),
    failed: of('failed'),
    cut: of('cutDeadline') + of('cutStop'),
    dropped: of('droppedGenerator') + of('droppedTarget'),
    ended: of('ended'),
    endedFailed: of('endedFailed'),
    p50: percentile(5000),
    p99: percentile(9900),
    max: latency.count === 0 ? null : msOf(latency.maxUs),
    heat: heat(latency, edges),
  };
}

/** Bands of equal ratio from the fastest answer of the run to the slowest. */
function heatEdges(latencies: readonly Histogram[]): number[] {
  const filled = latencies.filter(({ count }) => count > 0);
  const minUs = Math.max(1, Math.min(...filled.map((latency) => latency.minUs)));
  const maxUs = Math.max(minUs, ...filled.map((latency) => latency.maxUs));
  if (filled.length === 0) return Array.from({ length: HEAT_BANDS + 1 }, () => 0);
  return Array.from({ length: HEAT_BANDS + 1 }, (_, i) =>
    Math.round(minUs * (maxUs / minUs) ** (i / HEAT_BANDS)),
  );
}

/** Every answer is in one band: the fastest belong to the first. */
function heat(latency: Histogram, edges: readonly number[]): number[] {
  const above = edges.map((edge) => latency.countAbove(edge));
  above[0] = latency.count;
  return above.slice(0, -1).map((n, i) => n - above[i + 1]!);
}
