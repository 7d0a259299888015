import { createHash } from 'node:crypto';
import * as hdr from 'hdr-histogram-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../bench/random.js';
import { Pacer } from '../../lib/load/pacer.js';
import { RunClock } from '../../lib/load/run-clock.js';
import { runTimeline } from '../../lib/load/run-timeline.js';
import { Shard } from '../../lib/load/shard.js';
import { indexOf } from '../../lib/measure/bucket-layout.js';
import { COUNTERS } from '../../lib/measure/counters.js';
import { Fold } from '../../lib/measure/fold.js';
import { decodeFragment, encodeFragment } from '../../lib/measure/fragment.js';
import type { FragmentContent, HistogramMetric } from '../../lib/measure/fragment-content.js';
import { encodeCompressed } from '../../lib/measure/hdr-codec.js';
import type { Histogram } from '../../lib/measure/histogram.js';
import type { Sample } from '../../lib/measure/sample.js';
import { forecast } from '../../lib/plan/forecast.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { Load } from '../../lib/plan/plan.js';
import { shardRefs } from '../../lib/plan/split.js';
import { Measured } from '../../lib/report/measured.js';
import { collectRun } from '../../lib/run/collect.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { frozenFor, planFor, requestOf } from '../support/load-plans.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// A real run of two regions with two workers each, all of whose samples are kept beside what the
// workers send. Whatever way the fragments are merged, it must tell of these samples and no others.

interface Seen extends Sample {
  readonly region: string;
  readonly outcome: 'ok' | 'failed' | 'cut' | 'dropped';
}

const folder = temporaryFolder();
const samples: Seen[] = [];
const fragments: { readonly region: string; readonly bytes: Uint8Array }[] = [];
let frozen: FrozenPlan;
let server: ScriptedServer;

beforeAll(async () => {
  hdr.initWebAssembly();
  server = await capriciousServer(new Random(11));
  const load: Load = {
    kind: 'open',
    // Stages begin and end within windows of a second, so that windows are cut in two.
    stages: [
      { name: 'warm', warmup: true, durationUs: 450_000, fromRate: 100, toRate: 100 },
      { name: 'ramp', warmup: false, durationUs: 800_000, fromRate: 100, toRate: 900 },
      { name: 'hold', warmup: false, durationUs: 1_500_000, fromRate: 900, toRate: 900 },
      { name: 'descent', warmup: false, durationUs: 600_000, fromRate: 900, toRate: 0 },
    ],
  };
  const plan = planFor(server.url, load, {
    arrivals: 'poisson',
    regions: [
      { name: 'east', share: 3, workers: 2 },
      { name: 'west', share: 2, workers: 2 },
    ],
    requests: [
      requestOf('GET /a', { weight: 3, timeoutUs: 250_000 }),
      requestOf('POST /b', { timeoutUs: 250_000, body: { encoding: 'utf8', data: 'b' } }),
      requestOf('GET /c', { weight: 2, timeoutUs: 250_000 }),
    ],
  });
  // Few connections ahead, so that some requests wait for new ones.
  frozen = frozenFor({ ...plan, http: { ...plan.http, expectUs: 5_000 } });
  await runKeepingSamples();
});
afterAll(() => server.close());

/** Slow and quick, in one piece and in two; some answers are bad, some never come. */
function capriciousServer(random: Random): Promise<ScriptedServer> {
  return scriptedServer((socket) => {
    const draw = random.next();
    const inMs = 3 * random.lognormal(1);
    const say = (text: string, afterMs: number) =>
      setTimeout(() => socket.destroyed || socket.write(text), afterMs);
    if (draw < 0.01) socket.destroy();
    else if (draw < 0.015) return;
    else if (draw < 0.06) say(answer('busy', 503), inMs);
    else if (draw < 0.3) {
      const whole = answer('in two pieces');
      say(whole.slice(0, -6), inMs);
      say(whole.slice(-6), inMs + 4);
    } else say(answer(), inMs);
  });
}

async function runKeepingSamples(): Promise<void> {
  const clock = new RunClock();
  const pacer = new Pacer('timer', clock);
  const timeline = runTimeline(frozen);
  const shards = shardRefs(frozen, 0).map(
    (ref) => new Shard({ frozen, ref, timeline, clock, pacer, env: {}, userAgent: 'test' }),
  );
  for (const shard of shards) keepSamplesOf(shard);
  const cut = (final: boolean) => {
    for (const shard of shards) {
      const bytes = encodeFragment(shard.flush(final));
      fragments.push({ region: shard.ref.region, bytes });
    }
  };
  await Promise.all(shards.map((shard) => shard.arm()));
  clock.startAt(clock.wallMs());
  const cutting = setInterval(cut, 450, false);
  await Promise.all(shards.map((shard) => shard.run()));
  clearInterval(cutting);
  cut(true);
}

/** Samples are reused by the engine: what is kept is a copy, made at the recorder's door. */
function keepSamplesOf({ recorder, ref: { region } }: Shard): void {
  const keep = (sample: Sample, outcome: Seen['outcome']) =>
    samples.push({ ...sample, region, outcome });
  const { ok, failed, cut, dropped } = recorder;
  recorder.ok = (sample) => {
    keep(sample, 'ok');
    ok.call(recorder, sample);
  };
  recorder.failed = (sample, ...how) => {
    keep(sample, 'failed');
    failed.call(recorder, sample, ...how);
  };
  recorder.cut = (sample, by) => {
    keep(sample, 'cut');
    cut.call(recorder, sample, by);
  };
  recorder.dropped = (sample, cause) => {
    keep(sample, 'dropped');
    dropped.call(recorder, sample, cause);
  };
}

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
