/** What is known of the samples exactly, beside the buckets that they fell into. */
export interface Exact {
  readonly count: number;
  readonly minUs: number;
  readonly maxUs: number;
  readonly sumUs: number;
  /** Samples above one hour, counted in the top bucket. */
  readonly clamped: number;
}
