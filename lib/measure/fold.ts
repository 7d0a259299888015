import { COUNTERS } from './counters.js';
import {
  type CheckRow,
  type CounterRow,
  type ErrorRow,
  type FragmentContent,
  HISTOGRAM_METRICS,
  type HistogramEntry,
  type HistogramMetric,
  SPAN_KINDS,
  type SpanKind,
} from './fragment-content.js';
import type { Histogram } from './histogram.js';
import { Timeline } from './timeline.js';

const CONNECTION_METRICS: ReadonlySet<HistogramMetric> = new Set(
  HISTOGRAM_METRICS.slice(HISTOGRAM_METRICS.indexOf('dns')),
);
const MAX_SUBJECTS = 2 ** 20;

/**
 * The sum of fragments, in any order and grouping: blocks and long blocks add up to stages, windows
 * stay windows. What it holds can be taken out as a content and folded again; what was added twice
 * counts once.
 */
export class Fold {
  #first: FragmentContent | null = null;
  #timeline: Timeline | null = null;
  #cutAtUs = 0;
  readonly #covered = new Set<string>();
  readonly #requests = new Names();
  readonly #addresses = new Names();
  readonly #rows = new Map<number, (number[] | undefined)[]>();
  readonly #histograms = new Map<number, HistogramEntry>();
  readonly #errors = new Map<string, ErrorRow>();
  readonly #checks = new Map<string, CheckRow>();

  /** Ids of all fragments that are in. */
  get covers(): ReadonlySet<string> {
    return this.#covered;
  }

