import type { FrozenPlan } from '../plan/frozen-plan.js';
import { type Admitted, inProgress } from '../store/admission-object.js';
import { type CloudFacts, known, type RegionFacts, USUAL_CONCURRENCY } from './cloud-facts.js';
import type { Measure } from './deployed-findings.js';
import { bad, type Finding, good, unknown } from './finding.js';

/** Lambda's "Concurrent executions" among the quotas of AWS. */
const QUOTA = 'L-B99A9384';
/** The orchestrator and merge, which run beside workers in their region. */
const LEADING = 2;

/** Whether the regions let as many functions run at a time as the plan takes, beside other runs. */
export function concurrencyFindings(facts: CloudFacts, measure: Measure): readonly Finding[] {
  const running = inProgress(known(facts.admitted) ?? [], measure.nowMs);
  const found = facts.regions.flatMap((one) => regionFinding(one, running, facts, measure));
  const told = facts.regions.flatMap(({ region, concurrency }) => {
    const there = known(concurrency);
    return there === null ? [] : [`${there.limit} in ${region}`];
  });
  if (found.length > 0 || told.length === 0) return found;
  const enough = measure.frozen === null ? 'at a time' : 'at a time, enough for the plan';
  return [good('concurrency', `${told.join(', ')} ${enough}`)];
}

function regionFinding(
  { region, loads, worker, concurrency }: RegionFacts,
  running: readonly Admitted[],
  { home }: CloudFacts,
  { frozen, deploy }: Measure,
): Finding[] {
  const check = 'concurrency';
  if (!('value' in concurrency)) {
    return [
      unknown(
        check,
        `how many functions may run at a time in ${region} is not told: ${concurrency.trouble}`,
        'allow lambda:GetAccountSettings',
      ),
    ];
  }
  const { limit, unreserved } = concurrency.value;
  const own = loads ? wantedIn(region, frozen) : 0;
  const others = running.filter(({ workers }) => (workers[region] ?? 0) > 0);
  const busy = 2 * others.reduce((sum, { workers }) => sum + (workers[region] ?? 0), 0);
  const reserved = known(worker)?.reserved ?? null;
  const there = reserved ?? unreserved;
  const leading = region === home && reserved === null ? LEADING : 0;
  const needed = own + busy + leading;
  if (needed <= there) return [];
  const names = others.map(({ run }) => run);
  const beside = busy === 0 ? '' : `, and ${names.join(', ')} up to ${busy}`;
  const text = `in ${region} the plan takes up to ${own + leading} functions at a time${beside}; ${
    reserved === null
      ? `the account leaves ${there} of ${limit}`
      : `${reserved} are reserved for them`
  }`;
  const wait = own + leading <= there ? names.map((run) => `isochrone stop ${run} --on aws`) : [];
  if (wait.length > 0) return [bad(check, text, 'wait until it is over, or', ...wait)];
  if (reserved !== null) {
    return [bad(check, text, `${deploy} -c maxWorkers=${Math.ceil((needed - 2) / 2)}`)];
  }
  // Less than what is usual is not worth asking for.
  const desired = Math.max(USUAL_CONCURRENCY, limit + needed - there);
  return [
    bad(
      check,
      text,
      `aws service-quotas request-service-quota-increase --region ${region} --service-code lambda --quota-code ${QUOTA} --desired-value ${desired}`,
    ),
  ];
}

/** While one leg relieves another, the workers of both are alive. */
function wantedIn(region: string, frozen: FrozenPlan | null): number {
  const workers = frozen?.regions.find(({ name }) => name === region)?.workers ?? 0;
  return workers * (frozen !== null && frozen.legs.length > 1 ? 2 : 1);
}
