import type { Deployment } from '../cloud/deployment.js';
import { UsageError } from '../errors.js';
import { LoadGuard } from '../load/load-guard.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { insteadOfLiteral, isLiteralCredential } from '../plan/headers.js';
import { mostSentEach } from '../plan/most-sent.js';
import { insteadOnAws, NOT_ON_AWS, referredIn } from '../plan/references.js';
import { peakUsers } from '../plan/sessions.js';
import { shardPeakRate } from '../plan/split.js';
import { codeFlowsOf } from '../plan/starts.js';
import { budgetProblems } from './run-budget.js';

/** Refuses what a deployment does not allow, all of it at once, each with what would mend it. */
export function guardDeployment(frozen: FrozenPlan, deployment: Deployment): void {
  const problems = [...deploymentProblems(frozen, deployment), ...budgetProblems(frozen)];
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
}

/** The same as texts. Workers ask, too: whoever started them may have asked nobody. */
export function deploymentProblems(frozen: FrozenPlan, deployment: Deployment): string[] {
  return [
    ...placeProblems(frozen, deployment),
    ...lengthProblems(frozen, deployment),
    ...rateProblems(frozen, deployment),
    ...targetProblems(frozen, deployment),
    ...secretProblems(frozen, deployment),
    ...codeProblems(frozen, deployment),
  ];
}

function placeProblems({ regions }: FrozenPlan, deployment: Deployment): string[] {
  const known = new Set(deployment.regions);
  const missing = regions.map(({ name }) => name).filter((name) => !known.has(name));
  if (missing.length === 0) return [];
  const wanted = [...known, ...missing].join(',');
  return [
    `there are no workers in ${missing.join(', ')}: deploy them with -c regions=${wanted}, or measure from ${deployment.regions.join(', ') || 'nowhere'}`,
  ];
}

function lengthProblems({ durationUs }: FrozenPlan, { limits }: Deployment): string[] {
  const minutes = durationUs / 60e6;
  if (minutes <= limits.maxMinutes) return [];
  return [
    `the run lasts ${Math.ceil(minutes)} minutes, and this deployment allows ${limits.maxMinutes}: shorten it, or deploy with -c maxMinutes=${Math.ceil(minutes)}`,
  ];
}

/** Of one worker; those of a whole run are for its admission, together with the runs beside it. */
function rateProblems(frozen: FrozenPlan, { limits }: Deployment): string[] {
  const { maxWorkerRate } = limits;
  return frozen.regions.flatMap(({ name, workers }) => {
    const rate = workerRate(frozen, name);
    if (rate <= maxWorkerRate) return [];
    const mended =
      maxWorkerRate > 0 && Number.isFinite(rate)
        ? `use ${Math.ceil((rate * workers) / maxWorkerRate)} workers there, or deploy with -c maxWorkerRate=${Math.ceil(rate)}`
        : 'deploy with -c maxWorkerRate=1000';
    return [
      `each worker in ${name} would start ${Math.ceil(rate)}/s, and this deployment allows ${maxWorkerRate}/s: ${mended}`,
    ];
  });
}

/** The highest that the plan asks of a worker; users whose pace answers set are held to the limit. */
function workerRate(frozen: FrozenPlan, region: string): number {
  const { load } = frozen.plan;
  if (load.kind === 'open') {
    const rates = frozen.legs.map(({ index }) =>
      shardPeakRate(frozen, { run: frozen.run, region, leg: index, n: 0, attempt: 1 }),
    );
    return Math.max(...rates) * mostSentEach(frozen.plan);
  }
  if (load.pace.kind !== 'every') return 0;
  const { share, workers } = frozen.regions.find(({ name }) => name === region)!;
  const shares = frozen.regions.reduce((sum, one) => sum + one.share, 0);
  const starts = (peakUsers(load) * share * 1e6) / (shares * workers * load.pace.everyUs);
  return starts * mostSentEach(frozen.plan);
}

/** Hosts, and addresses that are written; those behind names are for workers to look up. */
function targetProblems({ run, plan }: FrozenPlan, deployment: Deployment): string[] {
  const { allowedHosts, allowedNetworks } = deployment;
  const guard = new LoadGuard({ allowedHosts, allowedNetworks, run });
  if (!URL.canParse(plan.target)) return [`the target is no URL: ${plan.target}`];
  const target = new URL(plan.target);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const problem = guard.targetProblem(target, plan.http.resolve[host]);
  if (problem !== null) return [problem];
  return plan.requests.flatMap(({ name, headers }) => {
    // What stands for a secret is judged by the workers, which know it.
    const hosts = headers.filter(([header, value]) => /^host$/i.test(header) && !/\$/.test(value));
    const head = { method: 'GET', path: '/', headers: hosts.flat() };
    const wrong = guard.headProblem(head, target.protocol);
    return wrong === null ? [] : [`${name}: ${wrong}`];
  });
}

function secretProblems({ plan }: FrozenPlan, deployment: Deployment): string[] {
  const { env, secrets } = referredIn([plan.target, plan.requests]);
  const target = new Set(referredIn(plan.target).env);
  const unlisted = secrets.filter((name) => !deployment.secrets.includes(name));
  const literal = new Set(
    plan.requests.flatMap(({ headers }) =>
      headers
        .filter(([name, value]) => isLiteralCredential(name, value))
        .map(([name]) => name.toLowerCase()),
    ),
  );
  return [
    ...env.map((name) => `\${env:${name}} ${NOT_ON_AWS}: ${insteadOnAws(name, target.has(name))}`),
    ...unlisted.map((name) => {
      const wanted = [...deployment.secrets, name].join(',');
      return `secret ${name} is not among those that this deployment may read: deploy with -c secrets=${wanted}`;
    }),
    ...[...literal].map(
      (name) => `the value of '${name}' would be stored with the plan: ${insteadOfLiteral(name)}`,
    ),
  ];
}

function codeProblems({ plan }: FrozenPlan, { allowCode }: Deployment): string[] {
  if (allowCode) return [];
  return codeFlowsOf(plan).map(
    ({ name }) =>
      `flow '${name}' is code, and this deployment carries out none: write it as steps, or deploy with -c allowCode=true, which trusts all who may start runs as it does you`,
  );
}
