import type { DeployedLimits } from '../cloud/deployment.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { mostSentEach } from '../plan/most-sent.js';
import { referredIn } from '../plan/references.js';
import { shardPeakRate } from '../plan/split.js';
import { admittedFor } from './admission.js';

/** Settings of a deployment as the CDK app takes them: by name, lists with commas. */
export type Context = Readonly<Record<string, string>>;

/**
 * What must be deployed for a plan to be run, and no more. `usual` is what needs not be said. Money
 * is left out: whoever deploys says how much it may be.
 */
export function contextOf(frozen: FrozenPlan, usual: DeployedLimits): Context {
  const { rate, workers } = admittedFor(frozen, { ...usual, maxCost: null }, 0);
  const { secrets } = referredIn([frozen.plan.target, frozen.plan.requests]);
  const most = {
    maxWorkers: Math.max(...Object.values(workers)),
    maxWorkerRate: Math.ceil(workerRate(frozen)),
    maxMinutes: Math.ceil(frozen.durationUs / 60e6),
  };
  const above = Object.entries(most).filter(
    ([name, value]) => value > usual[name as keyof typeof most],
  );
  return {
    regions: frozen.regions.map(({ name }) => name).join(','),
    allowedHosts: hostsOf(frozen).join(','),
    maxRate: String(rate),
    ...Object.fromEntries(above.map(([name, value]) => [name, String(value)])),
    ...(secrets.length > 0 && { secrets: secrets.join(',') }),
  };
}

/** Of the target and of `Host` headers: workers ask that both are allowed. */
function hostsOf({ plan }: FrozenPlan): string[] {
  const headers = plan.requests.flatMap((request) =>
    request.headers.filter(([name, value]) => /^host$/i.test(name) && !value.includes('$')),
  );
  return [...new Set([new URL(plan.target).host, ...headers.map(([, value]) => value)])];
}

/** Users go as fast as answers let them, up to whatever is allowed. */
function workerRate(frozen: FrozenPlan): number {
  if (frozen.plan.load.kind !== 'open') return 0;
  const { run } = frozen;
  const rates = frozen.regions.flatMap(({ name: region }) =>
    frozen.legs.map(({ index }) =>
      shardPeakRate(frozen, { run, region, leg: index, n: 0, attempt: 1 }),
    ),
  );
  return Math.max(...rates) * mostSentEach(frozen.plan);
}
