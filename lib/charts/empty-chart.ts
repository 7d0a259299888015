import type { ChartOptions } from './chart.js';
import { chart, element } from './markup.js';
import { draw, shortened } from './text-label.js';

/** What stands in place of a chart that would have nothing in it. */
export function emptyChart(
  name: string,
  title: string,
  why: string,
  { id, width }: ChartOptions,
): string {
  const height = 44;
  return chart(
    { id, width, height, name },
    { title, description: why },
    element('rect', { class: 'panel', x: 0, y: 0, width, height, rx: 6 }),
    draw({
      ...shortened(why, 'faint', width - 20),
      x: width / 2,
      y: 26,
      style: 'faint',
      anchor: 'middle',
    }),
  );
}
