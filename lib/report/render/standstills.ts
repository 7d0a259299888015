import type { Report } from '../report-schema.js';

/** A stretch of the run in which answers took many times as long as they do otherwise. */
export interface Standstill {
  /** Seconds after the start. */
  readonly start: number;
  readonly end: number;
  readonly longestMs: number;
}

/** Slower than the region's typical answer by so much, and by enough for a person to notice. */
const TIMES_SLOWER = 10;
const LEAST_MS = 300;

/** When a region's answers stood still, after the warm-up; neighbouring spans are one stretch. */
export function standstills({ run, series }: Report, region: string): Standstill[] {
  const own = series.find((one) => one.region === region);
  if (own === undefined) return [];
  const from = Math.max(0, ...run.stages.filter(({ warmup }) => warmup).map(({ end }) => end));
  const points = own.points.filter(({ start }) => start >= from);
  const medians = points.flatMap(({ p50 }) => p50 ?? []).sort((a, b) => a - b);
  const typical = medians[medians.length >> 1];
  if (typical === undefined) return [];
  const limit = Math.max(LEAST_MS, TIMES_SLOWER * typical);
  const found: Standstill[] = [];
  for (const { start, max } of points) {
    if (max === null || max < limit) continue;
    const end = start + own.spanSeconds;
    const before = found.at(-1);
    if (before === undefined || before.end < start) found.push({ start, end, longestMs: max });
    else found.push({ ...found.pop()!, end, longestMs: Math.max(before.longestMs, max) });
  }
  return found;
}
