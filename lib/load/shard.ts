import type { FragmentContent } from '../measure/fragment-content.js';
import type { Manifest } from '../measure/manifest.js';
import { Recorder } from '../measure/recorder.js';
import { Timeline, type TimelineSpec } from '../measure/timeline.js';
import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import { mostSentBy } from '../plan/most-sent.js';
import { shardRefs } from '../plan/split.js';
import { subjectsOf } from '../plan/starts.js';
import { AddressBook } from './address-book.js';
import type { DiallerSetting } from './dialler.js';
import { DistanceRecord } from './distance-record.js';
import type { Driver } from './driver.js';
import { EmulatedPath } from './emulated-path.js';
import { shardSeed } from './emulated-wait.js';
import { FirstAnswers } from './first-answers.js';
import type { Job } from './job.js';
import { driverOf, meanThinkUs } from './load-driver.js';
import { Forbidden, type LoadGuard } from './load-guard.js';
import type { Pacer } from './pacer.js';
import { Pool } from './pool.js';
import { distanceOf, poolSize } from './pool-size.js';
import { Probe } from './probe.js';
import type { Hide } from './record-job.js';
import { requestTemplates } from './request-template.js';
import { RoundTrips } from './round-trips.js';
import type { RunClock } from './run-clock.js';
import { NO_MEANS, type ScenarioMeans, starterOf } from './scenario.js';
import { type Secrets, SecretText } from './secret-text.js';
import { StartCeiling } from './start-ceiling.js';
import type { Starter } from './starter.js';
import { Steps } from './steps.js';

interface ShardSetting {
  readonly frozen: FrozenPlan;
  readonly ref: ShardRef;
  readonly timeline: TimelineSpec;
  readonly clock: RunClock;
  readonly pacer: Pacer;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  /** Absent: the plan needs none. */
  readonly means?: ScenarioMeans | undefined;
  /** Absent where the machine is the user's own. */
  readonly bounds?: ShardBounds | undefined;
}

/** What holds a shard that runs on behalf of others. */
export interface ShardBounds {
  readonly guard: LoadGuard;
  /** Starts/s at the most where answers set the pace, and requests/s where code sends them. */
  readonly maxRate: number;
  readonly secrets: Secrets;
}

/** How a shard's load ended. */
type ShardEnd = 'complete' | 'deadline' | 'stopped' | 'lapsed';

/** One worker's share of one leg, from arming to its last answer. Knows nothing of stores. */
export class Shard {
  readonly ref: ShardRef;
  readonly recorder: Recorder;
  stoppedAtUs: number | null = null;
  lapsedAtUs: number | null = null;

  readonly #setting: ShardSetting;
  readonly #startUs: number;
  readonly #endUs: number;
  readonly #pool: Pool;
  readonly #book: AddressBook;
  readonly #reach: DiallerSetting;
  readonly #distance: DistanceRecord;
  readonly #firstAnswers: FirstAnswers;
  readonly #starter: Starter;
  readonly #driver: Driver;
  /** null: nobody sets one. */
  readonly #ceiling: StartCeiling | null;
  /** null: it measures from where it is. */
  readonly #path: EmulatedPath | null;
  #probe: Probe | null = null;
  #sweeping: NodeJS.Timeout | null = null;
  #backlogAtStart = 0;
  #measuredFromUs: number;
  #finish: (end: ShardEnd) => void = () => {};
  #ended = false;