  add(content: FragmentContent): 'merged' | 'duplicate' {
    const timeline = this.#agree(content);
    const known = content.covers.filter((id) => this.#covered.has(id));
    if (known.length > 0) {
      if (known.length === content.covers.length) return 'duplicate';
      throw new Error(
        `measurements overlap: ${known[0]} is already in, ${content.covers.length - known.length} ` +
          'others that came along with it are not; merge the fragments anew',
      );
    }
    const places = placesOf(content, timeline);
    for (const id of content.covers) this.#covered.add(id);
    this.#first ??= content;
    this.#timeline = timeline;
    this.#cutAtUs = Math.max(this.#cutAtUs, content.cutAtUs);
    const requests = content.requests.map((name) => this.#requests.indexOf(name));
    const addresses = content.addresses.map((name) => this.#addresses.indexOf(name));
    for (const { window, request, values } of content.rows) {
      this.#addRow(window, requests[request]!, values);
    }
    content.histograms.forEach(({ subject, metric, histogram }, at) => {
      const names = CONNECTION_METRICS.has(metric) ? addresses : requests;
      const { span, index } = places[at]!;
      this.#addHistogram(span, index, subject < 0 ? -1 : names[subject]!, metric, histogram);
    });
    for (const row of content.errors) this.#addError({ ...row, request: requests[row.request]! });
    for (const row of content.checks ?? []) {
      this.#addCheck({ ...row, request: requests[row.request]! });
    }
    return 'merged';
  }

  /** All that was added, as one content of a region. */
  toContent(region: string): FragmentContent {
    if (this.#first === null) throw new Error(`nothing was measured in ${region}`);
    return {
      run: this.#first.run,
      region,
      shard: null,
      covers: [...this.#covered].sort(),
      cutAtUs: this.#cutAtUs,
      timeline: this.#first.timeline,
      requests: this.#requests.list(),
      addresses: this.#addresses.list(),
      rows: this.#sortedRows(),
      histograms: [...this.#histograms]
        .sort(([a], [b]) => a - b)
        .map(([, entry]) => ({ ...entry, histogram: entry.histogram.clone() })),
      errors: sortedByKey(this.#errors),
      ...(this.#checks.size > 0 && { checks: sortedByKey(this.#checks) }),
    };
  }

  #agree(content: FragmentContent): Timeline {
    if (this.#first === null || this.#timeline === null) return new Timeline(content.timeline);
    if (content.run !== this.#first.run) {
      throw new Error(`measurements of run ${content.run} cannot be added to ${this.#first.run}`);
    }
    if (JSON.stringify(content.timeline) !== JSON.stringify(this.#first.timeline)) {
      throw new Error(`a fragment of ${content.region} cuts the time of its run in another way`);
    }
    return this.#timeline;
  }

  #addRow(window: number, request: number, values: readonly number[]): void {
    let rows = this.#rows.get(window);
    if (rows === undefined) {
      rows = [];
      this.#rows.set(window, rows);
    }
    const sum = rows[request];
    if (sum === undefined) {
      while (rows.length < request) rows.push(undefined);
      rows[request] = [...values];
      return;
    }
    for (let i = 0; i < COUNTERS.length; i++) sum[i]! += values[i]!;
  }

  #addHistogram(
    span: SpanKind,
    index: number,
    subject: number,
    metric: HistogramMetric,
    histogram: Histogram,
  ): void {
    const place =
      ((index + 1) * SPAN_KINDS.length + SPAN_KINDS.indexOf(span)) * HISTOGRAM_METRICS.length +
      HISTOGRAM_METRICS.indexOf(metric);
    const key = place * MAX_SUBJECTS + subject + 1;
    const sum = this.#histograms.get(key);
    if (sum !== undefined) sum.histogram.add(histogram);
    else {
      const entry = { span, index, subject, metric, histogram: histogram.clone() };
      this.#histograms.set(key, entry);
    }
  }

  #addError(row: ErrorRow): void {
    const key = `${row.request} ${row.code} ${row.message}`;
    const sum = this.#errors.get(key);
    this.#errors.set(key, sum === undefined ? row : sumOf(sum, row));
  }

  #addCheck(row: CheckRow): void {
    const key = `${row.request} ${row.text}`;
    const sum = this.#checks.get(key);
    const { passed = 0, failed = 0 } = sum ?? {};
    this.#checks.set(key, { ...row, passed: passed + row.passed, failed: failed + row.failed });
  }

  #sortedRows(): CounterRow[] {
    const sorted: CounterRow[] = [];
    for (const [window, rows] of [...this.#rows].sort(([a], [b]) => a - b)) {
      rows.forEach((values, request) => {
        if (values !== undefined) sorted.push({ window, request, values: [...values] });
      });
    }
    return sorted;
  }
}

function sortedByKey<T>(rows: ReadonlyMap<string, T>): T[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** Names and their places, in the order in which they were first met. */
class Names {
  readonly #places = new Map<string, number>();

  indexOf(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#places.set(name, this.#places.size);
    return this.#places.size - 1;
  }

  list(): string[] {
    return [...this.#places.keys()];
  }
}

/** Where each histogram of a content belongs; checked before anything is added. */
function placesOf(
  content: FragmentContent,
  timeline: Timeline,
): readonly { readonly span: SpanKind; readonly index: number }[] {
  for (const { window } of content.rows) {
    if (timeline.windows[window] === undefined) throw new Error(outside(content, 'window', window));
  }
  const { requests, addresses, errors, checks = [] } = content;
  if ([...errors, ...checks].some(({ request }) => requests[request] === undefined)) {
    throw new Error(`${content.covers[0]} tells of a request that it does not name`);
  }
  return content.histograms.map(({ span, index, subject, metric }) => {
    const names = CONNECTION_METRICS.has(metric) ? addresses : requests;
    if (subject >= names.length) {
      throw new Error(`${content.covers[0]} holds ${metric} of a subject that it does not name`);
    }
    if (span === 'stage') return { span, index };
    const spans = { window: timeline.windows, block: timeline.blocks, long: timeline.longs }[span];
    const found = spans[index];
    if (found === undefined) throw new Error(outside(content, span, index));
    return span === 'window' ? { span, index } : { span: 'stage', index: found.stage };
  });
}

function outside(content: FragmentContent, span: SpanKind, index: number): string {
  return `${content.covers[0]} tells of a ${span} ${index}, which its time line does not have`;
}

/** Which sample stays must not depend on the order in which they come. */
function sumOf(a: ErrorRow, b: ErrorRow): ErrorRow {
  const samples = [a.sample, b.sample].filter((sample) => sample !== null).sort();
  return {
    ...a,
    count: a.count + b.count,
    firstUs: Math.min(a.firstUs, b.firstUs),
    lastUs: Math.max(a.lastUs, b.lastUs),
    sample: samples[0] ?? null,
  };
}
