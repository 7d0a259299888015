import type { CodeFlow, FlowStep, Plan, PlanFlow } from './plan.js';

/**
 * What the load draws from: plain requests in the order of the plan, then flows. Reports speak of
 * more: each request, those of flows among them, then each flow. Both are told by index.
 */
export interface Start {
  readonly weight: number;
  /** What its iterations are counted under: the plain request, or the flow. */
  readonly subject: number;
  /** null: a plain request. */
  readonly flow: PlanFlow | null;
}

type Pool = Pick<Plan, 'requests' | 'flows'>;

export function startsOf({ requests, flows = [] }: Pool): Start[] {
  const plain = requests.flatMap(({ weight }, subject) =>
    weight > 0 ? { weight, subject, flow: null } : [],
  );
  return [
    ...plain,
    ...flows.map((flow, f) => ({ weight: flow.weight, subject: requests.length + f, flow })),
  ];
}

export function codeFlowsOf({ flows = [] }: Pick<Plan, 'flows'>): CodeFlow[] {
  return flows.filter((flow) => flow.kind === 'code');
}

/** Names of what reports speak of. */
export function subjectsOf({ requests, flows = [] }: Pool): string[] {
  return [...requests.map(({ name }) => name), ...flows.map(({ name }) => `flow ${name}`)];
}

/** The request whose slice counts an iteration of this subject that was never begun. */
export function firstRequestOf({ requests, flows = [] }: Pool, subject: number): number {
  const flow = flows[subject - requests.length];
  return flow?.kind === 'steps' ? (firstOf(flow.steps) ?? subject) : subject;
}

/** The subjects whose requests an iteration of this subject sends: how many of each. */
export function requestCountsOf(
  { requests, flows = [] }: Pool,
  subject: number,
): Map<number, number> {
  const flow = flows[subject - requests.length];
  const sent = flow?.kind === 'steps' ? requestsOf(flow.steps) : [subject];
  const counts = new Map<number, number>();
  for (const request of sent) counts.set(request, (counts.get(request) ?? 0) + 1);
  return counts;
}

/** Nobody knows before how many requests it comes to. */
export function hasCode({ flows = [] }: Pick<Plan, 'flows'>): boolean {
  return flows.some(({ kind }) => kind === 'code');
}

/**
 * How many requests an iteration sends if all its steps are reached: the mean by the weights. One of
 * a flow in code counts as one.
 */
export function requestsEach(plan: Pool): number {
  const starts = startsOf(plan);
  const weights = starts.reduce((sum, { weight }) => sum + weight, 0);
  const requests = starts.reduce(
    (sum, { weight, subject }) => sum + weight * countOf(requestCountsOf(plan, subject)),
    0,
  );
  return requests / weights;
}

const countOf = (counts: ReadonlyMap<number, number>) =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);

/** The longest that the pauses of one iteration may add up to, µs. */
export function longestPausesUs(flow: PlanFlow): number {
  return flow.kind === 'steps' ? pausesUs(flow.steps) : 0;
}

/** What an iteration does, one step after the other: repetitions are written out. */
export function unrolled(steps: readonly FlowStep[]): readonly FlatStep[] {
  return steps.flatMap((step) =>
    step.kind === 'repeat'
      ? new Array<readonly FlatStep[]>(step.times).fill(unrolled(step.steps)).flat()
      : [step],
  );
}

export type FlatStep = Exclude<FlowStep, { readonly kind: 'repeat' }>;

/** The requests of these steps in the order in which they are sent. */
export function requestsOf(steps: readonly FlowStep[]): number[] {
  return unrolled(steps).flatMap((step) => (step.kind === 'request' ? [step.request] : []));
}

function firstOf(steps: readonly FlowStep[]): number | null {
  const [step] = steps;
  if (step?.kind === 'repeat') return firstOf(step.steps);
  return step?.kind === 'request' ? step.request : null;
}

function pausesUs(steps: readonly FlowStep[]): number {
  return unrolled(steps).reduce((sum, step) => sum + (step.kind === 'pause' ? step.maxUs : 0), 0);
}
