import { linearTicks } from './axis-ticks.js';
import type { ChartFigures } from './chart.js';
import type { KeyEntry } from './chart-key.js';
import { type Hatch, hatched, hatchKey, hatchPatterns } from './hatch.js';
import { element, px } from './markup.js';
import { linearScale } from './scales.js';
import { draw } from './text-label.js';
import { tickShare } from './tick-text.js';
import type { TimePlot } from './time-marks.js';

/** What became of the requests of one span of time. */
export interface FailurePoint {
  readonly start: number;
  readonly scheduled: number;
  readonly failed: number;
  /** Cut by the end of the run. */
  readonly cut: number;
  readonly dropped: number;
}

const KINDS = [
  { kind: 'failed', title: 'failed', hatch: 'plain' },
  { kind: 'dropped', title: 'dropped, never begun', hatch: 'rising' },
  { kind: 'cut', title: 'cut by the end', hatch: 'level' },
] as const satisfies readonly { kind: string; title: string; hatch: Hatch }[];

/** Which share of the requests of each span had no good answer, as bars below a plot over time. */
export function failureStrip(
  points: readonly FailurePoint[],
  spanSeconds: number,
  plot: TimePlot,
  { id, figures }: { readonly id: string; readonly figures: ChartFigures },
): string {
  const { left, right, top, bottom, xOf } = plot;
  const base = element('path', { class: 'base', d: `M${px(left)} ${px(bottom)}H${px(right)}` });
  const most = Math.max(0, ...points.map((point) => shareOf(point, bad(point))));
  if (most === 0) {
    const text = 'no request failed, was dropped or cut';
    return base + draw({ text, x: left + 4, y: bottom - 6, style: 'axis' });
  }
  const end = Math.min(1, linearTicks(most, 3).at(-1)!);
  const scale = linearScale([0, end], [bottom, top]);
  const bars = KINDS.map((kind, i) => {
    const d = points
      .filter((point) => point[kind.kind] > 0)
      .map((point) => {
        const below = KINDS.slice(0, i).reduce((sum, other) => sum + point[other.kind], 0);
        const from = scale(shareOf(point, below));
        // What is not nothing can be seen.
        const height = Math.max(1, from - scale(shareOf(point, below + point[kind.kind])));
        const x = xOf(point.start);
        const width = Math.max(0.8, xOf(point.start + spanSeconds) - x);
        return `M${px(x)} ${px(from)}v${px(-height)}h${px(width)}v${px(height)}z`;
      })
      .join('');
    return d === '' ? '' : hatched(id, kind, 'path', { d });
  });
  const label = { x: left - 7, style: 'axis', anchor: 'end' } as const;
  return [
    hatchPatterns(
      id,
      usedKinds(points).map(({ hatch }) => hatch),
    ),
    element('path', { class: 'grid', d: `M${px(left)} ${px(top)}H${px(right)}` }),
    ...bars,
    base,
    draw({ ...label, text: tickShare(end, figures), y: top + 4 }),
    draw({ ...label, text: '0', y: bottom + 1 }),
  ].join('');
}

export function failureKeys(points: readonly FailurePoint[], id: string): KeyEntry[] {
  return usedKinds(points).map((kind) => hatchKey(id, kind));
}

export function bad({ failed, dropped, cut }: FailurePoint): number {
  return failed + dropped + cut;
}

function usedKinds(points: readonly FailurePoint[]) {
  return KINDS.filter(({ kind }) => points.some((point) => point[kind] > 0));
}

function shareOf({ scheduled }: FailurePoint, n: number): number {
  return n <= 0 ? 0 : Math.min(1, n / Math.max(scheduled, n));
}
