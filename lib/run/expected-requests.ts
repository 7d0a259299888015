import { fragmentEveryUs } from '../load/run-timeline.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { shardCount } from '../plan/split.js';
import { CLOUD_TIMING } from './cloud-timing.js';
import type { Expectation, LegTimes, RunTimes } from './expected-times.js';
import { runBudget } from './run-budget.js';
import { DISTANT_CONTROL_MS, type Timing } from './timing.js';
import { listEveryUs, recallUs } from './told-fragments.js';

/** Requests to S3, by what they are charged for. */
export interface S3Counts {
  readonly writes: number;
  readonly reads: number;
  readonly lists: number;
}

/** The claim, ready, the manifest. */
export const WORKER_WRITES = 3;
/** Of control: one more each time that it is listened to, and one that was under way. */
export const EXTRA_LOOKS = 3;
/** At the store's clock, before and after. */
export const CLOCK_LOOKS = { likely: 8, most: 15 } as const;
/** A look at the run takes this much longer than the pause between two. */
const LOOK_S = 0.05;
/** Until a worker has its go and tells from then on, s: it reads control once a second. */
const HEAR_S = 0.5;

export function fragmentsOf(
  frozen: FrozenPlan,
  { goS, aheadS, loadS, endingS }: LegTimes,
  how: Expectation,
): number {
  const everyS = fragmentEveryUs(frozen) / 1e6;
  const spokenS = how === 'likely' ? goS - HEAR_S + loadS : aheadS + loadS + endingS;
  return Math.max(0, Math.floor(spokenS / everyS)) + (how === 'likely' ? 1 : 2);
}

/** Of one worker, in one leg. */
export function workerRequests(frozen: FrozenPlan, leg: LegTimes, how: Expectation): S3Counts {
  const { goS, aheadS, loadS, endingS } = leg;
  const watchedS = how === 'likely' ? goS + loadS : aheadS + loadS + endingS;
  return {
    writes: WORKER_WRITES + fragmentsOf(frozen, leg, how),
    // The plan is read once.
    reads: 1 + CLOCK_LOOKS[how] + EXTRA_LOOKS + (watchedS * 1000) / DISTANT_CONTROL_MS,
    lists: 0,
  };
}

/** Of the orchestrator, in the whole run. */
export function orchestratorRequests(
  frozen: FrozenPlan,
  times: RunTimes,
  how: Expectation,
  timing: Timing = CLOUD_TIMING,
): S3Counts {
  if (how === 'most') return runBudget(frozen, timing).requests;
  const { legs, readyS, watchS, slices, mergeWaitS } = times;
  const regions = frozen.regions.length;
  const workers = shardCount(frozen);
  const tickS = timing.tickMs / 1000 + LOOK_S;
  const ticks = watchS / tickS;
  const fragments = legs.reduce((sum, leg) => sum + fragmentsOf(frozen, leg, how), 0) * workers;
  const recalled = Math.ceil(recallUs(frozen) / fragmentEveryUs(frozen)) * workers;
  const listS = Math.max(tickS, listEveryUs(frozen) / 1e6);
  const listed = legs.reduce((sum, { loadS, endingS }) => sum + (loadS + endingS) / listS + 1, 0);
  const reported = legs.reduce((sum, { endingS }) => sum + endingS / tickS, 0);
  // Who claims, and who is ready.
  const mustered = legs.length * (1 + readyS / tickS);
  const mergeTicks = mergeWaitS / tickS;
  return {
    lists: regions * (mustered + listed + reported) + mergeTicks / 2,
    reads:
      // The order, the admission, plan and state; control; what each slice begins with.
      4 +
      ticks +
      legs.length +
      2 * slices +
      fragments +
      (slices - 1) * recalled +
      3 +
      mergeTicks / 2,
    writes:
      // The admission, plan, control, state; progress; what each slice leaves; each go.
      4 + ticks + slices + 2 + legs.length,
  };
}

/** Of merge: each region's part of each leg, then the whole. */
export function mergeRequests(frozen: FrozenPlan, times: RunTimes, how: Expectation): S3Counts {
  const { regions } = frozen;
  const places = regions.length * times.legs.length;
  const workers = shardCount(frozen);
  const fragments = times.legs.reduce((sum, leg) => sum + fragmentsOf(frozen, leg, how), 0);
  const pages = Math.ceil((fragments * workers) / 1_000);
  return {
    lists: places + pages + 3,
    reads: 5 * places + fragments * workers + 6 + workers * times.legs.length,
    writes: 2 * places + reportWrites(frozen),
  };
}

/** The regions' histograms, the report in three forms, the state, the admission. */
export function reportWrites({ regions }: FrozenPlan): number {
  return regions.length + 5;
}
