import { createHash } from 'node:crypto';
import * as hdr from 'hdr-histogram-js';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../bench/random.js';
import { indexOf } from '../../lib/measure/bucket-layout.js';
import { COUNTERS } from '../../lib/measure/counters.js';
import { Fold } from '../../lib/measure/fold.js';
import { decodeFragment, encodeFragment } from '../../lib/measure/fragment.js';
import type { FragmentContent, HistogramMetric } from '../../lib/measure/fragment-content.js';
import { encodeCompressed } from '../../lib/measure/hdr-codec.js';
import type { Histogram } from '../../lib/measure/histogram.js';
import { forecast } from '../../lib/plan/forecast.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import { Measured } from '../../lib/report/measured.js';
import { collectRun } from '../../lib/run/collect.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { type SampledRun, type Seen, sampledRun } from '../support/sampled-run.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// A real run of two regions with two workers each, all of whose samples are kept beside what the
// workers send. Whatever way the fragments are merged, it must tell of these samples and no others.

const folder = temporaryFolder();
let frozen: FrozenPlan;
let samples: readonly Seen[];
let fragments: SampledRun['fragments'];

beforeAll(async () => {
  hdr.initWebAssembly();
  ({ frozen, samples, fragments } = await sampledRun());
});

// What each metric is of one sample, by its definition; null: the sample says nothing of it.

const good = (value: (seen: Seen) => number) => (seen: Seen) =>
  seen.outcome === 'ok' ? value(seen) : null;

/** When the time on a connection began: when one was free, or when a new one was begun. */
const begunUs = ({ connectUs, takenUs, writtenUs }: Seen) =>
  connectUs < 0 ? writtenUs : Math.max(takenUs, connectUs);

const METRICS: Partial<Record<HistogramMetric, (seen: Seen) => number | null>> = {
  latency: good((seen) => seen.endUs - seen.dueUs),
  service: good((seen) => seen.endUs - seen.writtenUs),
  failed: (seen) => (seen.outcome === 'failed' ? seen.endUs - seen.dueUs : null),
  ttfb: good((seen) => seen.firstByteUs - seen.dueUs),
  lag: (seen) => (seen.outcome === 'dropped' ? null : seen.takenUs - seen.dueUs),
  blocked: good((seen) => begunUs(seen) - seen.takenUs),
  setup: (seen) =>
    seen.outcome === 'ok' && seen.connectUs >= 0 ? seen.writtenUs - begunUs(seen) : null,
  firstByte: good((seen) => seen.firstByteUs - seen.writtenUs),
  body: good((seen) => seen.endUs - seen.firstByteUs),
};
const METRIC_NAMES = Object.keys(METRICS) as HistogramMetric[];

interface Slice {
  readonly name: string;
  readonly region: string | null;
  readonly request: number | null;
  readonly stage: number | null;
}

/** The cuts that a report has: all, by one thing, by two things. */
function slices(): Slice[] {
  const all = { region: null, request: null, stage: null };
  const regions = frozen.regions.map(({ name: region }) => ({ region }));
  const requests = frozen.plan.requests.map((_, request) => ({ request }));
  const stages = frozen.stages.map((_, stage) => ({ stage }));
  const pairs = <A, B>(some: A[], others: B[]) =>
    some.flatMap((one) => others.map((other) => ({ ...one, ...other })));
  return [
    {},
    ...regions,
    ...requests,
    ...stages,
    ...pairs(regions, requests),
    ...pairs(regions, stages),
    ...pairs(requests, stages),
  ].map((cut) => ({ ...all, ...cut, name: JSON.stringify(cut) }));
}

const measuredStages = () => frozen.stages.flatMap(({ warmup }, stage) => (warmup ? [] : [stage]));
const stagesOf = ({ stage }: Slice) => (stage === null ? measuredStages() : [stage]);

/** Told by the scheduled instant alone, not by the windows that the engine put samples into. */
function samplesOf(slice: Slice): Seen[] {
  const spans = stagesOf(slice).map((stage) => frozen.stages[stage]!);
  return samples.filter(
    ({ region, request, dueUs }) =>
      (slice.region ?? region) === region &&
      (slice.request ?? request) === request &&
      spans.some(({ startUs, endUs }) => dueUs >= startUs && dueUs < endUs),
  );
}

