import { UsageError } from '../errors.js';
import { fragmentEveryUs } from '../load/run-timeline.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { shardCount } from '../plan/split.js';
import { formatDuration } from '../plan/units.js';
import { CLOUD_TIMING } from './cloud-timing.js';
import { PLACES_MS } from './merge-slice.js';
import { MOST_ASKED, PAUSE_MS, type Timing } from './timing.js';
import { listEveryUs, lookBackFragments, recallUs } from './told-fragments.js';

/** What a run asks of the services that carry it, at most. */
export interface RunBudget {
  /** Blocks and pauses of the orchestrator, each a durable operation. */
  readonly operations: number;
  /** Of all its workers together, in the second in which most of them live. */
  readonly controlReadsPerSecond: number;
  /** Fragments, in the second in which all workers of a leg write theirs. */
  readonly writesPerSecond: number;
  /** Of the orchestrator in the whole run, where each worker is ready before it counts as missing. */
  readonly requests: {
    readonly lists: number;
    readonly reads: number;
    readonly writes: number;
  };
}

/** Lambda ends an execution at 3,000: this leaves as much again for what nobody foresees. */
const MOST_OPERATIONS = 1_500;
/** A bucket answers 5,500 reads and takes 3,500 writes a second, and is there for other runs, too. */
const MOST_CONTROL_READS = 2_500;
const MOST_WRITES = 1_500;
/** Whoever takes over reads again what abort rules look back over, every few minutes. */
const LONGEST_LOOK_BACK_US = 3_600_000_000;

/** What one page of a listing holds. */
const PAGE = 1_000;
/** Freezing, its pause, and the pause before the merge. */
const FIXED_OPERATIONS = 3;

export function runBudget(frozen: FrozenPlan, timing: Timing = CLOUD_TIMING): RunBudget {
  const workers = shardCount(frozen);
  const live = workers * legsAtOnce(frozen, timing);
  const everySeconds = fragmentEveryUs(frozen) / 1e6;
  const slices = mostSlices(frozen, timing);
  return {
    operations: FIXED_OPERATIONS + (2 * slices - 1) + (2 * MOST_ASKED - 1),
    controlReadsPerSecond: live,
    // Workers of a leg have their go within a second of each other, so they write within one.
    writesPerSecond: workers + Math.ceil(live / everySeconds),
    requests: requestsOf(frozen, timing, slices),
  };
}

/** Refuses what no orchestrator of ours could lead to its end, all of it at once. */
export function guardBudget(frozen: FrozenPlan): void {
  const problems = budgetProblems(frozen);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
}

/** What a run would ask too much of, each with what would mend it. */
export function budgetProblems(frozen: FrozenPlan, timing: Timing = CLOUD_TIMING): string[] {
  const { operations, controlReadsPerSecond, writesPerSecond } = runBudget(frozen, timing);
  const problems: string[] = [];
  const hours = frozen.durationUs / 3_600e6;
  if (operations > MOST_OPERATIONS) {
    const most = Math.floor((hours * MOST_OPERATIONS) / operations);
    problems.push(
      `a run of ${formatDuration(frozen.durationUs)} takes ${operations} durable operations of its orchestrator, and ${MOST_OPERATIONS} are allowed: let it last ${most}h at most, and start another one after it`,
    );
  }
  const workers = shardCount(frozen);
  const relay = frozen.legs.length > 1 ? ', those of two legs while one relieves the other,' : '';
  if (controlReadsPerSecond > MOST_CONTROL_READS) {
    const most = Math.floor((workers * MOST_CONTROL_READS) / controlReadsPerSecond);
    problems.push(
      `${controlReadsPerSecond} workers at once${relay} would read control ${controlReadsPerSecond} times a second, and a bucket is asked ${MOST_CONTROL_READS} times at most: use ${most} workers in all or fewer (--workers, or \`workers\` of a region)`,
    );
  }
  if (writesPerSecond > MOST_WRITES) {
    const most = Math.floor((workers * MOST_WRITES) / writesPerSecond);
    problems.push(
      `${workers} workers would write ${writesPerSecond} fragments in a second, and a bucket is given ${MOST_WRITES} at most: use ${most} workers in all or fewer (--workers, or \`workers\` of a region)`,
    );
  }
  for (const { condition, overUs } of frozen.plan.abort) {
    if (overUs <= LONGEST_LOOK_BACK_US) continue;
    problems.push(
      `abort rule ${condition.text} looks back over ${formatDuration(overUs)}, and on AWS ${formatDuration(LONGEST_LOOK_BACK_US)} is the most: shorten what follows \`over\``,
    );
  }
  return problems;
}

