import { randomBytes, randomInt } from 'node:crypto';
import { UsageError } from '../errors.js';
import { freezePlan, newRunId } from '../plan/freeze.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Plan } from '../plan/plan.js';
import type { RunOrder } from '../run/run-order.js';
import { acceptedChecks } from './accepted-checks.js';
import type { PlanOptions } from './plan-options.js';

/** Draws what is drawn once for a run, and freezes the plan with it. */
export function frozenOf(
  plan: Plan,
  options: PlanOptions & { readonly label?: string },
): FrozenPlan {
  const now = Date.now();
  return freezePlan(plan, {
    run: newRunId(plan.name, now, randomBytes(2).toString('hex')),
    label: options.label ?? null,
    createdAtMs: now,
    seed: options.seed ?? randomInt(2 ** 32),
    where: options.emulate === undefined ? 'local' : 'emulated',
    workers: options.workers === undefined ? null : wholeNumber(options.workers),
    legUs: null,
    allowUndecided: options.allowUndecided ?? false,
    accepted: acceptedChecks(options.accept ?? []),
  });
}

/** The same drawn for a run that others freeze. */
export function orderOf(
  plan: Plan,
  options: PlanOptions & { readonly label?: string },
): { readonly run: string; readonly order: RunOrder } {
  const now = Date.now();
  return {
    run: newRunId(plan.name, now, randomBytes(2).toString('hex')),
    order: {
      schema: 'isochrone.order/1',
      plan,
      label: options.label ?? null,
      createdAtMs: now,
      seed: options.seed ?? randomInt(2 ** 32),
      workers: options.workers === undefined ? null : wholeNumber(options.workers),
      allowUndecided: options.allowUndecided ?? false,
      accepted: acceptedChecks(options.accept ?? []),
    },
  };
}

/** With a URL the plan has judged the flag by now; with a plan file nobody has. */
function wholeNumber(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--workers must be a whole number from 1, not '${text}'`);
}
