import { UsageError } from '../errors.js';
import { usesInAll } from '../plan/data-pick.js';
import { THIS_MACHINE } from '../plan/emulation.js';
import { forecast, requestsOf } from '../plan/forecast.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Objective } from '../plan/objective.js';
import { subjectsOf } from '../plan/starts.js';
import { formatDuration } from '../plan/units.js';
import { partsOf } from '../report/scope.js';
import { leastSamples, samplesToShow } from '../stats/binomial.js';

/** `eu-west-1`, `us-gov-east-1`: as AWS calls its regions. */
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** How much an objective on a percentile needs, and what the plan gives it. */
interface ObjectiveNeed {
  readonly objective: Objective;
  /** null: all regions together. */
  readonly region: string | null;
  /** With fewer samples it cannot be decided. */
  readonly least: number;
  /** From so many on the percentile itself can be shown. */
  readonly toShow: number;
  /** Samples in its scope; null: answers, or the code of a flow, decide how many there will be. */
  readonly scheduled: number | null;
  /** `p99 in eu-west-1 needs 459 requests at the least and 1,000 to be shown; …` */
  readonly text: string;
}

/**
 * The needs of all objectives on percentiles whose samples are requests. How many connections
 * will be opened or requests will fail is no plan's to say: objectives on those are left out.
 */
export function objectiveNeeds(frozen: FrozenPlan): readonly ObjectiveNeed[] {
  const { starts } = forecast(frozen);
  return frozen.plan.objectives.flatMap((objective) => {
    const { measure, region } = objective;
    if (measure.kind !== 'percentile' || objective.among === 'failed') return [];
    if (['dns', 'tcp', 'tls'].includes(measure.metric)) return [];
    const noun = measure.metric === 'iteration' ? 'iterations' : 'requests';
    const least = leastSamples(measure.hundredths);
    const toShow = samplesToShow(measure.hundredths);
    return regionsOf(frozen, region).map((name) => {
      const scheduled = starts && inScope(frozen, objective, name, starts);
      const text =
        `${scopeText(objective, name)} needs ${grouped(least)} ${noun} at the least and ` +
        `${grouped(toShow)} to be shown; ` +
        (scheduled === null
          ? `how many there will be depends on ${starts ? 'the code' : 'the answers'}`
          : `the plan schedules ${grouped(scheduled)}`);
      return { objective, region: name, least, toShow, scheduled, text };
    });
  });
}

/** Refuses a plan that would run out of rows, each of which is to be used once. */
export function guardRows(frozen: FrozenPlan): void {
  const { data = [], load } = frozen.plan;
  data.forEach(({ name, pick, count }, set) => {
    const needed = pick === 'unique' ? usesInAll(frozen, set) : 0;
    if (needed <= count) return;
    const whom = load.kind === 'closed' ? `${needed} users` : `${needed} iterations`;
    throw new UsageError(
      `\`pick: unique\` gives each row of '${name}' once: it has ${count} rows, and ${whom} use one each; add rows, ask for less, or write \`pick: sequential\``,
    );
  });
}

/** Refuses to measure from here and call it somewhere else, and to measure from nowhere. */
export function guardPlace(frozen: FrozenPlan): void {
  if (frozen.where === 'aws') guardRegions(frozen);
  if (frozen.where === 'local') guardThisMachine(frozen);
}

function guardThisMachine({ regions, plan }: FrozenPlan): void {
  const elsewhere = regions.filter(({ name }) => name !== THIS_MACHINE).map(({ name }) => name);
  if (elsewhere.length === 0) return;
  // Where the plan does not say how far away the places are, the target's own place does.
  const known = plan.regions.every(
    ({ name, emulation }) => name === THIS_MACHINE || typeof emulation?.rttUs === 'number',
  );
  const at = known || plan.targetAt !== undefined ? '' : ' --at eu-central-1 (where the target is)';
  throw new UsageError(
    [
      `this machine is not ${elsewhere.join(', ')}`,
      'to measure from there, by workers that are deployed there, add --on aws',
      `to measure from here with their distances emulated, add --emulate${at}`,
      'to measure from here as it is, leave `from` out',
    ].join('\n'),
  );
}

function guardRegions({ regions }: FrozenPlan): void {
  const names = regions.map(({ name }) => name).filter((name) => !REGION.test(name));
  if (names.length === 0) return;
  const as = 'as in --from eu-west-1,us-east-1, or in the plan from: [eu-west-1, us-east-1]';
  throw new UsageError(
    names.includes(THIS_MACHINE)
      ? `a run on AWS is made by workers in its regions, and this one names none: say which, ${as}`
      : `AWS has no region ${names.join(', ')}: name regions, ${as}`,
  );
}

/**
 * Refuses a plan whose objectives cannot be decided, unless it may leave them so. Returns what is
 * to be told before the run: percentiles that may be withheld, or not be decided.
 */
export function guardObjectives(frozen: FrozenPlan): readonly string[] {
  const needs = objectiveNeeds(frozen);
  const hopeless = needs.filter(({ scheduled, least }) => scheduled !== null && scheduled < least);
  if (hopeless.length > 0 && !frozen.allowUndecided) {
    throw new UsageError(
      [
        'the plan is too short to decide its objectives:',
        ...hopeless.map(({ text }) => `  ${text}`),
        'raise the rate or the time, drop what cannot be decided, or pass --allow-undecided',
      ].join('\n'),
    );
  }
  return needs
    .filter(({ scheduled, toShow }) => scheduled === null || scheduled < toShow)
    .map(({ text }) => text);
}

/** To be told before the run, too: abort rules that can never end it. */
export function abortNotes({ plan, durationUs }: FrozenPlan): readonly string[] {
  return plan.abort
    .filter(({ overUs }) => overUs >= durationUs)
    .map(
      ({ condition, overUs }) =>
        `abort rule ${condition.text} never ends this run: it looks back over ${formatDuration(overUs)}, and the load lasts ${formatDuration(durationUs)}`,
    );
}

function regionsOf(frozen: FrozenPlan, region: Objective['region']): readonly (string | null)[] {
  if (region === null) return [null];
  return 'every' in region ? frozen.regions.map(({ name }) => name) : [region.name];
}

function inScope(
  frozen: FrozenPlan,
  { measure, request, stage }: Objective,
  region: string | null,
  starts: readonly (readonly (readonly number[])[])[],
): number | null {
  const { regions, stages, plan } = frozen;
  const names = subjectsOf(plan);
  const parts = request === null ? [...names.keys()] : partsOf(frozen, names.indexOf(request));
  const iterations = 'metric' in measure && measure.metric === 'iteration';
  let sum: number | null = 0;
  starts.forEach((ofRegion, r) => {
    if (region !== null && regions[r]!.name !== region) return;
    ofRegion.forEach((ofStage, s) => {
      const { name, title, warmup } = stages[s]!;
      if (stage === null ? warmup : stage !== name && stage !== title) return;
      const counts = iterations ? ofStage : requestsOf(frozen, ofStage);
      for (const subject of parts) {
        const count = counts[subject]!;
        sum = count === null || sum === null ? null : sum + count;
      }
    });
  });
  return sum;
}

function scopeText({ among, measure, request, stage }: Objective, region: string | null): string {
  if (measure.kind !== 'percentile') throw new Error('only percentiles need samples');
  return [
    among === 'ok' && 'ok',
    measure.metric !== 'latency' && measure.metric,
    `p${measure.hundredths / 100}`,
    request !== null && `of "${request}"`,
    region !== null && `in ${region}`,
    stage !== null && `during ${stage}`,
  ]
    .filter((part) => part !== false)
    .join(' ');
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
