import { requestTemplates } from '../load/request-template.js';
import { SecretText } from '../load/secret-text.js';
import { arrivalsOf } from '../plan/arrivals.js';
import type { CloudSite, FrozenPlan } from '../plan/frozen-plan.js';
import type { ClosedLoad } from '../plan/plan.js';
import { shardCount } from '../plan/split.js';
import type { Expectation } from './expected-times.js';
import { VERSION } from './version.js';

/** Where a plan does not say how long an exchange takes and users wait for it. */
const ANSWER_US = 100_000;
/** Where nobody set another limit to what a worker may start, a second. */
const MOST_WORKER_RATE = 1_000;

/** How many requests a plan comes to. */
export interface ExpectedStarts {
  readonly count: number;
  /** Answers decide: the number is a guess, and as a limit what workers may do. */
  readonly guessed: boolean;
}

export function expectedStarts(frozen: FrozenPlan, how: Expectation): ExpectedStarts {
  const { load, http } = frozen.plan;
  if (load.kind === 'open') return { count: arrivalsOf(frozen).count, guessed: false };
  if (load.kind === 'amount') return { count: load.requests, guessed: false };
  const userUs = userTimeUs(load);
  if (load.pace.kind === 'every') {
    return { count: Math.ceil(userUs / load.pace.everyUs), guessed: false };
  }
  const most = (shardCount(frozen) * MOST_WORKER_RATE * frozen.durationUs) / 1e6;
  if (how === 'most') return { count: most, guessed: true };
  const thinkUs = load.pace.kind === 'think' ? (load.pace.minUs + load.pace.maxUs) / 2 : 0;
  const turnUs = thinkUs + (http.expectUs ?? ANSWER_US);
  return { count: Math.min(most, userUs / turnUs), guessed: true };
}

/** What a request of the plan has on the wire, before TLS, bytes: the mean by their weights. */
export function requestBytes({ plan, run }: FrozenPlan, { contact }: CloudSite): number {
  const about = contact === null ? '' : ` (${contact})`;
  const marked = `x-isochrone-run: ${run}\r\n`.length;
  // What stands for a secret is about as long as one.
  const templates = requestTemplates(plan, `isochrone/${VERSION}${about}`, new SecretText({}));
  const weights = plan.requests.reduce((sum, { weight }) => sum + weight, 0);
  return plan.requests.reduce(
    (sum, { weight }, i) => sum + ((templates[i]!.bytesOut + marked) * weight) / weights,
    0,
  );
}

/** Users × how long they are there. */
function userTimeUs({ stages }: ClosedLoad): number {
  return stages.reduce(
    (sum, { fromUsers, toUsers, durationUs }) => sum + ((fromUsers + toUsers) / 2) * durationUs,
    0,
  );
}
