import type { DeployedLimits } from '../cloud/deployment.js';
import { UsageError } from '../errors.js';
import { profileOf } from '../plan/arrivals.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { shardCount } from '../plan/split.js';
import { usd } from '../report/render/figures.js';
import { type AdmissionObject, type Admitted, inProgress } from '../store/admission-object.js';
import { allLegsUntilMs } from './cloud-timing.js';
import { estimateOf, supposedSite } from './cost-estimate.js';

/** What a run takes of its deployment's limits while it goes on. */
export function admittedFor(frozen: FrozenPlan, limits: DeployedLimits, nowMs: number): Admitted {
  const { plan, legs } = frozen;
  // Users set their own pace, up to what their workers are allowed.
  const rate =
    plan.load.kind === 'open'
      ? Math.max(...legs.map(({ startUs, endUs }) => profileOf(frozen).peakRate(startUs, endUs)))
      : shardCount(frozen) * limits.maxWorkerRate;
  return {
    run: frozen.run,
    rate: Math.ceil(rate),
    workers: Object.fromEntries(frozen.regions.map(({ name, workers }) => [name, workers])),
    untilMs: allLegsUntilMs(frozen, nowMs),
    ...(limits.maxCost !== null && { usd: mostUsd(frozen) }),
  };
}

/** The most that a run may come to. What cannot be reckoned is admitted to no deployment that counts. */
function mostUsd(frozen: FrozenPlan): number {
  const estimate = estimateOf(frozen, frozen.site ?? supposedSite(frozen, {}));
  if (estimate.mostUsd === null) {
    throw new UsageError(
      [
        'what this run costs cannot be reckoned, and this deployment counts it: no price is known of',
        ...estimate.missing.map((what) => `  ${what}`),
        'measure from other regions, or deploy with -c maxCost=none',
      ].join('\n'),
    );
  }
  return Math.min(estimate.mostUsd, frozen.plan.limits?.costUsd ?? Number.POSITIVE_INFINITY);
}

/** Takes it, if it fits beside all that others hold; a run that has it already keeps it. */
export async function admit(
  admission: AdmissionObject,
  wanted: Admitted,
  limits: DeployedLimits,
  nowMs: number,
): Promise<void> {
  await admission.update((entries) => {
    if (entries.some(({ run }) => run === wanted.run)) return null;
    const others = inProgress(entries, nowMs);
    const problem = excess(wanted, others, limits);
    if (problem !== null) throw new UsageError(problem);
    return [...others, wanted];
  });
}

/** Gives it back; may be done again. */
export async function release(admission: AdmissionObject, run: string): Promise<void> {
  await admission.update((entries) =>
    entries.some((entry) => entry.run === run)
      ? entries.filter((entry) => entry.run !== run)
      : null,
  );
}

/** Why it does not fit beside the others, all of which are in progress; null where it does. */
export function excess(
  wanted: Admitted,
  others: readonly Admitted[],
  { maxRate, maxWorkers, maxCost }: DeployedLimits,
): string | null {
  const held = others.length === 0 ? '' : `, of which ${others.map(({ run }) => run).join(', ')} `;
  const rate = others.reduce((sum, other) => sum + other.rate, 0);
  if (rate + wanted.rate > maxRate) {
    return (
      `the run would start up to ${wanted.rate}/s, and this deployment allows ${maxRate}/s for all runs together` +
      `${held && `${held}hold ${rate}/s`}: ask for less, wait, or deploy with -c maxRate=${rate + wanted.rate}`
    );
  }
  for (const [region, count] of Object.entries(wanted.workers)) {
    const busy = others.reduce((sum, { workers }) => sum + (workers[region] ?? 0), 0);
    if (busy + count <= maxWorkers) continue;
    return (
      `the run needs ${count} workers in ${region}, and this deployment allows ${maxWorkers} there for all runs together` +
      `${held && `${held}hold ${busy}`}: use fewer workers, wait, or deploy with -c maxWorkers=${busy + count}`
    );
  }
  const spent = others.reduce((sum, other) => sum + (other.usd ?? 0), 0);
  if (maxCost !== null && wanted.usd !== undefined && spent + wanted.usd > maxCost) {
    return (
      `the run may come to ${usd(wanted.usd)}, and this deployment allows ${usd(maxCost)} for all runs together` +
      `${held && `${held}hold ${usd(spent)}`}: ask for less, set \`limits: { cost: … }\` in the plan, wait, or deploy with -c maxCost=${upToCents(spent + wanted.usd)}`
    );
  }
  return null;
}

function upToCents(dollars: number): number {
  return Math.ceil(dollars * 100) / 100;
}
