import { Random } from '../../bench/random.js';
import { Pacer } from '../../lib/load/pacer.js';
import { RunClock } from '../../lib/load/run-clock.js';
import { runTimeline } from '../../lib/load/run-timeline.js';
import { Shard } from '../../lib/load/shard.js';
import { encodeFragment } from '../../lib/measure/fragment.js';
import type { Sample } from '../../lib/measure/sample.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { Load } from '../../lib/plan/plan.js';
import { shardRefs } from '../../lib/plan/split.js';
import { frozenFor, planFor, requestOf } from './load-plans.js';
import { answer, type ScriptedServer, scriptedServer } from './scripted-server.js';

export interface Seen extends Sample {
  readonly region: string;
  readonly outcome: 'ok' | 'failed' | 'cut' | 'dropped';
}

export interface SampledRun {
  readonly frozen: FrozenPlan;
  /** Every sample that the engine gave to its recorders, in the order of their ends. */
  readonly samples: readonly Seen[];
  /** What the workers would have sent, in the order in which it was cut. */
  readonly fragments: readonly { readonly region: string; readonly bytes: Uint8Array }[];
}

/** A real run of two regions with two workers each, whose samples are kept beside its fragments. */
export async function sampledRun(): Promise<SampledRun> {
  const server = await capriciousServer(new Random(11));
  const frozen = eventful(server.url);
  const samples: Seen[] = [];
  const fragments: { region: string; bytes: Uint8Array }[] = [];
  const clock = new RunClock();
  const pacer = new Pacer('timer', clock);
  const timeline = runTimeline(frozen);
  const shards = shardRefs(frozen, 0).map(
    (ref) => new Shard({ frozen, ref, timeline, clock, pacer, env: {}, userAgent: 'test' }),
  );
  for (const shard of shards) keepSamplesOf(shard, samples);
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
  await server.close();
  return { frozen, samples, fragments };
}

/** Stages that begin and end within windows of a second, so that windows are cut in two. */
function eventful(url: string): FrozenPlan {
  const load: Load = {
    kind: 'open',
    stages: [
      { name: 'warm', warmup: true, durationUs: 450_000, fromRate: 100, toRate: 100 },
      { name: 'ramp', warmup: false, durationUs: 800_000, fromRate: 100, toRate: 900 },
      { name: 'hold', warmup: false, durationUs: 1_500_000, fromRate: 900, toRate: 900 },
      { name: 'descent', warmup: false, durationUs: 600_000, fromRate: 900, toRate: 0 },
    ],
  };
  const plan = planFor(url, load, {
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
  return frozenFor({ ...plan, http: { ...plan.http, expectUs: 5_000 } });
}

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

/** Samples are reused by the engine: what is kept is a copy, made at the recorder's door. */
function keepSamplesOf({ recorder, ref: { region } }: Shard, samples: Seen[]): void {
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
