import { addS3, NO_S3, type OrchestratorUse } from '../measure/function-use.js';
import type { CloudSite, FrozenPlan } from '../plan/frozen-plan.js';
import { usd } from '../report/render/figures.js';
import type { Control } from '../store/control.js';
import type { LiveCost, Progress } from '../store/progress.js';
import type { CostMemory } from '../store/watch-memory.js';
import { CLOUD_TIMING } from './cloud-timing.js';
import { estimatedBill } from './cost-estimate.js';
import { requestBytes } from './expected-load.js';
import type { WatchedLeg } from './leg-watch.js';
import type { Meter } from './meter.js';
import { type RunLife, spentUsage } from './spent-usage.js';

/** From the order to stop to a worker's end at the latest: then it is given up. */
const LEAVE_MS = CLOUD_TIMING.stopMs;
/** What the orchestrator still does after that: the end of its slice, and waiting for merge. */
const CLOSE_MS = 12_000;
const CLOSE_S3 = { puts: 12, gets: 24, lists: 12, bytesOut: 0, bytesIn: 0 };
/** A step and its pause. */
const SLICE_OPERATIONS = 2;
/** Another slice, the merge, and their pauses. */
const CLOSE_OPERATIONS = 4;
/** The execution itself, the freezing and its pause. */
const FIRST_OPERATIONS = 3;

/**
 * Adds up what a run costs while it goes on. Workers say only at their end what they took: until
 * then it is reckoned from how long they have lived.
 */
export class CostWatch {
  readonly #frozen: FrozenPlan;
  readonly #site: CloudSite;
  readonly #meter: Meter;
  readonly #expectedUsd: number | null;
  readonly #bytesEach: number;
  /** Of earlier invocations. */
  readonly #before: OrchestratorUse;
  readonly #workerMs: number[];
  readonly #limitUsd: number | null;
  #atMs: number;
  /** What it would still cost to end the run now, US dollars. */
  #endingUsd = 0;
  #told: LiveCost | null = null;

  /** null: nobody charges for the run. */
  static of(
    frozen: FrozenPlan,
    meter: Meter | undefined,
    memory: CostMemory | undefined,
    nowMs: number,
  ): CostWatch | null {
    const { site } = frozen;
    return site && meter ? new CostWatch(frozen, site, meter, memory, nowMs) : null;
  }

  private constructor(
    frozen: FrozenPlan,
    site: CloudSite,
    meter: Meter,
    memory: CostMemory | undefined,
    nowMs: number,
  ) {
    const limits = [frozen.plan.limits?.costUsd, site.mostUsd].filter(
      (one) => typeof one === 'number',
    );
    this.#frozen = frozen;
    this.#site = site;
    this.#meter = meter;
    this.#expectedUsd = estimatedBill(frozen)?.usd ?? null;
    this.#bytesEach = requestBytes(frozen, site);
    this.#before = memory?.orchestrator ?? firstUse(meter);
    this.#workerMs = frozen.regions.map((_, i) => memory?.workerMs[i] ?? 0);
    this.#limitUsd = limits.length === 0 ? null : Math.min(...limits);
    this.#atMs = memory?.atMs ?? nowMs;
  }

  /** What the last look told. */
  get told(): LiveCost | null {
    return this.#told;
  }

