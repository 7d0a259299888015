import type { FrozenPlan } from '../plan/frozen-plan.js';
import { requestCountsOf, subjectsOf } from '../plan/starts.js';

/** What a number is about: regions × requests and flows × stages, the latter two by index. */
export interface Scope {
  readonly regions: readonly string[];
  readonly requests: readonly number[];
  readonly stages: readonly number[];
}

/** All that was measured: everything but warm-up stages. */
export function wholeScope(frozen: FrozenPlan): Scope {
  return {
    regions: frozen.regions.map(({ name }) => name),
    requests: [...subjectsOf(frozen.plan).keys()],
    stages: [...frozen.stages.keys()].filter((i) => !frozen.stages[i]!.warmup),
  };
}

/** A request is itself; a flow is its iterations and all of its requests. */
export function partsOf({ plan }: FrozenPlan, subject: number): readonly number[] {
  const flow = plan.flows?.[subject - plan.requests.length];
  if (flow?.kind === 'code') return [subject, ...flow.requests];
  return [...new Set([subject, ...requestCountsOf(plan, subject).keys()])];
}

/** Warm-up included. */
export function scheduleScope(frozen: FrozenPlan): Scope {
  return { ...wholeScope(frozen), stages: [...frozen.stages.keys()] };
}

/** The stages' titles, of which no two are the same. */
export function stageTitles(frozen: FrozenPlan): string[] {
  const titles: string[] = [];
  for (const { title } of frozen.stages) {
    let unique = title;
    for (let n = 2; titles.includes(unique); n++) unique = `${title} (${n})`;
    titles.push(unique);
  }
  return titles;
}
