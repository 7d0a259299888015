import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/random.js';
import { COUNTERS } from '../../lib/measure/counters.js';
import { Fold } from '../../lib/measure/fold.js';
import { decodeFragment, encodeFragment } from '../../lib/measure/fragment.js';
import type {
  FragmentContent,
  HistogramMetric,
  SpanKind,
} from '../../lib/measure/fragment-content.js';
import { Histogram } from '../../lib/measure/histogram.js';
import { Recorder } from '../../lib/measure/recorder.js';
import { Timeline, timelineOf } from '../../lib/measure/timeline.js';

const SECOND = 1_000_000;
const REQUESTS = ['GET /', 'POST /cart', 'GET /search'];
const STAGES = [
  { startUs: 0, endUs: 7_500_000, warmup: true },
  { startUs: 7_500_000, endUs: 100 * SECOND, warmup: false },
  { startUs: 100 * SECOND, endUs: 150_250_000, warmup: false },
];
const timeline = new Timeline(timelineOf(STAGES, 20 * SECOND));

interface Raw {
  readonly dueUs: number;
  readonly request: number;
  readonly latencyUs: number;
  readonly good: boolean;
}

/** Fragments of some shards, and beside them every single sample. */
function measure(seed: number, shards: number): { contents: FragmentContent[]; raw: Raw[] } {
  const random = new Random(seed);
  const contents: FragmentContent[] = [];
  const raw: Raw[] = [];
  for (let n = 0; n < shards; n++) {
    const recorder = new Recorder({
      identity: { run: 'run', region: 'eu', leg: 0, n, attempt: 1 },
      timeline,
      requests: REQUESTS,
    });
    recorder.connection(
      { address: `10.0.0.${n}`, ahead: true, dnsUs: 9, tcpUs: 300, tlsUs: -1 },
      0,
    );
    let cutUs = 5 * SECOND;
    for (let dueUs = 0; dueUs < 150 * SECOND; dueUs += random.below(60_000)) {
      for (; cutUs <= dueUs; cutUs += 5 * SECOND) contents.push(recorder.flush(cutUs, false));
      const one = {
        dueUs,
        request: random.below(REQUESTS.length),
        latencyUs: 1_000 + Math.floor(80_000 * random.lognormal(0.9)),
        good: random.below(20) > 0,
      };
      raw.push(one);
      record(recorder, one);
    }
    contents.push(recorder.flush(160 * SECOND, true));
  }
  return { contents, raw };
}

function record(recorder: Recorder, { dueUs, request, latencyUs, good }: Raw): void {
  const window = timeline.windowAt(dueUs);
  const endUs = dueUs + latencyUs;
  const sample = {
    request,
    window,
    dueUs,
    takenUs: dueUs,
    connectUs: -1,
    writtenUs: dueUs + 100,
    sentUs: -1,
    firstByteUs: dueUs + 900,
    endUs,
    bytesIn: 10,
    bytesOut: 10,
    roundTripUs: -1,
    serverTimeUs: -1,
    resent: false,
    hops: 0,
  };
  recorder.scheduled(window, request);
  if (good) recorder.ok(sample);
  else recorder.failed(sample, 1503, `status 503 ${request}`, `at ${dueUs}`);
}