function valuesOf(slice: Slice, metric: HistogramMetric): number[] {
  return samplesOf(slice).flatMap((seen) => METRICS[metric]!(seen) ?? []);
}

/** A histogram in words, from the values themselves. */
function wordsFor(values: readonly number[]): string {
  const buckets = new Map<number, number>();
  for (const value of values) {
    buckets.set(indexOf(value), (buckets.get(indexOf(value)) ?? 0) + 1);
  }
  const sum = values.reduce((total, value) => total + value, 0);
  return words(
    values.length,
    values.length === 0 ? 0 : Math.min(...values),
    Math.max(0, ...values),
    sum,
    [...buckets].sort(([a], [b]) => a - b),
  );
}

function wordsOf(histogram: Histogram): string {
  const buckets = histogram.buckets().map(({ index, count }): [number, number] => [index, count]);
  const { count, minUs, maxUs, sumUs } = histogram;
  return words(count, minUs, maxUs, sumUs, buckets);
}

function words(
  count: number,
  minUs: number,
  maxUs: number,
  sumUs: number,
  buckets: readonly (readonly [number, number])[],
): string {
  const listed = buckets.map(([index, n]) => `${index}:${n}`).join(' ');
  return `${count} samples, ${minUs}..${maxUs}, sum ${sumUs}: ${listed}`;
}

/** Every histogram of every slice, from the raw samples. */
let truth: Map<string, string>;
function expectTheTruth(regions: readonly FragmentContent[], cuts = slices()): void {
  truth ??= new Map(
    slices().flatMap((slice) =>
      METRIC_NAMES.map((metric) => [`${metric} ${slice.name}`, wordsFor(valuesOf(slice, metric))]),
    ),
  );
  const measured = new Measured(frozen, regions);
  const names = regions.map(({ region }) => region);
  for (const slice of cuts) {
    const scope = [
      slice.region === null ? names : [slice.region],
      slice.request === null ? frozen.plan.requests.map((_, i) => i) : [slice.request],
      stagesOf(slice),
    ] as const;
    for (const metric of METRIC_NAMES) {
      const name = `${metric} ${slice.name}`;
      expect(wordsOf(measured.histogram(metric, ...scope)), name).toBe(truth.get(name));
    }
  }
}

/** One content a region, merged in the given order. */
function merged(contents: readonly FragmentContent[]): FragmentContent[] {
  return frozen.regions.map(({ name }) => {
    const fold = new Fold();
    for (const content of contents) if (content.region === name) fold.add(content);
    return fold.toContent(name);
  });
}

const decoded = () => fragments.map(({ bytes }) => decodeFragment(bytes));
const again = (content: FragmentContent) => decodeFragment(encodeFragment(content));

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const random = new Random(seed);
  const mixed = [...list];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}

describe('the run that is merged here', () => {
  it('has all that could go wrong in a merge', () => {
    expect(samples.length).toBe(frozen.arrivalsPerSecond!.reduce((a, b) => a + b));
    expect(fragments.length).toBeGreaterThanOrEqual(4 * 6);
    for (const metric of METRIC_NAMES) {
      const values = slices().flatMap((slice) => valuesOf(slice, metric));
      expect(Math.max(...values), metric).toBeGreaterThan(0);
    }
    // Both ways in which histograms are held: as a list, and as an array of counts.
    expect(samplesOf(slices()[0]!).length).toBeGreaterThan(1024);
    // Answers that came after their window, and after their stage, had been sent already.
    const hold = frozen.stages[2]!;
    expect(samples.some((seen) => seen.dueUs < hold.endUs && seen.endUs > hold.endUs)).toBe(true);
  });
});

describe('fragments', () => {
  it('hold each block and each long block of a worker once: when it is closed', () => {
    const sent = decoded().flatMap(({ region, shard, histograms }) =>
      histograms
        .filter(({ span }) => span !== 'window')
        .map(({ span, index, subject, metric }) =>
          [region, shard!.n, span, index, subject, metric].join(' '),
        ),
    );
    expect(sent.length).toBeGreaterThan(100);
    expect(new Set(sent).size).toBe(sent.length);
    // Not all at the end.
    const early = decoded().filter(({ shard }) => !shard!.final);
    expect(early.some((one) => one.histograms.some(({ span }) => span === 'block'))).toBe(true);
  });
});

