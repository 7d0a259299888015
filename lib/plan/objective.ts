/**
 * A promise that the plan makes, checked by its grammar:
 *
 *     [ok|failed] [metric] statistic < limit [of "REQUEST"] [in REGION | in every region] [during STAGE]
 */
export interface Objective {
  /** As the user wrote it. */
  readonly text: string;
  /** Whose times count: all scheduled requests, good answers only, or failed ones only. */
  readonly among: 'all' | 'ok' | 'failed';
  readonly measure: Measure;
  readonly comparison: '<' | '<=' | '>' | '>=';
  /** µs for times, a fraction for errors, good answers per second for rate. */
  readonly limit: number;
  readonly request: string | null;
  /** null: all regions together. */
  readonly region: { readonly every: true } | { readonly name: string } | null;
  readonly stage: string | null;
}

export type Measure =
  | {
      readonly kind: 'percentile';
      readonly metric: Metric;
      /** p99.9 is 9990: whole hundredths of a percent, so that all sums about it are exact. */
      readonly hundredths: number;
    }
  | { readonly kind: 'min' | 'mean' | 'max'; readonly metric: Metric }
  | { readonly kind: 'errors' }
  | { readonly kind: 'rate' };

export const METRICS = [
  'latency',
  'service',
  'ttfb',
  'processing',
  'dns',
  'tcp',
  'tls',
  'iteration',
] as const;
export type Metric = (typeof METRICS)[number];