function folded(contents: readonly FragmentContent[]): FragmentContent {
  const fold = new Fold();
  for (const content of contents) fold.add(content);
  return fold.toContent('eu');
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

/** All that is in a content, by name, so that the order of merging cannot matter. */
function facts(content: FragmentContent): unknown {
  const { histograms, rows, errors, requests, addresses, ...rest } = content;
  const isConnection = (metric: HistogramMetric): boolean => /^(dns|tcp|tls)/.test(metric);
  return {
    ...rest,
    histograms: histograms
      .map(({ span, index, subject, metric, histogram }) => {
        const name = isConnection(metric) ? addresses[subject] : requests[subject];
        const { minUs, maxUs, sumUs, clamped } = histogram;
        const buckets = histogram.buckets().map(({ index: at, count }) => [at, count]);
        return JSON.stringify([span, index, name, metric, minUs, maxUs, sumUs, clamped, buckets]);
      })
      .sort(),
    rows: rows.map((row) => JSON.stringify({ ...row, request: requests[row.request] })).sort(),
    errors: errors.map((row) => JSON.stringify({ ...row, request: requests[row.request] })).sort(),
  };
}

function find(
  content: FragmentContent,
  span: SpanKind,
  index: number,
  subject: number,
  metric: HistogramMetric,
): Histogram {
  return (
    content.histograms.find(
      (entry) =>
        entry.span === span &&
        entry.index === index &&
        entry.subject === subject &&
        entry.metric === metric,
    )?.histogram ?? new Histogram()
  );
}

function of(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const { contents, raw } = measure(1, 4);
const whole = folded(contents);

describe('what was merged', () => {
  it('equals the raw samples, bucket by bucket, for every request in every stage', () => {
    let seen = 0;
    STAGES.forEach(({ startUs, endUs }, stage) => {
      REQUESTS.forEach((_, request) => {
        const slice = raw.filter(
          (one) => one.request === request && one.dueUs >= startUs && one.dueUs < endUs,
        );
        const good = slice.filter((one) => one.good).map(({ latencyUs }) => latencyUs);
        const bad = slice.filter((one) => !one.good).map(({ latencyUs }) => latencyUs);
        const service = good.map((latencyUs) => latencyUs - 100);
        expect(find(whole, 'stage', stage, request, 'latency').equals(of(good))).toBe(true);
        expect(find(whole, 'stage', stage, request, 'failed').equals(of(bad))).toBe(true);
        expect(find(whole, 'stage', stage, request, 'service').equals(of(service))).toBe(true);
        expect(find(whole, 'stage', stage, request, 'ttfb').count).toBe(good.length);
        seen += slice.length;
      });
    });
    expect(seen).toBe(raw.length);
  });

  it('equals the raw samples in every window, late answers included', () => {
    timeline.windows.forEach(({ startUs, endUs }, window) => {
      const slice = raw.filter((one) => one.good && one.dueUs >= startUs && one.dueUs < endUs);
      const latencies = of(slice.map(({ latencyUs }) => latencyUs));
      expect(find(whole, 'window', window, -1, 'latency').equals(latencies)).toBe(true);
    });
  });

  it('counts every request once, in its window', () => {
    const at = (name: (typeof COUNTERS)[number]): number => COUNTERS.indexOf(name);
    for (const { window, request, values } of whole.rows) {
      const { startUs, endUs } = timeline.windows[window]!;
      const mine = raw.filter(
        (one) => one.request === request && one.dueUs >= startUs && one.dueUs < endUs,
      );
      const ended = raw.filter(({ request: r, dueUs, latencyUs }) => {
        const us = dueUs + latencyUs;
        return r === request && us >= startUs && us < endUs;
      });
      expect(values[at('scheduled')]).toBe(mine.length);
      expect(values[at('ok')]).toBe(mine.filter((one) => one.good).length);
      expect(values[at('ended')]).toBe(ended.length);
    }
    const sum = whole.rows.reduce((all, { values }) => all + values[at('scheduled')]!, 0);
    expect(sum).toBe(raw.length);
  });

  it('tells errors with their count, their first and last instant, and one of their samples', () => {
    expect(whole.errors.length).toBe(REQUESTS.length);
    for (const { request, count, firstUs, lastUs, sample } of whole.errors) {
      const bad = raw.filter((one) => one.request === request && !one.good);
      const ends = bad.map(({ dueUs, latencyUs }) => dueUs + latencyUs);
      expect([count, firstUs, lastUs]).toEqual([bad.length, Math.min(...ends), Math.max(...ends)]);
      expect(bad.map(({ dueUs }) => `at ${dueUs}`)).toContain(sample);
    }
  });
});

describe('merging', () => {
  it('comes to the same in any order', () => {
    const random = new Random(2);
    for (let round = 0; round < 5; round++) {
      expect(facts(folded(shuffled(contents, random)))).toEqual(facts(whole));
    }
  });

  it('comes to the same in any number of levels, through bytes', () => {
    const random = new Random(3);
    for (const size of [1, 7, 40]) {
      const mixed = shuffled(contents, random);
      const partials: FragmentContent[] = [];
      for (let i = 0; i < mixed.length; i += size) {
        const partial = folded(mixed.slice(i, i + size));
        partials.push(decodeFragment(encodeFragment(partial)));
      }
      expect(facts(folded(shuffled(partials, random)))).toEqual(facts(whole));
    }
  });

  it('counts once what comes twice, alone or within a partial', () => {
    const fold = new Fold();
    const partial = folded(contents.slice(0, 10));
    expect(fold.add(partial)).toBe('merged');
    for (const content of contents.slice(0, 10)) expect(fold.add(content)).toBe('duplicate');
    for (const content of contents.slice(10)) expect(fold.add(content)).toBe('merged');
    expect(fold.add(partial)).toBe('duplicate');
    expect(facts(fold.toContent('eu'))).toEqual(facts(whole));
    expect(fold.covers.size).toBe(contents.length);
  });

  it('refuses a partial of which only a part is in, and stays as it was', () => {
    const fold = new Fold();
    for (const content of contents.slice(0, 5)) fold.add(content);
    const before = facts(fold.toContent('eu'));
    expect(() => fold.add(folded(contents.slice(3, 9)))).toThrow('measurements overlap');
    expect(facts(fold.toContent('eu'))).toEqual(before);
  });

  it('leaves what it was given as it is', () => {
    const before = contents.slice(0, 20).map(facts);
    const fold = new Fold();
    for (const content of contents.slice(0, 20)) fold.add(content);
    const partial = fold.toContent('eu');
    const told = facts(partial);
    for (const content of contents.slice(20)) fold.add(content);
    expect(contents.slice(0, 20).map(facts)).toEqual(before);
    expect(facts(partial)).toEqual(told);
  });

  it('finds requests and addresses by name, wherever they stand', () => {
    const base = { ...contents[0]!, histograms: [], errors: [] };
    const values = COUNTERS.map(() => 1);
    const [first, second] = [
      { ...base, requests: ['a', 'b'], addresses: ['x', 'y'] },
      { ...base, requests: ['b', 'c'], addresses: ['y'], covers: ['other'] },
    ];
    const entry = { span: 'long', index: 0, metric: 'tcp', histogram: of([5]) } as const;
    const error = { code: 1, message: 'm', count: 1, firstUs: 0, lastUs: 0, sample: null };
    const sum = folded([
      {
        ...first,
        rows: [{ window: 0, request: 1, values }],
        histograms: [{ ...entry, subject: 1 }],
        errors: [{ ...error, request: 1 }],
      },
      {
        ...second,
        rows: [{ window: 0, request: 0, values }],
        histograms: [{ ...entry, subject: 0 }],
        errors: [{ ...error, request: 0 }],
      },
    ]);
    expect(sum.requests).toEqual(['a', 'b', 'c']);
    expect(sum.rows).toEqual([{ window: 0, request: 1, values: values.map(() => 2) }]);
    expect(find(sum, 'stage', 0, 1, 'tcp').count).toBe(2);
    expect(sum.errors).toEqual([{ ...error, request: 1, count: 2 }]);
  });

  it('keeps apart what lies after the last stage', () => {
    const window = timeline.windows.length - 1;
    const recorder = new Recorder({
      identity: { run: 'run', region: 'eu', leg: 0, n: 0, attempt: 1 },
      timeline,
      requests: REQUESTS,
    });
    const { startUs } = timeline.windows[window]!;
    record(recorder, { dueUs: startUs, request: 0, latencyUs: 1_000, good: true });
    const sum = decodeFragment(encodeFragment(folded([recorder.flush(startUs, true)])));
    expect(find(sum, 'stage', -1, 0, 'latency').count).toBe(1);
  });

  it.each([
    ['another run', { run: 'other', covers: ['x'] }, 'of run other'],
    ['another time line', { timeline: timelineOf(STAGES, 1), covers: ['x'] }, 'in another way'],
    [
      'a window that the run does not have',
      { rows: [{ window: 9999, request: 0, values: [] }], covers: ['x'] },
      'a window 9999',
    ],
  ])('refuses %s', (_what, changes, message) => {
    const fold = new Fold();
    fold.add(contents[0]!);
    expect(() => fold.add({ ...contents[1]!, ...changes })).toThrow(message);
    expect(fold.covers.size).toBe(1);
  });

  it('of nothing tells nothing', () => {
    expect(() => new Fold().toContent('eu')).toThrow('nothing was measured in eu');
  });
});