describe('merging fragments', () => {
  it('gives every histogram of every slice as the raw samples do', () => {
    expectTheTruth(merged(decoded()));
  });

  it.each([1, 2, 3, 4])('gives the same in any order (shuffle %i)', (seed) => {
    expectTheTruth(merged(shuffled(decoded(), seed)));
  });

  it('counts once what it is given twice', () => {
    expectTheTruth(merged([...decoded(), ...decoded()]));
    expectTheTruth(merged(shuffled([...decoded(), ...decoded()], 5)));
  });

  it('gives the same by worker, then by region, then all together, through bytes each time', () => {
    const byWorker = new Map<string, Fold>();
    for (const content of shuffled(decoded(), 6)) {
      const worker = `${content.region}/${content.shard!.n}`;
      const fold = byWorker.get(worker) ?? new Fold();
      byWorker.set(worker, fold);
      fold.add(content);
    }
    const workers = [...byWorker].map(([worker, fold]) =>
      again(fold.toContent(worker.split('/')[0]!)),
    );
    expect(workers.length).toBe(4);
    const regions = merged(workers).map(again);
    expectTheTruth(regions);

    const all = new Fold();
    for (const region of regions) expect(all.add(region)).toBe('merged');
    for (const worker of workers) expect(all.add(worker)).toBe('duplicate');
    const everywhere = slices().filter((slice) => slice.region === null);
    expectTheTruth([again(all.toContent('everywhere'))], everywhere);
  });

  it('gives the same from a store, as a run does', async () => {
    const files = runFiles(FolderStore.open(folder), frozen.run);
    for (const { bytes } of shuffled(fragments, 7)) {
      const { region, shard } = decodeFragment(bytes);
      await files.fragments.create({ run: frozen.run, region, ...shard! }, shard!.seq, bytes);
    }
    const control = {
      schema: 'isochrone.control/1',
      startAtMs: 0,
      legs: [{ state: 'go', void: [] }],
      stop: null,
    } as const;
    const { record, regions } = await collectRun(files, frozen, control, { kind: 'complete' }, 0);
    expectTheTruth(regions);
    const digests = fragments.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex'));
    expect(record.fragments.map(({ sha256 }) => sha256).sort()).toEqual(digests.sort());
  });

  it('has in the hold exactly what was scheduled within it', () => {
    const hold = frozen.stages.findIndex(({ name }) => name === 'hold');
    const measured = new Measured(frozen, merged(decoded()));
    const planned = forecast(frozen).starts!;
    for (const [at, { name: region }] of frozen.regions.entries()) {
      for (const request of frozen.plan.requests.keys()) {
        const slice = { name: '', region, request, stage: hold };
        const seen = samplesOf(slice);
        const tally = measured.tally(region).get(`${request}/${hold}`)!;
        const count = (name: (typeof COUNTERS)[number]) => tally[COUNTERS.indexOf(name)];
        expect(seen.length).toBe(planned[at]![hold]![request]);
        expect(count('scheduled')).toBe(seen.length);
        for (const outcome of ['ok', 'failed'] as const) {
          expect(count(outcome)).toBe(seen.filter((one) => one.outcome === outcome).length);
        }
        const latency = measured.histogram('latency', [region], [request], [hold]);
        expect(latency.count).toBe(count('ok'));
      }
    }
  });
});

describe('hdr-histogram-js', () => {
  it('reads every histogram of every fragment and of the merge, with the same percentiles', () => {
    const contents = [...decoded(), ...merged(decoded())];
    const entries = contents.flatMap(({ histograms }) => histograms);
    expect(entries.length).toBeGreaterThan(200);
    for (const { histogram } of entries) {
      const base64 = Buffer.from(encodeCompressed(histogram)).toString('base64');
      const theirs = hdr.decodeFromCompressedBase64(base64, 64);
      expect(theirs.totalCount).toBe(histogram.count);
      for (const hundredths of [1, 5000, 9000, 9900, 9990, 10_000]) {
        // Theirs is the end of the bucket, ours never lies above the maximum.
        const said = theirs.getValueAtPercentile(hundredths / 100);
        expect(Math.min(said, histogram.maxUs)).toBe(histogram.percentileUs(hundredths));
      }
    }
  });
});
