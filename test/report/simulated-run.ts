import { COUNTERS } from '../../lib/measure/counters.js';
import { Fold } from '../../lib/measure/fold.js';
import { type FragmentContent, fragmentId } from '../../lib/measure/fragment-content.js';
import type { Health } from '../../lib/measure/health.js';
import type { Manifest } from '../../lib/measure/manifest.js';
import { type Outcome, Recorder } from '../../lib/measure/recorder.js';
import type { Sample } from '../../lib/measure/sample.js';
import { Timeline, timelineOf } from '../../lib/measure/timeline.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import { parseObjective } from '../../lib/plan/parse-objective.js';
import type { Load, PlanFlow } from '../../lib/plan/plan.js';
import { stageSpans } from '../../lib/plan/stages.js';
import { requestsOf, subjectsOf } from '../../lib/plan/starts.js';
import { buildReport } from '../../lib/report/build-report.js';
import type { Report } from '../../lib/report/report-schema.js';
import type {
  FragmentFate,
  RunRecord,
  ShardFate,
  ShardTally,
} from '../../lib/report/run-record.js';
import type { RunEnd } from '../../lib/store/control.js';

export const MS = 1_000;
export const S = 1_000_000;
export const START_MS = Date.UTC(2026, 10, 21, 14, 15, 3);

export interface PlanParts {
  readonly regions?: readonly string[];
  /** Shards of every region in every leg. */
  readonly workers?: number;
  readonly requests?: readonly string[];
  /** By name, the names of their steps. */
  readonly flows?: Readonly<Record<string, readonly string[]>>;
  /** Which of them are code that sends these. */
  readonly inCode?: readonly string[];
  readonly load?: Load;
  readonly objectives?: readonly string[];
  readonly legs?: readonly number[];
  readonly connections?: 'auto' | number;
  readonly allowUndecided?: boolean;
  readonly accepted?: readonly string[];
  readonly targetAt?: string;
}

export function openLoad(
  ...stages: readonly { rate: number; s: number; name?: string; warmup?: boolean }[]
): Load {
  return {
    kind: 'open',
    stages: stages.map(({ rate, s, name = null, warmup = false }) => ({
      fromRate: rate,
      toRate: rate,
      durationUs: s * S,
      name,
      warmup,
    })),
  };
}

export function frozenPlan(parts: PlanParts = {}): FrozenPlan {
  const load = parts.load ?? openLoad({ rate: 100, s: 10 });
  const stages = stageSpans(load);
  const durationUs = stages.at(-1)!.endUs;
  const regions = (parts.regions ?? ['local']).map((name) => ({
    name,
    share: 1,
    workers: parts.workers ?? 1,
  }));
  const plain = parts.requests ?? ['GET /'];
  const flows = Object.entries(parts.flows ?? {});
  const names = [...plain, ...flows.flatMap(([, steps]) => steps)];
  const scope = {
    requests: [...names, ...flows.map(([name]) => `flow ${name}`)],
    regions: regions.map(({ name }) => name),
    stages: stages.map(({ title, warmup }) => ({ name: title, warmup })),
  };
  const starts = [0, ...(parts.legs ?? []).map((s) => s * S)];
  return {
    schema: 'isochrone.plan/1',
    protocol: 1,
    run: '20261121-141503-checkout-7f3a',
    label: null,
    createdAtMs: START_MS - 10_000,
    seed: 42,
    where: regions.length > 1 ? 'aws' : 'local',
    plan: {
      name: 'checkout',
      target: 'https://shop.example.com',
      ...(parts.targetAt !== undefined && { targetAt: parts.targetAt }),
      regions,
      load,
      arrivals: 'even',
      requests: names.map((name, i) => ({
        name,
        method: 'GET',
        path: '/',
        weight: i < plain.length ? 1 : 0,
        headers: [],
        body: null,
        expect: null,
        timeoutUs: 10 * S,
      })),
      ...(flows.length > 0 && {
        flows: flows.map(([name, steps]): PlanFlow => {
          const requests = steps.map((step) => names.indexOf(step));
          const code = { sha256: 'c0de', bytes: 1_000, file: `${name}.ts` };
          return parts.inCode?.includes(name)
            ? { kind: 'code', name, weight: 1, code, requests }
            : {
                kind: 'steps',
                name,
                weight: 1,
                steps: requests.map((request) => ({ kind: 'request', request })),
              };
        }),
      }),
      objectives: (parts.objectives ?? []).map((text) => parseObjective(text, scope)),
      abort: [],
      http: {
        timeoutUs: 10 * S,
        connectTimeoutUs: 5 * S,
        connections: parts.connections ?? 'auto',
        expectUs: null,
        insecure: false,
        resolve: {},
        probe: true,
        serverTime: null,
      },
    },
    stages,
    durationUs,
    graceUs: 10 * S,
    arrivalsPerSecond: null,
    legs: starts.map((startUs, index) => ({
      index,
      startUs,
      endUs: starts[index + 1] ?? durationUs,
    })),
    regions: regions.map((region) => ({ ...region, emulated: null })),
    allowUndecided: parts.allowUndecided ?? false,
    accepted: parts.accepted ?? [],
  };
}

