import { logDomain, logTicks } from './axis-ticks.js';
import type { ChartFigures } from './chart.js';
import { element, px } from './markup.js';
import { logScale, type Scale } from './scales.js';
import { draw, type TextLabel, widthOf } from './text-label.js';
import { tickTime } from './tick-text.js';

/** An upright axis of milliseconds by ratio. */
interface LogAxis {
  readonly scale: Scale;
  /** How much room its texts take, to the left of the plot. */
  readonly gutter: number;
  readonly lines: (left: number, right: number) => string;
  /** Lines from left to right, and texts before them. */
  readonly drawn: (left: number, right: number) => string;
}

const TICK_GAP = 26;

/** Over all the values, from `bottom` up to `top`; over the domain as it is, if one is given. */
export function logAxis(
  values: readonly number[],
  {
    top,
    bottom,
    figures,
    domain,
  }: {
    readonly top: number;
    readonly bottom: number;
    readonly figures: ChartFigures;
    readonly domain?: readonly [number, number];
  },
): LogAxis {
  const between = domain ?? logDomain(values);
  const scale = logScale(between, [bottom, top]);
  const most = Math.max(2, Math.floor((bottom - top) / TICK_GAP));
  const told = logTicks(between, most).map((tick) => ({ tick, text: tickTime(tick, figures) }));
  // Very near to each other, two may read the same.
  const distinct = told.filter(({ text }, i) => text !== told[i - 1]?.text);
  const ticks = distinct.map(({ tick }) => tick);
  const texts = distinct.map(({ text }) => text);
  const gutter = Math.ceil(Math.max(0, ...texts.map((text) => widthOf(text, 'axis')))) + 8;
  const labels = (left: number) =>
    ticks.map(
      (tick, i): TextLabel => ({
        text: texts[i]!,
        x: left - 7,
        y: scale(tick) + 3.8,
        style: 'axis',
        anchor: 'end',
      }),
    );
  const lines = (left: number, right: number) =>
    element('path', {
      class: 'grid',
      d: ticks.map((tick) => `M${px(left)} ${px(scale(tick))}H${px(right)}`).join(''),
    });
  return {
    scale,
    gutter,
    lines,
    drawn: (left, right) => lines(left, right) + labels(left).map(draw).join(''),
  };
}
