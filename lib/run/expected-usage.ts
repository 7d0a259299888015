import { UsageTally } from '../cloud/bill.js';
import { LOG_BYTES, S3_ANSWER_BYTES, S3_REQUEST_BYTES } from '../cloud/overhead.js';
import type { CloudSite, FrozenPlan } from '../plan/frozen-plan.js';
import { shardCount } from '../plan/split.js';
import { CLOUD_TIMING } from './cloud-timing.js';
import { expectedStarts, requestBytes } from './expected-load.js';
import {
  fragmentsOf,
  mergeRequests,
  orchestratorRequests,
  type S3Counts,
  workerRequests,
} from './expected-requests.js';
import { type Expectation, expectedTimes, INIT_S, type RunTimes } from './expected-times.js';
import { runBudget } from './run-budget.js';
import type { Timing } from './timing.js';

/** Where the time of functions goes, GB-seconds. */
export interface TimeParts {
  readonly init: number;
  /** Of the first leg: until it is fired, and the lead. */
  readonly arming: number;
  /** Of later legs, which wait while the one before goes on. */
  readonly overlap: number;
  readonly load: number;
  /** The grace, and the last words. */
  readonly ending: number;
  readonly orchestrator: number;
  readonly merge: number;
}

/** What a run will take of AWS. */
interface ExpectedUsage {
  readonly tally: UsageTally;
  readonly time: TimeParts;
  readonly requests: number;
  /** Answers decide how many there are. */
  readonly guessed: boolean;
  /** Of all fragments together. */
  readonly fragmentBytes: number;
}

/** A fragment without anything in it, and what each request of the plan may add to it. */
const FRAGMENT_BYTES = 2_500;
const FRAGMENT_REQUEST_BYTES = 1_500;
const MANIFEST_BYTES = 4_000;
export const CONTROL_BYTES = 400;
/** Of the orchestrator, beside its slices: to begin again from what is remembered. */
const REPLAY_S = 0.3;
/** Of merge, for a region's part of a leg, and for the whole. */
export const MERGE_S = { place: 0.3, run: 1 } as const;
/** All of merge may take so many times as long. */
const SLOWER = { likely: 1, most: 10 } as const;
/** For each fragment, or each sum of a place, that merge reads. */
const MERGE_READ_S = 0.003;

export function expectedUsage(
  frozen: FrozenPlan,
  site: CloudSite,
  how: Expectation,
  timing: Timing = CLOUD_TIMING,
): ExpectedUsage {
  const tally = new UsageTally();
  const times = expectedTimes(frozen, how, timing);
  const time = timeOf(frozen, times, site, how);
  const { home, workerMb } = site;
  const { regions, legs } = frozen;
  const bytesEach = bytesOfFragment(frozen);
  const { count: requests, guessed } = expectedStarts(frozen, how);
  const bytesToTarget = requests * requestBytes(frozen, site);
  const shares = regions.reduce((sum, { share }) => sum + share, 0);
  const planBytes = JSON.stringify(frozen).length;
  const charge = ({ writes, reads, lists }: S3Counts, times: number = 1) => {
    tally.add(home, 's3Writes', Math.ceil(writes * times));
    tally.add(home, 's3Reads', Math.ceil(reads * times));
    tally.add(home, 's3Lists', Math.ceil(lists * times));
  };
  let fragmentBytes = 0;
  for (const { name, share, workers } of regions) {
    const sent = (bytesToTarget * share) / shares;
    tally.add(name, 'bytesToTarget', sent);
    let passed = sent;
    for (const leg of times.legs) {
      const seconds = leg.initS + leg.aheadS + leg.loadS + leg.endingS;
      const own = workerRequests(frozen, leg, how);
      const told = fragmentsOf(frozen, leg, how) * bytesEach;
      const asked = own.reads + own.writes;
      const out = workers * (told + MANIFEST_BYTES + asked * S3_REQUEST_BYTES);
      const back = workers * (planBytes + own.reads * CONTROL_BYTES + asked * S3_ANSWER_BYTES);
      tally.add(name, 'gbSeconds', (workers * seconds * workerMb) / 1024);
      tally.add(name, 'invocations', workers);
      tally.add(name, 'bytesLogged', workers * LOG_BYTES);
      charge(own, workers);
      fragmentBytes += workers * told;
      passed += out + back;
      if (name === home) continue;
      tally.add(name, 'bytesBetweenRegions', out);
      tally.add(home, 'bytesBetweenRegions', back);
    }
    if (site.nat) tally.add(name, 'bytesThroughNat', passed);
  }
  charge(orchestratorRequests(frozen, times, how, timing));
  charge(mergeRequests(frozen, times, how));
  const merges = regions.length * legs.length + 1;
  const slices = times.slices + 2;
  tally.add(home, 'gbSeconds', time.orchestrator + time.merge);
  tally.add(home, 'invocations', slices + merges);
  tally.add(home, 'bytesLogged', (slices + merges) * LOG_BYTES);
  const operations = how === 'likely' ? 2 * times.slices + 3 : runBudget(frozen, timing).operations;
  // To begin an execution is one, too.
  tally.add(home, 'operations', 1 + operations);
  return { tally, time, requests, guessed, fragmentBytes };
}

export function bytesOfFragment({ plan }: FrozenPlan): number {
  return FRAGMENT_BYTES + FRAGMENT_REQUEST_BYTES * plan.requests.length;
}

function timeOf(
  frozen: FrozenPlan,
  times: RunTimes,
  { workerMb, orchestratorMb, mergeMb }: CloudSite,
  how: Expectation,
): TimeParts {
  const { legs, watchS, slices, mergeWaitS } = times;
  const workers = shardCount(frozen);
  const workerGb = (workers * workerMb) / 1024;
  const sum = (of: (leg: (typeof legs)[number]) => number) =>
    legs.reduce((total, leg) => total + of(leg), 0);
  const [first] = legs;
  const places = frozen.regions.length * legs.length;
  const fragments = sum((leg) => fragmentsOf(frozen, leg, how)) * workers;
  const read = fragments + places + workers * legs.length;
  const mergedS = places * MERGE_S.place + MERGE_S.run + read * MERGE_READ_S;
  return {
    init: workerGb * sum(({ initS }) => initS),
    arming: workerGb * (first?.aheadS ?? 0),
    overlap: workerGb * (sum(({ aheadS }) => aheadS) - (first?.aheadS ?? 0)),
    load: workerGb * sum(({ loadS }) => loadS),
    ending: workerGb * sum(({ endingS }) => endingS),
    // Loaded once: then it is warm.
    orchestrator:
      ((INIT_S[how] + watchS + mergeWaitS + (slices + 2) * REPLAY_S) * orchestratorMb) / 1024,
    merge: (((places + 1) * INIT_S[how] + mergedS * SLOWER[how]) * mergeMb) / 1024,
  };
}