  /** Reckons anew. `legs`: all that are not over, in order. */
  look(nowMs: number, control: Control, legs: readonly WatchedLeg[], progress: Progress): void {
    const { regions, legs: all, durationUs } = this.#frozen;
    const shards = legs.flatMap((leg) => leg.shards);
    const alive = regions.map(
      ({ name }) => shards.filter(({ ref, over }) => ref.region === name && over === null).length,
    );
    const elapsedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    const passed = legs[0]?.leg.index ?? all.length;
    const lives = regions.map(({ name, workers }, i) => {
      this.#workerMs[i]! += elapsedMs * alive[i]!;
      const own = shards.filter(({ ref }) => ref.region === name);
      return {
        workers: passed * workers + own.reduce((sum, { ref }) => sum + ref.attempt, 0),
        workerMs: this.#workerMs[i]!,
        sent: progress.regions[i]!.scheduled,
      };
    });
    const orchestrator = this.#orchestrator();
    const went = control.legs.filter(({ state }) => state === 'go').length;
    const spentUsd = this.#usd({
      regions: lives,
      orchestrator,
      mergedLegs: passed,
      reported: false,
    });
    const endedUsd = this.#usd({
      regions: lives.map((life, i) => ({
        ...life,
        workerMs: life.workerMs + alive[i]! * LEAVE_MS,
      })),
      orchestrator: closing(orchestrator),
      mergedLegs: Math.max(went, passed),
      reported: true,
    });
    this.#told = null;
    if (spentUsd === null || endedUsd === null || this.#expectedUsd === null) return;
    this.#endingUsd = endedUsd - spentUsd;
    const rest = 1 - Math.min(1, Math.max(0, progress.elapsedUs) / durationUs);
    const leftUsd = control.stop ? this.#endingUsd : this.#expectedUsd * rest + this.#endingUsd;
    this.#told = { spentUsd, leftUsd, limitUsd: this.#limitUsd };
  }

  /** Why the run is to be ended, so that it costs no more than it may; null: it goes on. */
  judge({ startAtMs, stop }: Control): string | null {
    if (stop !== null || this.#told === null || this.#limitUsd === null) return null;
    const { durationUs, plan } = this.#frozen;
    // All has been sent: there is nothing to save.
    if (startAtMs !== null && this.#atMs >= startAtMs + durationUs / 1000) return null;
    const { spentUsd } = this.#told;
    if (spentUsd + this.#endingUsd < this.#limitUsd) return null;
    const own = plan.limits?.costUsd === this.#limitUsd;
    const limit = own ? 'limits.cost of' : 'what this deployment admitted it with,';
    return `${limit} ${usd(this.#limitUsd)}: it has cost ${usd(spentUsd)}, and ${usd(this.#endingUsd)} more to end it`;
  }

  /** For whoever takes over. `writes`: of this, and of what else is still written. */
  memory(writes: number): CostMemory {
    return {
      atMs: this.#atMs,
      workerMs: [...this.#workerMs],
      orchestrator: withWrites(this.#orchestrator(), writes),
    };
  }

  /** All invocations so far, this one included. */
  #orchestrator(): OrchestratorUse {
    const { memoryMb, initMs, lifeMs, s3 } = this.#meter.read();
    const before = this.#before;
    return {
      memoryMb,
      initMs: before.initMs + initMs,
      lifeMs: before.lifeMs + lifeMs,
      s3: addS3(before.s3, s3),
      invocations: before.invocations + 1,
      operations: before.operations + SLICE_OPERATIONS,
    };
  }

  #usd(life: RunLife): number | null {
    return spentUsage(this.#frozen, this.#site, life, this.#bytesEach).bill().usd;
  }
}

/** An orchestrator that has frozen its run, and nothing else. */
export function firstMemory(meter: Meter, nowMs: number): CostMemory {
  const use = { ...meter.read(), invocations: 1, operations: FIRST_OPERATIONS };
  return { atMs: nowMs, workerMs: [], orchestrator: withWrites(use, 1) };
}

function withWrites(use: OrchestratorUse, puts: number): OrchestratorUse {
  return { ...use, s3: addS3(use.s3, { ...NO_S3, puts }) };
}

/** One of which no account was left: nothing is put in its place. */
function firstUse(meter: Meter): OrchestratorUse {
  const { memoryMb } = meter.read();
  return {
    memoryMb,
    initMs: 0,
    lifeMs: 0,
    s3: NO_S3,
    invocations: 1,
    operations: FIRST_OPERATIONS,
  };
}

function closing(use: OrchestratorUse): OrchestratorUse {
  return {
    ...use,
    lifeMs: use.lifeMs + LEAVE_MS + CLOSE_MS,
    s3: addS3(use.s3, CLOSE_S3),
    invocations: use.invocations + 2,
    operations: use.operations + CLOSE_OPERATIONS,
  };
}