export interface Exchange {
  readonly dueUs: number;
  readonly request?: number;
  readonly outcome?: Outcome;
  readonly latencyUs?: number;
  readonly lagUs?: number;
  readonly blockedUs?: number;
  readonly roundTripUs?: number;
  readonly code?: number;
  readonly message?: string;
}

/** One worker, told what it sees instead of seeing it: its recorder is the real one. */
export class SimulatedWorker {
  readonly region: string;
  readonly leg: number;
  readonly n: number;
  readonly recorder: Recorder;
  readonly timeline: Timeline;
  readonly fragments: FragmentContent[] = [];
  readonly planned: number[][];
  backlogAtStart = 0;
  held: number | null = null;
  stoppedAtUs: number | null = null;
  lapsedAtUs: number | null = null;
  ceilingReached = false;
  edges: Manifest['edges'] = [];
  code: NonNullable<Manifest['code']> = [];
  /** Ended without a word. */
  vanished = false;
  /** Its schedule cannot be known. */
  unplanned = false;
  health: Health = {
    delay: { p99Us: 900, fromUs: 0 },
    busy: { share: 0.12, fromUs: 0 },
    gc: { count: 3, totalUs: 2_100, longestUs: 900 },
    steal: 0,
    throttled: { count: 0, totalUs: 0 },
    memory: { rssBytes: 90_000_000, heapBytes: 12_000_000 },
  };
  clock: Manifest['clock'] = { offsetMs: -0.4, uncertaintyMs: 5.2, driftMs: 0.1 };
  firstLagUs: number | null = 180;
  /** How long a step of a flow takes, by its request. */
  stepUs: (request: number) => number = () => 100 * MS;
  stepRoundTripUs = -1;
  readonly #frozen: FrozenPlan;

  constructor(frozen: FrozenPlan, region: string, leg: number, n: number) {
    this.#frozen = frozen;
    this.region = region;
    this.leg = leg;
    this.n = n;
    this.timeline = new Timeline(timelineOf(frozen.stages, frozen.graceUs));
    const requests = subjectsOf(frozen.plan);
    const identity = { run: frozen.run, region, leg, n, attempt: 1 };
    this.recorder = new Recorder({ identity, timeline: this.timeline, requests });
    this.planned = frozen.stages.map(() => requests.map(() => 0));
  }

  /** What the schedule holds, and, unless it vanished before, what became of it. */
  exchange(exchange: Exchange): void {
    this.plan(exchange);
    this.begin(exchange);
    this.finish(exchange);
  }

  plan({ dueUs, request = 0 }: Exchange): void {
    const stage = this.timeline.stageOfWindow[this.timeline.windowAt(dueUs)]!;
    this.planned[stage]![request]! += 1;
  }

  begin({ dueUs, request = 0 }: Exchange): void {
    this.recorder.scheduled(this.timeline.windowAt(dueUs), request);
  }

  finish(exchange: Exchange): void {
    const { outcome = 'ok', code = 1503, message = 'HTTP 503' } = exchange;
    const sample = this.#sample(exchange);
    if (outcome === 'ok') this.recorder.ok(sample);
    else if (outcome === 'failed') this.recorder.failed(sample, code, message, null);
    else if (outcome === 'cutDeadline') this.recorder.cut(sample, 'deadline');
    else if (outcome === 'cutStop') this.recorder.cut(sample, 'stop');
    else this.recorder.dropped(sample, outcome === 'droppedTarget' ? 'target' : 'generator');
  }

