import { timeTicks } from './axis-ticks.js';
import type { ChartFigures } from './chart.js';
import type { KeyEntry } from './chart-key.js';
import { thinned } from './label-layout.js';
import { element, px } from './markup.js';
import type { Scale } from './scales.js';
import { draw, shortened, type TextLabel, widthOf } from './text-label.js';

/** What is marked along the time of a run. Seconds from its start. */
export interface TimeMarks {
  readonly stages: readonly {
    readonly title: string;
    readonly warmup: boolean;
    readonly start: number;
    readonly end: number;
  }[];
  readonly legs: readonly { readonly start: number; readonly end: number }[];
}

/** Of a plot over time: where it lies, and where an instant lies in it. */
export interface TimePlot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly seconds: number;
  readonly xOf: Scale;
}

/** Room that the names of stages take above a plot. */
export const STAGE_ROW = 24;
/** Pixels of a stretch: for a name at all, and for one that has to be cut. */
const SHORTEST_NAME = 14;
const SHORTEST_CUT = 56;

/** Lines where stages and legs begin, and a shade over the warm-up. */
export function timeMarks({ stages, legs }: TimeMarks, plot: TimePlot): string {
  const { top, bottom, xOf } = plot;
  const upright = (seconds: readonly number[]) =>
    [...new Set(seconds)]
      .filter((at) => at > 0 && at < plot.seconds)
      .map((at) => `M${px(xOf(at))} ${px(top)}V${px(bottom)}`)
      .join('');
  const warmups = stages
    .filter(({ warmup }) => warmup)
    .map(({ start, end }) =>
      element('rect', {
        class: 'warmup',
        x: xOf(start),
        y: top,
        width: Math.max(0, xOf(end) - xOf(start)),
        height: bottom - top,
      }),
    );
  const legLines = upright(legs.map(({ start }) => start));
  const stageLines = upright(stages.map(({ start }) => start));
  return [
    ...warmups,
    legLines === '' ? '' : element('path', { class: 'leg', d: legLines }),
    stageLines === '' ? '' : element('path', { class: 'stage', d: stageLines }),
  ].join('');
}

/** Names of the stages above a plot, each over its stretch of time, where that is long enough. */
export function stageNames({ stages }: TimeMarks, { top, xOf }: TimePlot): string {
  return stages
    .map(({ title, warmup, start, end }) => {
      const [from, to] = [xOf(start) + 1, xOf(end) - 1];
      if (to - from < 2) return '';
      const line = element('path', { class: 'stage', d: `M${px(from)} ${px(top - 5)}H${px(to)}` });
      if (to - from < SHORTEST_NAME) return line;
      const text = shortened(warmup ? 'warm-up' : title, 'axis', to - from - 4);
      if (text.whole !== undefined && to - from < SHORTEST_CUT) return line;
      return line + draw({ ...text, x: from + 1, y: top - 10, style: 'axis' });
    })
    .join('');
}

/** Instants below a plot, and lines up through it. */
export function timeAxis(plot: TimePlot, figures: ChartFigures, width: number): string {
  const { top, bottom, seconds, xOf } = plot;
  const ticks = timeTicks(seconds, Math.max(2, Math.floor((plot.right - plot.left) / 90)));
  const labels = ticks.map((tick): TextLabel => {
    const text = tick === 0 ? '0' : figures.span(tick);
    const half = widthOf(text, 'axis') / 2;
    const x = Math.min(width - half - 1, Math.max(half + 1, xOf(tick)));
    return { text, x, y: bottom + 15, style: 'axis', anchor: 'middle' };
  });
  const lines = ticks.map((tick) => `M${px(xOf(tick))} ${px(top)}V${px(bottom)}`).join('');
  return (
    element('path', { class: 'grid', d: lines }) +
    thinned(labels, { x: 0, y: 0, width, height: bottom + 20 })
      .map(draw)
      .join('')
  );
}

export function timeMarkKeys({ stages, legs }: TimeMarks): KeyEntry[] {
  const line = (kind: string) => (x: number, y: number) =>
    element('path', { class: kind, d: `M${px(x + 5)} ${px(y - 6)}v12` });
  return [
    ...(stages.some(({ warmup }) => warmup)
      ? [
          {
            text: 'warm-up',
            width: 14,
            sign: (x: number, y: number) =>
              element('rect', { class: 'warmup outlined', x, y: y - 6, width: 14, height: 12 }),
          },
        ]
      : []),
    ...(stages.length > 1 ? [{ text: 'next stage', width: 10, sign: line('stage') }] : []),
    ...(legs.length > 1 ? [{ text: 'next leg', width: 10, sign: line('leg') }] : []),
  ];
}
