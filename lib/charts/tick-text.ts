import type { ChartFigures } from './chart.js';

/** A round time without the zeros that a measured one needs: `20 ms`, not `20.0 ms`. */
export function tickTime(ms: number, figures: ChartFigures): string {
  return ms === 0 ? '0' : figures.time(ms).replace(/\.0+(?!\d)|(\.\d*?)0+(?!\d)/, '$1');
}

/** The same of a share: `2 %`, `0.5 %`. */
export function tickShare(fraction: number, figures: ChartFigures): string {
  return fraction === 0
    ? '0'
    : figures.percent(fraction).replace(/\.0+(?!\d)|(\.\d*?)0+(?!\d)/, '$1');
}
