import type { Histogram } from './histogram.js';
import type { TimelineSpec } from './timeline.js';

/**
 * What a shard measured since its last fragment, or, when `covers` names many, the sum of many.
 * Adding contents is associative and commutative; `covers` makes it idempotent.
 */
export interface FragmentContent {
  readonly run: string;
  readonly region: string;
  /** null in a merged partial. */
  readonly shard: {
    readonly leg: number;
    readonly n: number;
    readonly attempt: number;
    readonly seq: number;
    /** The shard's last one. */
    readonly final: boolean;
  } | null;
  /** Ids (`region/leg/n.attempt/seq`) of all fragments whose measurements are in here. */
  readonly covers: readonly string[];
  /** When it was cut, µs from the run's start. */
  readonly cutAtUs: number;
  readonly timeline: TimelineSpec;
  readonly requests: readonly string[];
  readonly addresses: readonly string[];
  readonly rows: readonly CounterRow[];
  readonly histograms: readonly HistogramEntry[];
  readonly errors: readonly ErrorRow[];
  /** How often what the plan expects of answers held. Absent: nothing was judged by it. */
  readonly checks?: readonly CheckRow[];
}

/** One thing that is expected of a request's answers. */
export interface CheckRow {
  readonly request: number;
  readonly text: string;
  readonly passed: number;
  readonly failed: number;
}

/** Names one fragment in `covers`. */
export function fragmentId(of: {
  readonly region: string;
  readonly leg: number;
  readonly n: number;
  readonly attempt: number;
  readonly seq: number;
}): string {
  return `${of.region}/${of.leg}/${of.n}.${of.attempt}/${of.seq}`;
}

/** The counters of one window × request, in the order of COUNTERS. */
export interface CounterRow {
  readonly window: number;
  readonly request: number;
  readonly values: readonly number[];
}

export const SPAN_KINDS = ['window', 'block', 'long', 'stage'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** Metrics kept as histograms; those from `dns` on are about connections, by address. */
export const HISTOGRAM_METRICS = [
  'latency',
  'service',
  'failed',
  'ttfb',
  'lag',
  'blocked',
  'setup',
  'firstByte',
  'body',
  'processing',
  'sending',
  'serverTime',
  'iteration',
  /** What latency would have been had users not waited: closed models without a schedule only. */
  'estimate',
  'dns',
  'tcp',
  'tls',
  'dnsAhead',
  'tcpAhead',
  'tlsAhead',
  'roundTrip',
  /** First byte of the first exchange on a connection, from when it was written. */
  'firstAnswer',
] as const;
export type HistogramMetric = (typeof HISTOGRAM_METRICS)[number];

export interface HistogramEntry {
  readonly span: SpanKind;
  /** Index of the window, block, long block or stage; stage -1 is what lies after the last. */
  readonly index: number;
  /** Index of the request, or of the address for connection metrics; -1: all of them together. */
  readonly subject: number;
  readonly metric: HistogramMetric;
  readonly histogram: Histogram;
}

/** One way to fail, of one request: counted, with the first sample seen. */
export interface ErrorRow {
  readonly code: number;
  readonly message: string;
  readonly request: number;
  readonly count: number;
  readonly firstUs: number;
  readonly lastUs: number;
  /**
   * The beginning of the response or of the library's error; at most 500 characters. It stands in
   * the first fragment only that tells of this error.
   */
  readonly sample: string | null;
}
