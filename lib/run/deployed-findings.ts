import {
  bucketName,
  type Deployment,
  deploymentFrom,
  VERSION_VARIABLE,
} from '../cloud/deployment.js';
import { UsageError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { type Admitted, inProgress } from '../store/admission-object.js';
import { admittedFor, excess } from './admission.js';
import { type CloudFacts, known, type Told } from './cloud-facts.js';
import { estimateOf, guardCost, siteOf } from './cost-estimate.js';
import { bad, type Finding, good, unknown } from './finding.js';
import { deploymentProblems } from './guard-deployment.js';
import type { FunctionSettings } from './lambda.js';

/** What a deployment is judged by. */
export interface Measure {
  /** Of this program. */
  readonly version: string;
  /** What is to be run, if that is known. */
  readonly frozen: FrozenPlan | null;
  /** The command line that deploys, with the plan that is meant. */
  readonly deploy: string;
  readonly nowMs: number;
}

/** Whether what is deployed is whole, of this version, and allows what is to be run. */
export function deployedFindings(facts: CloudFacts, measure: Measure): readonly Finding[] {
  const parts = partsOf(facts);
  const there = parts.filter(({ is }) => known(is) !== null);
  const gone = parts.filter(({ is }) => 'value' in is && is.value === null);
  const untold = parts.flatMap(({ name, is }) =>
    'trouble' in is
      ? unknown('deployed', `${name} cannot be looked at: ${is.trouble}`, 'allow its reading')
      : [],
  );
  if (there.length === 0 && untold.length === 0) {
    return [
      bad(
        'deployed',
        `nothing is deployed in account ${facts.account} with its home in ${facts.home}`,
        measure.deploy,
        'or say where: AWS_REGION or ISOCHRONE_HOME, and ISOCHRONE_PREFIX',
      ),
    ];
  }
  const names = gone.map(({ name }) => name).join(', ');
  return [
    ...untold,
    ...(gone.length > 0 ? [bad('deployed', `not there: ${names}`, measure.deploy)] : []),
    ...(gone.length + untold.length === 0
      ? [good('deployed', `all of ${parts.map(({ name }) => name).join(', ')}`)]
      : []),
    ...versionFindings(facts, measure),
    ...limitFindings(facts, measure),
  ];
}

interface Part {
  readonly name: string;
  readonly is: Told<unknown>;
}

function partsOf(facts: CloudFacts): Part[] {
  const { orchestrator, merge, admitted, regions } = facts;
  return [
    { name: bucketName(facts.prefix, facts.account, facts.home), is: admitted },
    { name: 'the orchestrator', is: orchestrator },
    { name: 'merge', is: merge },
    ...regions
      .filter(({ loads }) => loads)
      .map(({ region, worker }) => ({ name: `the worker in ${region}`, is: worker })),
  ];
}

function versionFindings(
  { orchestrator, merge, regions }: CloudFacts,
  { version, deploy }: Measure,
): Finding[] {
  const functions = [
    { name: 'the orchestrator', is: known(orchestrator) },
    { name: 'merge', is: known(merge) },
    ...regions.map(({ region, worker }) => ({
      name: `the worker in ${region}`,
      is: known(worker),
    })),
  ];
  const there = functions.flatMap(({ name, is }) => (is === null ? [] : [{ name, is }]));
  if (there.length === 0) return [];
  const found = there.flatMap(({ name, is }) => {
    const deployed = is.environment[VERSION_VARIABLE] || 'unknown';
    if (deployed === version) return [];
    const text = `${name} is of version ${deployed}, and this is ${version}`;
    return isBefore(version, deployed)
      ? bad('version', text, `npm install isochrone-bench@${deployed}`)
      : bad('version', text, deploy);
  });
  return found.length > 0 ? found : [good('version', `${version}, as this one`)];
}

/** By the numbers of a version; what has none is before every other. */
function isBefore(one: string, other: string): boolean {
  const numbers = (version: string) => version.split(/[.-]/).slice(0, 3).map(Number);
  const [a, b] = [numbers(one), numbers(other)];
  const at = [0, 1, 2].find((i) => (a[i] || 0) !== (b[i] || 0));
  return at !== undefined && (a[at] || 0) < (b[at] || 0);
}

function limitFindings(facts: CloudFacts, measure: Measure): Finding[] {
  const leading = known(facts.orchestrator);
  if (leading === null) return [];
  const deployment = deploymentFrom(leading.environment);
  const found = [
    ...facts.regions.flatMap(({ region, worker }) =>
      differing(region, known(worker), deployment, measure.deploy),
    ),
    ...planFindings(facts, deployment, measure),
  ];
  if (found.length > 0) return found;
  const { maxRate, maxWorkers, maxMinutes } = deployment.limits;
  const allowed = `${maxRate}/s, ${maxWorkers} workers a region and ${maxMinutes} minutes`;
  const hosts = deployment.allowedHosts.join(', ') || 'no host';
  return [
    good(
      'limits',
      measure.frozen === null
        ? `${allowed}, to ${hosts}`
        : `the plan fits into ${allowed}, to ${hosts}`,
    ),
  ];
}

/** A worker obeys its own environment: where a deployment was not finished, it has another one. */
function differing(
  region: string,
  worker: FunctionSettings | null,
  deployment: Deployment,
  deploy: string,
): Finding[] {
  if (worker === null) return [];
  const own = deploymentFrom(worker.environment);
  const { limits, ...rest } = deployment;
  const { limits: ownLimits, ...ownRest } = own;
  const theirs: Record<string, unknown> = { ...ownRest, ...ownLimits };
  const names = Object.entries({ ...rest, ...limits })
    .filter(([name, value]) => String(theirs[name]) !== String(value))
    .map(([name]) => name);
  if (names.length === 0) return [];
  const text = `the worker in ${region} was deployed with another ${names.join(', ')} than the orchestrator`;
  return [bad('limits', text, deploy)];
}

function planFindings(facts: CloudFacts, deployment: Deployment, measure: Measure): Finding[] {
  const { frozen, deploy, nowMs } = measure;
  if (frozen === null) return [];
  const found = deploymentProblems(frozen, deployment).map((text) => bad('limits', text, deploy));
  const held = known(facts.admitted);
  if (held === null) {
    const why = 'trouble' in facts.admitted ? facts.admitted.trouble : 'there is no bucket';
    return [...found, unknown('limits', `what runs in progress hold is not told: ${why}`)];
  }
  const problem = shareProblem(frozen, deployment, held, nowMs);
  return problem === null ? found : [...found, bad('limits', problem, deploy)];
}

/** Why the plan gets no share of what all runs may use together; null: it does. */
function shareProblem(
  frozen: FrozenPlan,
  deployment: Deployment,
  held: readonly Admitted[],
  nowMs: number,
): string | null {
  const { limits } = deployment;
  const site = siteOf(deployment);
  try {
    guardCost(frozen, estimateOf(frozen, site));
    const others = inProgress(held, nowMs);
    return excess(admittedFor({ ...frozen, site }, limits, nowMs), others, limits);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}
