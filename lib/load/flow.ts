import type { CodeFlow } from '../plan/plan.js';
import { type FlatStep, type Start, unrolled } from '../plan/starts.js';

/** What an iteration goes through, step after step. */
export interface Flow {
  /** What its iterations are counted under. */
  readonly subject: number;
  /** A request that is filled in for each iteration, and is all of it. */
  readonly single: boolean;
  readonly steps: readonly FlatStep[];
  /** The request that it begins with. */
  readonly first: number;
  /** What it does in place of steps; null: it has steps. */
  readonly code: CodeFlow | null;
}

/** null: a request that is the same each time. */
export function flowOf({ flow, subject }: Start, templated: boolean): Flow | null {
  if (flow === null) {
    if (!templated) return null;
    const steps = [{ kind: 'request', request: subject }] as const;
    return { subject, single: true, steps, first: subject, code: null };
  }
  // What it sends first is not known: what is never begun is counted under the flow itself.
  if (flow.kind === 'code') {
    return { subject, single: false, steps: [], first: subject, code: flow };
  }
  const steps = unrolled(flow.steps);
  if (steps[0]?.kind !== 'request') throw new Error(`flow ${flow.name} begins with no request`);
  return { subject, single: false, steps, first: steps[0].request, code: null };
}