/** From the first worker's start to the last one's report, ms. */
function wholeMs({ durationUs, graceUs }: FrozenPlan, { armMs, uploadMs }: Timing): number {
  return armMs + (durationUs + graceUs) / 1000 + uploadMs;
}

/** A slice lasts as long as it may, unless a leg is to be armed: that begins another one. */
function mostSlices(frozen: FrozenPlan, timing: Timing): number {
  const whole = Math.ceil(wholeMs(frozen, timing) / (timing.sliceMs + PAUSE_MS));
  return whole + frozen.legs.length;
}

/** So many legs have workers that live at the same time, those that are being armed included. */
function legsAtOnce({ legs, graceUs }: FrozenPlan, { armMs, uploadMs }: Timing): number {
  const lives = legs.map(({ startUs, endUs }, index) => {
    const before = legs[index - 1];
    const aheadMs = before ? Math.min(armMs, (before.endUs - before.startUs) / 1000) : armMs;
    return { fromMs: startUs / 1000 - aheadMs, toMs: (endUs + graceUs) / 1000 + uploadMs };
  });
  const at = (ms: number) => lives.filter(({ fromMs, toMs }) => fromMs <= ms && ms < toMs).length;
  return Math.max(...lives.map(({ fromMs }) => at(fromMs)));
}

function requestsOf(frozen: FrozenPlan, timing: Timing, slices: number): RunBudget['requests'] {
  const { legs, regions, graceUs, durationUs } = frozen;
  const { tickMs, claimMs, armMs, uploadMs, sliceMs } = timing;
  const everyUs = fragmentEveryUs(frozen);
  const workers = shardCount(frozen);
  const legsLive = legsAtOnce(frozen, timing);
  const places = regions.length * legs.length;
  const endMs = graceUs / 1000 + uploadMs;
  const ticks = Math.ceil(wholeMs(frozen, timing) / tickMs) + slices;
  const mergeTicks = MOST_ASKED * Math.ceil(sliceMs / tickMs);
  // A place's newest fragments, and those behind which one may yet come.
  const mostWorkers = Math.max(...regions.map((region) => region.workers));
  const pages = Math.ceil(((lookBackFragments(frozen) + 2) * mostWorkers) / PAGE);
  const legRounds = (durationUs / 1000 + legs.length * endMs) / (listEveryUs(frozen) / 1000);
  const rounds = Math.ceil(legRounds) + 2 * legs.length + slices * legsLive;
  const partialPages = Math.ceil((2 * places) / PAGE);
  const placesTicks = MOST_ASKED * Math.ceil(PLACES_MS / tickMs);
  const spoken = (durationUs + legs.length * (armMs * 1000 + graceUs)) / everyUs;
  return {
    lists:
      regions.length * pages * rounds +
      // Who claims, who is ready, and at last who has reported.
      places * (1 + Math.ceil(claimMs / tickMs) + Math.ceil(endMs / tickMs)) +
      partialPages * placesTicks,
    reads:
      // Control; plan and state; fragments, and some of them again.
      ticks +
      2 * slices +
      Math.ceil(workers * (spoken + 2 * legs.length)) +
      slices * workers * legsLive * (Math.ceil(recallUs(frozen) / everyUs) + 2) +
      2 * legs.length +
      mergeTicks,
    writes: Math.ceil(wholeMs(frozen, timing) / 1_000) + slices + legs.length + 8,
  };
}
