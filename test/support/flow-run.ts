import type { Shard } from '../../lib/load/shard.js';
import { COUNTERS, type Counters } from '../../lib/measure/counters.js';
import { Fold } from '../../lib/measure/fold.js';
import type { FragmentContent, HistogramMetric } from '../../lib/measure/fragment-content.js';
import { Histogram } from '../../lib/measure/histogram.js';
import type { FlowStep, Plan, PlanRequest, StepFlow } from '../../lib/plan/plan.js';
import { subjectsOf } from '../../lib/plan/starts.js';
import { requestOf } from './load-plans.js';

/** Steps are requests without a weight. */
export const step = (name: string, change: Partial<PlanRequest> = {}): PlanRequest =>
  requestOf(name, { weight: 0, ...change });

export const send = (request: number): FlowStep => ({ kind: 'request', request });
export const pause = (minMs: number, maxMs = minMs): FlowStep => ({
  kind: 'pause',
  minUs: minMs * 1000,
  maxUs: maxMs * 1000,
});
export const repeat = (times: number, ...steps: readonly FlowStep[]): FlowStep => ({
  kind: 'repeat',
  times,
  steps,
});
export const flowOf = (name: string, steps: readonly FlowStep[], weight = 1): StepFlow => ({
  kind: 'steps',
  name,
  weight,
  steps,
});

export interface MeasuredRun {
  readonly content: FragmentContent;
  /** Counters of a request or a flow, by the name that reports give it. */
  of(subject: string): Counters;
  times(subject: string, metric: HistogramMetric): Histogram;
}

/** What all shards measured, added up; each shard's own accounts must come out as well. */
export function measuredBy(shards: readonly Shard[], plan: Plan): MeasuredRun {
  const fold = new Fold();
  for (const shard of shards) fold.add(shard.flush(true));
  const content = fold.toContent(shards[0]!.ref.region);
  const indexOf = (subject: string) => {
    const index = subjectsOf(plan).indexOf(subject);
    if (index < 0) throw new Error(`the plan has no ${subject}`);
    return index;
  };
  return {
    content,
    of: (subject) => countersOf(content, indexOf(subject)),
    times: (subject, metric) => {
      const sum = new Histogram();
      for (const entry of content.histograms) {
        if (entry.span !== 'stage' || entry.subject !== indexOf(subject)) continue;
        if (entry.metric === metric) sum.add(entry.histogram);
      }
      return sum;
    },
  };
}

function countersOf({ rows }: FragmentContent, request: number): Counters {
  const sums = COUNTERS.map(() => 0);
  for (const row of rows) {
    if (row.request !== request) continue;
    row.values.forEach((value, i) => {
      sums[i]! += value;
    });
  }
  return Object.fromEntries(COUNTERS.map((name, i) => [name, sums[i]!])) as unknown as Counters;
}

/** How many requests, and how many iterations, were scheduled, and what became of them. */
export function accountsOf(counters: Counters): {
  readonly requests: number;
  readonly requestsSettled: number;
  readonly iterations: number;
  readonly iterationsSettled: number;
} {
  const c = counters;
  return {
    requests: c.scheduled,
    requestsSettled:
      c.ok + c.failed + c.cutDeadline + c.cutStop + c.droppedGenerator + c.droppedTarget,
    iterations: c.iterationsScheduled,
    iterationsSettled:
      c.iterationsOk +
      c.iterationsFailed +
      c.iterationsCutDeadline +
      c.iterationsCutStop +
      c.iterationsDroppedGenerator +
      c.iterationsDroppedTarget,
  };
}
