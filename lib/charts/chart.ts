/** How a chart tells numbers: the page's own formatter, so that a chart never says it otherwise. */
export interface ChartFigures {
  /** `412 µs`, `8.50 ms`, `1.34 s`. */
  readonly time: (ms: number) => string;
  /** `0.16 %`, of a fraction. */
  readonly percent: (fraction: number) => string;
  /** `1,234,567`. */
  readonly count: (n: number) => string;
  /** `10m 10s`. */
  readonly span: (seconds: number) => string;
}

export interface ChartOptions {
  /** Pixels at which it is shown: a wide and a narrow chart are two calls, not one that is scaled. */
  readonly width: number;
  /** Begins every id in the chart: unique on its page. */
  readonly id: string;
  readonly figures: ChartFigures;
  /** Its accessible name, in place of the one that each chart has. */
  readonly title?: string;
}

/** What stands where there is no number. */
export const NOTHING = '–';

/** Below it a chart is laid out for a phone. */
export const NARROW = 560;