  constructor(setting: ShardSetting) {
    const { frozen, ref, clock } = setting;
    const { plan } = frozen;
    const leg = frozen.legs[ref.leg]!;
    this.#setting = setting;
    this.ref = ref;
    this.#startUs = leg.startUs;
    this.#endUs = leg.endUs;
    this.#measuredFromUs =
      frozen.stages.find((stage) => !stage.warmup && stage.startUs > 0)?.startUs ?? -1;

    const timeline = new Timeline(setting.timeline);
    const recorder = new Recorder({
      identity: ref,
      timeline,
      requests: subjectsOf(plan),
      thinkUs: meanThinkUs(plan),
    });
    this.recorder = recorder;

    const guard = setting.bounds?.guard;
    const secrets = new SecretText(setting.env, setting.bounds?.secrets);
    const target = new URL(secrets.reveal(plan.target));
    const host = target.hostname.replace(/^\[|\]$/g, '');
    refuseIf(guard?.targetProblem(target, plan.http.resolve[host]));
    const secure = target.protocol === 'https:';
    this.#book = new AddressBook(host, plan.http.resolve[host], (dnsUs) =>
      recorder.connection(
        { address: host, ahead: true, dnsUs, tcpUs: -1, tlsUs: -1 },
        Math.max(this.#startUs, clock.nowUs()),
      ),
    );
    const destination = {
      host,
      port: target.port ? Number(target.port) : secure ? 443 : 80,
      secure,
      insecure: plan.http.insecure,
      timeoutUs: plan.http.connectTimeoutUs,
      guard,
    };
    this.#path = emulatedPath(setting);
    this.#reach = {
      destination,
      dial: this.#path?.dial,
      clock,
      recorder,
      book: this.#book,
      roundTrips: new RoundTrips(),
      startUs: this.#startUs,
    };
    this.#distance = new DistanceRecord(this.#reach, this.#endUs);
    this.#firstAnswers = new FirstAnswers(plan.http.serverTime);
    const means = setting.means ?? NO_MEANS;
    const hide: Hide = (text, also) => secrets.hide(text, also);
    const templates = requestTemplates(plan, setting.userAgent, secrets, guard, {
      ...means,
      checks: (request, text) => recorder.check(request, text),
    });
    const steps = new Steps(plan, templates, secrets, means.engine, guard);
    this.#pool = new Pool({
      ...this.#reach,
      firstAnswers: this.#firstAnswers,
      templates: steps.templates,
      hide,
      elsewhere: { resolve: plan.http.resolve, guard },
      ...poolSize(frozen, ref),
    });
    this.#ceiling = setting.bounds
      ? new StartCeiling(setting.bounds.maxRate / mostSentBy(plan))
      : null;
    const pool = this.#pool;
    this.#starter = starterOf({
      ...{ ...setting, means, steps, timeline, pool, recorder, hide },
      readEnv: (name) => secrets.variable(name),
      maxRate: setting.bounds?.maxRate ?? null,
    });
    const [starter, ceiling] = [this.#starter, this.#ceiling];
    this.#driver = driverOf({ ...setting, timeline, pool, starter, ceiling });
  }

  /**
   * Resolves and connects; a target that cannot be reached is for the run to tell. Rejects with
   * Forbidden where one of its addresses must not be.
   */
  async arm(): Promise<void> {
    if (this.#path) this.#setting.pacer.add(this.#path);
    await this.#book.resolve().catch(() => {});
    const guard = this.#setting.bounds?.guard;
    for (const address of guard ? this.#book.known : []) refuseIf(guard?.addressProblem(address));
    this.#book.keepFresh();
    await this.#pool.openAhead();
  }

  /** Makes the load, from the run's start instant that the clock knows. Resolves when all is over. */
  run(): Promise<ShardEnd> {
    // An order to stop may have come first.
    if (this.#ended) return Promise.resolve('stopped');
    const { pacer, clock, frozen } = this.#setting;
    const deadlineUs = this.#endUs + frozen.graceUs;
    const shortestUs = Math.min(...frozen.plan.requests.map((request) => request.timeoutUs));
    const sweepMs = Math.min(50, Math.max(1, Math.floor(shortestUs / 50_000)));
    return new Promise((resolve) => {
      this.#finish = resolve;
      if (frozen.plan.http.probe) this.#probe = this.#newProbe();
      pacer.add(this.#driver);
      if (this.#starter.source) pacer.add(this.#starter.source);
      this.#sweeping = setInterval(() => {
        this.#pool.sweep();
        this.#distance.sweep();
        this.#noteBacklog();
        const nowUs = clock.nowUs();
        const idle = this.#driver.done && this.recorder.inFlight === 0;
        if (nowUs < this.#startUs || (!idle && nowUs < deadlineUs)) return;
        this.#driver.giveUp(this.#endUs, this.#unbegun(nowUs));
        this.#pool.cut('deadline');
        this.#starter.giveUp('deadline');
        this.#end(idle ? 'complete' : 'deadline');
      }, sweepMs);
    });
  }

  /** Stops at once: sockets are closed, what is in flight or due is cut. Final. */
  stop(): void {
    if (this.#ended) return;
    const nowUs = Math.max(this.#setting.clock.nowUs(), this.#startUs);
    this.stoppedAtUs = Math.min(nowUs, this.#endUs);
    this.#driver.giveUp(this.stoppedAtUs, (job) => this.#starter.cut(job, 'stop'));
    this.#pool.cut('stop');
    this.#starter.giveUp('stop');
    this.#end('stopped');
  }

  /** Lost sight of control: falls silent, and owns up to the rest of its leg. */
  lapse(): void {
    if (this.#ended) return;
    this.lapsedAtUs = Math.max(this.#setting.clock.nowUs(), this.#startUs);
    this.#pool.cut('stop');
    this.#driver.giveUp(this.#endUs, (job) => this.#starter.dropped(job, 'generator'));
    this.#starter.giveUp('stop');
    this.#end('lapsed');
  }

  /** What was measured since the last call. */
  flush(final: boolean): FragmentContent {
    return this.recorder.flush(this.#setting.clock.nowUs(), final);
  }

  facts(): Pick<
    Manifest,
    'firstLagUs' | 'backlogAtStart' | 'connections' | 'edges' | 'totals' | 'held' | 'code'
  > {
    const { ceiling, facts } = this.#pool;
    return {
      firstLagUs: this.#driver.firstLagUs,
      backlogAtStart: this.#backlogAtStart,
      connections: { ceiling, ...facts, probes: this.#probe?.count ?? 0 },
      edges: this.#firstAnswers.edges(),
      totals: this.recorder.totals(),
      ...(this.#starter.code && { code: this.#starter.code }),
      ...(this.#ceiling && { held: this.#ceiling.held + this.#starter.held }),
    };
  }

  close(): void {
    if (this.#sweeping) clearInterval(this.#sweeping);
    this.#sweeping = null;
    this.#setting.pacer.remove(this.#driver);
    if (this.#starter.source) this.#setting.pacer.remove(this.#starter.source);
    if (this.#path) this.#setting.pacer.remove(this.#path);
    this.#probe?.close();
    this.#pool.close();
    this.#book.close();
  }

  #end(how: ShardEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.close();
    this.#finish(how);
  }

  #newProbe(): Probe {
    const { region, n, leg } = this.ref;
    const refs = shardRefs(this.#setting.frozen, leg);
    const nth = refs.findIndex((ref) => ref.region === region && ref.n === n);
    return new Probe(this.#reach, nth, () => this.#pool.connecting);
  }

  #noteBacklog(): void {
    if (this.#measuredFromUs < 0 || this.#setting.clock.nowUs() < this.#measuredFromUs) return;
    this.#measuredFromUs = -1;
    this.#backlogAtStart = this.#pool.waiting;
  }

  /** Due, and not begun when time ran out: the pacer was late, users were held, or still busy. */
  #unbegun(nowUs: number): (job: Job) => void {
    const ours = this.#setting.frozen.plan.load.kind === 'open' || this.#ceiling?.held;
    const cause = ours ? 'generator' : 'target';
    return (job) => {
      job.endUs = nowUs;
      this.#starter.dropped(job, cause);
    };
  }
}

function emulatedPath({ frozen, ref, clock, pacer }: ShardSetting): EmulatedPath | null {
  const distance = distanceOf(frozen, ref);
  if (!distance) return null;
  const region = frozen.regions.findIndex(({ name }) => name === ref.region);
  return new EmulatedPath(distance, shardSeed(frozen.seed, region, ref.leg, ref.n), clock, pacer);
}

function refuseIf(problem: string | null | undefined): void {
  if (typeof problem === 'string') throw new Forbidden(problem);
}