  /**
   * An iteration of a flow: how each of its steps that was reached ended, `stepUs` after it was
   * due; the last may not have ended yet, nor the whole with it.
   */
  flow(flow: number, dueUs: number, ...steps: readonly (Outcome | 'open')[]): void {
    const { requests, flows = [] } = this.#frozen.plan;
    const subject = requests.length + flow;
    this.plan({ dueUs, request: subject });
    const of = flows[flow]!;
    if (steps.length === 0) return;
    // What code was to send and never began is counted under the flow itself.
    const unbegun = of.kind === 'code' && steps[0]!.startsWith('dropped');
    const sent = of.kind === 'code' ? of.requests : requestsOf(of.steps);
    const window = this.timeline.windowAt(dueUs);
    this.recorder.flowScheduled(window, subject);
    let atUs = dueUs;
    steps.forEach((outcome, i) => {
      const request = unbegun ? subject : sent[i]!;
      const latencyUs = this.stepUs(request);
      const exchange = { dueUs: atUs, request, latencyUs, roundTripUs: this.stepRoundTripUs };
      atUs += latencyUs;
      // What falls due after the schedule belongs to its last window.
      const lastUs = this.#frozen.durationUs - 1;
      const at = this.timeline.windowAt(Math.min(exchange.dueUs, lastUs));
      this.recorder.requestScheduled(at, request);
      const ended = { ...exchange, outcome: outcome === 'open' ? 'ok' : outcome } as const;
      const sample = { ...this.#sample(ended), window: at };
      if (outcome === 'ok') this.recorder.requestOk(sample);
      else if (outcome === 'failed') this.recorder.requestFailed(sample, 1720, 'missing', null);
      else if (outcome === 'cutStop') this.recorder.requestCut(sample, 'stop');
      else if (outcome === 'cutDeadline') this.recorder.requestCut(sample, 'deadline');
      else if (outcome === 'droppedTarget') this.recorder.requestDropped(sample, 'target');
      else if (outcome === 'droppedGenerator') this.recorder.requestDropped(sample, 'generator');
    });
    const last = steps.at(-1)!;
    if (last === 'open') return;
    this.recorder.flowEnded(window, subject, last, atUs - dueUs);
  }

  flush(nowUs: number, final = false): void {
    this.fragments.push(this.recorder.flush(nowUs, final));
  }

  manifest(): Manifest | null {
    if (this.vanished) return null;
    const { startUs, endUs } = this.#frozen.legs[this.leg]!;
    return {
      schema: 'isochrone.manifest/1',
      run: this.#frozen.run,
      region: this.region,
      leg: this.leg,
      n: this.n,
      attempt: 1,
      worker: {
        node: '24.9.0',
        arch: 'arm64',
        cores: 2,
        threads: 1,
        thread: 0,
        pacer: 'spin',
        engine: 'HTTP/1.1 of isochrone 0.1.0',
      },
      armedAtMs: START_MS - 5_000,
      startedAtMs: START_MS + startUs / MS,
      endedAtMs: START_MS + endUs / MS + 120,
      stoppedAtUs: this.stoppedAtUs,
      ...(this.lapsedAtUs !== null && { lapsedAtUs: this.lapsedAtUs }),
      totals: this.recorder.totals(),
      fragments: this.fragments.map((_, seq) => ({ seq, sha256: this.#sha256(seq) })),
      firstLagUs: this.firstLagUs,
      backlogAtStart: this.backlogAtStart,
      ...(this.held !== null && { held: this.held }),
      connections: {
        peak: 6,
        ceiling: 900,
        opened: 6,
        failed: 0,
        ceilingReached: this.ceilingReached,
        replaced: 0,
        probes: 0,
      },
      edges: this.edges,
      ...(this.code.length > 0 && { code: this.code }),
      health: this.health,
      clock: this.clock,
    };
  }

  fate(arrived: readonly FragmentContent[]): ShardFate {
    const tallies = new Map<string, { stage: number; request: number; values: number[] }>();
    for (const { rows } of arrived) {
      for (const { window, request, values } of rows) {
        const stage = this.timeline.stageOfWindow[window]!;
        const tally = tallies.get(`${stage}/${request}`) ?? {
          stage,
          request,
          values: COUNTERS.map(() => 0),
        };
        tallies.set(`${stage}/${request}`, tally);
        for (const [i, value] of values.entries()) tally.values[i]! += value;
      }
    }
    return {
      region: this.region,
      leg: this.leg,
      n: this.n,
      attempt: 1,
      manifest: this.manifest(),
      lastFragmentUs: arrived.length === 0 ? null : Math.max(...arrived.map((f) => f.cutAtUs)),
      cause: this.vanished ? 'it fell silent' : null,
      planned: this.unplanned ? null : this.planned,
      tallies: [...tallies.values()] satisfies ShardTally[],
    };
  }

  fragmentFate(seq: number, outcome: FragmentFate['outcome']): FragmentFate {
    const { region, leg, n } = this;
    return {
      id: fragmentId({ region, leg, n, attempt: 1, seq }),
      sha256: this.#sha256(seq),
      outcome,
    };
  }

  #sha256(seq: number): string {
    return `${this.region}-${this.leg}-${this.n}-${seq}`;
  }

  #sample(exchange: Exchange): Sample {
    const { dueUs, request = 0, outcome = 'ok', lagUs = 0, blockedUs = 0 } = exchange;
    const { latencyUs = lagUs + blockedUs + 20 * MS, roundTripUs = -1 } = exchange;
    const begun = outcome !== 'droppedGenerator' && outcome !== 'droppedTarget';
    const writtenUs = dueUs + lagUs + blockedUs;
    const answered = outcome === 'ok' || outcome === 'failed';
    return {
      request,
      window: this.timeline.windowAt(dueUs),
      dueUs,
      takenUs: begun ? dueUs + lagUs : -1,
      connectUs: -1,
      writtenUs: begun ? writtenUs : -1,
      sentUs: -1,
      firstByteUs: answered ? Math.max(writtenUs, dueUs + latencyUs - 200) : -1,
      endUs: dueUs + latencyUs,
      bytesIn: answered ? 1_000 : 0,
      bytesOut: begun ? 150 : 0,
      roundTripUs,
      serverTimeUs: -1,
      resent: false,
      hops: 0,
    };
  }
}

export class SimulatedRun {
  readonly frozen: FrozenPlan;
  readonly workers: SimulatedWorker[];
  readonly fates: FragmentFate[] = [];
  end: RunEnd = { kind: 'complete' };
  endedAtMs: number;
  /** Fragments that did not make it: `region/leg/n/seq` → what happened. */
  readonly troubled = new Map<string, 'missing' | 'unreadable'>();

  constructor(parts: PlanParts = {}) {
    this.frozen = frozenPlan(parts);
    this.endedAtMs = START_MS + this.frozen.durationUs / MS + 500;
    this.workers = this.frozen.legs.flatMap(({ index }) =>
      this.frozen.regions.flatMap(({ name, workers }) =>
        Array.from({ length: workers }, (_, n) => new SimulatedWorker(this.frozen, name, index, n)),
      ),
    );
  }

  get only(): SimulatedWorker {
    return this.workers[0]!;
  }

  worker(region: string, n = 0, leg = 0): SimulatedWorker {
    return this.workers.find((w) => w.region === region && w.n === n && w.leg === leg)!;
  }

  stop(atUs: number, by: 'interrupt' | 'terminate' | 'user' | 'abort-rule' | 'cost'): void {
    const atMs = START_MS + atUs / MS;
    this.end = { kind: 'stopped', order: { atMs, cause: `stopped by ${by}`, by } };
    this.endedAtMs = atMs + 300;
  }

  /** Fills the schedule of every worker with requests of even distance, all good by default. */
  fill(
    perWorker: number,
    each: (i: number, worker: SimulatedWorker) => Partial<Exchange> = () => ({}),
  ): this {
    for (const worker of this.workers) {
      const { startUs, endUs } = this.frozen.legs[worker.leg]!;
      for (let i = 0; i < perWorker; i++) {
        const dueUs = startUs + Math.floor(((i + 0.5) * (endUs - startUs)) / perWorker);
        worker.exchange({ dueUs, ...each(i, worker) });
      }
    }
    return this;
  }

  collected(): { record: RunRecord; regions: FragmentContent[] } {
    const folds = new Map(this.frozen.regions.map(({ name }) => [name, new Fold()]));
    const shards: ShardFate[] = [];
    const fragments: FragmentFate[] = [...this.fates];
    for (const worker of this.workers) {
      const { region, leg, n } = worker;
      if (!worker.vanished) worker.flush(this.frozen.legs[leg]!.endUs + 200 * MS, true);
      const arrived = worker.fragments.filter((content, seq) => {
        const trouble = this.troubled.get(`${region}/${leg}/${n}/${seq}`);
        if (trouble === 'unreadable') fragments.push(worker.fragmentFate(seq, 'unreadable'));
        if (trouble !== undefined) return false;
        folds.get(region)!.add(content);
        fragments.push(worker.fragmentFate(seq, 'merged'));
        return true;
      });
      shards.push(worker.fate(arrived));
    }
    const regions = [...folds]
      .filter(([, fold]) => fold.covers.size > 0)
      .map(([name, fold]) => fold.toContent(name));
    const { frozen, end, endedAtMs } = this;
    const record = { frozen, startAtMs: START_MS, endedAtMs, end, shards, fragments, refused: [] };
    return { record, regions };
  }

  report(): Report {
    const { record, regions } = this.collected();
    return buildReport(record, regions);
  }
}

/** The slice that is cut like this; what is not named means all. */
export function sliceOf(
  report: Report,
  cut: { region?: string; request?: string; stage?: string } = {},
): Report['slices'][number] {
  return report.slices.find(
    ({ region, request, stage }) =>
      region === (cut.region ?? null) &&
      request === (cut.request ?? null) &&
      stage === (cut.stage ?? null),
  )!;
}
