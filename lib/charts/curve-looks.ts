import { SERIES } from './palette.js';

export interface CurvePoint {
  /** A fraction from 0 to below 1: 0.99 is p99. */
  readonly p: number;
  readonly ms: number;
}

export interface Curve {
  /** null: all regions together. */
  readonly region: string | null;
  /** Rising in p; it ends where the sample no longer supports it. */
  readonly latency: readonly CurvePoint[];
  readonly service: readonly CurvePoint[];
}

/** How a curve is drawn, and who it is. */
export interface CurveLook {
  readonly curve: Curve;
  readonly name: string;
  /** Of SERIES, from 0; null: all together, or one of many in grey. */
  readonly series: number | null;
  readonly grey: boolean;
}

/** With more of them, only the worst have a colour. */
const MOST_COLOURED = SERIES.length;
const WORST = 3;
const RANKED_AT = 0.99;

/** In the order in which they are drawn: what matters most comes last and lies on top. */
export function curveLooks(curves: readonly Curve[]): CurveLook[] {
  const filled = curves.filter(({ latency }) => latency.length > 0);
  const regions = filled.filter(({ region }) => region !== null);
  const all = filled.filter(({ region }) => region === null);
  const many = regions.length > MOST_COLOURED;
  const worst = many
    ? [...regions]
        .sort((a, b) => msAt(b.latency, RANKED_AT) - msAt(a.latency, RANKED_AT))
        .slice(0, WORST)
    : regions;
  const grey = regions.filter((curve) => !worst.includes(curve));
  return [
    ...grey.map((curve) => ({ curve, name: curve.region!, series: null, grey: true })),
    ...worst
      .map((curve, series) => ({ curve, name: curve.region!, series, grey: false }))
      .reverse(),
    ...all.map((curve) => ({ curve, name: 'all regions', series: null, grey: false })),
  ];
}

/** Between two points by ratio; beyond the last one, the last one. */
export function msAt(points: readonly CurvePoint[], p: number): number {
  const after = points.findIndex((point) => point.p >= p - 1e-12);
  if (after < 0) return points.at(-1)?.ms ?? 0;
  const b = points[after]!;
  const a = points[after - 1];
  if (a === undefined || b.p - a.p < 1e-12 || !(a.ms > 0) || Math.abs(b.p - p) < 1e-12) return b.ms;
  // On the scale on which the line is drawn: nines to the right, logarithms upwards.
  const share = Math.log((1 - a.p) / (1 - p)) / Math.log((1 - a.p) / (1 - b.p));
  return a.ms * (b.ms / a.ms) ** share;
}
