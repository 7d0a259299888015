import { requestTemplates } from '../load/request-template.js';
import { SecretText } from '../load/secret-text.js';
import { arrivalsOf } from '../plan/arrivals.js';
import type { CloudSite, FrozenPlan } from '../plan/frozen-plan.js';
import type { ClosedLoad, Plan, PlanFlow } from '../plan/plan.js';
import { shardCount } from '../plan/split.js';
import { hasCode, requestCountsOf, requestsEach, startsOf } from '../plan/starts.js';
import type { Expectation } from './expected-times.js';
import { VERSION } from './version.js';

/** Where a plan does not say how long an exchange takes and users wait for it. */
const ANSWER_US = 100_000;
/** Where nobody set another limit to what a worker may start, a second. */
const MOST_WORKER_RATE = 1_000;

/** How many requests a plan comes to. */
interface ExpectedStarts {
  readonly count: number;
  /** Answers or code decide: the number is a guess, and as a limit what workers may do. */
  readonly guessed: boolean;
}

export function expectedStarts(frozen: FrozenPlan, how: Expectation): ExpectedStarts {
  const { load, http } = frozen.plan;
  const each = requestsEach(frozen.plan);
  const most = (shardCount(frozen) * MOST_WORKER_RATE * frozen.durationUs) / 1e6;
  if (hasCode(frozen.plan)) {
    // What code sends is not known: each request that it may send once, or all that workers may.
    const { count } = how === 'most' ? { count: most } : expectedStarts(asSteps(frozen), how);
    return { count: Math.min(most, count), guessed: true };
  }
  if (load.kind === 'open') return { count: arrivalsOf(frozen).count * each, guessed: false };
  if (load.kind === 'amount') return { count: load.requests * each, guessed: false };
  const userUs = userTimeUs(load);
  if (load.pace.kind === 'every') {
    return { count: Math.ceil(userUs / load.pace.everyUs) * each, guessed: false };
  }
  if (how === 'most') return { count: most, guessed: true };
  const thinkUs = load.pace.kind === 'think' ? (load.pace.minUs + load.pace.maxUs) / 2 : 0;
  const turnUs = thinkUs + (http.expectUs ?? ANSWER_US) * each;
  return { count: Math.min(most, (userUs / turnUs) * each), guessed: true };
}

/** The same with code that sends each of its requests once. */
function asSteps<Of extends { readonly plan: Plan }>(frozen: Of): Of {
  const flows = frozen.plan.flows?.map((flow): PlanFlow => {
    if (flow.kind !== 'code') return flow;
    const steps = flow.requests.map((request) => ({ kind: 'request', request }) as const);
    return { kind: 'steps', name: flow.name, weight: flow.weight, steps };
  });
  return flows ? { ...frozen, plan: { ...frozen.plan, flows } } : frozen;
}

/** What a request of the plan has on the wire, before TLS, bytes: the mean by their weights. */
export function requestBytes(frozen: FrozenPlan, { contact }: CloudSite): number {
  const { plan, run } = asSteps(frozen);
  const about = contact === null ? '' : ` (${contact})`;
  const marked = `x-isochrone-run: ${run}\r\n`.length;
  // What stands for a secret is about as long as one.
  const agent = `isochrone/${VERSION}${about}`;
  // How long files are is known; nobody opens them here.
  const means = { fileOf: ({ file }: { readonly file: string }) => file };
  const templates = requestTemplates(plan, agent, new SecretText({}), undefined, means);
  let bytes = 0;
  let sent = 0;
  for (const { weight, subject } of startsOf(plan)) {
    for (const [request, count] of requestCountsOf(plan, subject)) {
      // What is filled in is about as long as what it is filled in for.
      const template = templates[request];
      const body = template?.handling?.body?.bytes ?? 0;
      const own = (template?.bytesOut ?? 0) + body + marked;
      bytes += own * count * weight;
      sent += count * weight;
    }
  }
  return bytes / sent;
}

/** Users × how long they are there. */
function userTimeUs({ stages }: ClosedLoad): number {
  return stages.reduce(
    (sum, { fromUsers, toUsers, durationUs }) => sum + ((fromUsers + toUsers) / 2) * durationUs,
    0,
  );
}
