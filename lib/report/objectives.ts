import type { Objective } from '../plan/objective.js';
import { subjectsOf } from '../plan/starts.js';
import { msOf } from './distribution.js';
import type { Evidence } from './evidence.js';
import { type Judgement, judge } from './promise.js';
import type { ObjectiveVerdict } from './report-schema.js';
import { partsOf, type Scope } from './scope.js';

/** Every objective of the plan, judged. */
export function objectives(evidence: Evidence): ObjectiveVerdict[] {
  return evidence.record.frozen.plan.objectives.map((objective) => verdictOn(evidence, objective));
}

interface RegionJudgement extends Judgement {
  readonly state: ObjectiveVerdict['state'];
  /** Set where each region is judged apart. */
  readonly region: string | null;
}

function verdictOn(evidence: Evidence, objective: Objective): ObjectiveVerdict {
  const scope = scopeOf(evidence, objective);
  const every = objective.region !== null && 'every' in objective.region;
  const apart = every
    ? scope.regions.map((region): [string | null, Scope] => [
        region,
        { ...scope, regions: [region] },
      ])
    : [[null, scope] as [null, Scope]];
  const judgements = apart.map(([region, place]): RegionJudgement => {
    const judgement = judge(evidence, objective, place);
    return { ...judgement, state: stateOf(evidence, judgement), region };
  });
  const deciding = judgements.reduce((worst, next) => worse(objective, worst, next));
  const { state, measured, sentence, region } = deciding;
  return {
    text: objective.text,
    ok: state === 'held' ? true : state === 'missed' ? false : null,
    state,
    unit: unitOf(objective),
    ...measureOf(objective),
    comparison: objective.comparison,
    limit: inUnit(objective, objective.limit),
    measured: measured === null ? null : inUnit(objective, measured),
    request: objective.request,
    region: every
      ? 'every'
      : objective.region !== null && 'name' in objective.region
        ? objective.region.name
        : null,
    stage: objective.stage,
    worst: region,
    sentence: region === null ? sentence : `${region}: ${sentence}`,
    ...(every && { apart: judgements.map((judgement) => apartOf(objective, judgement)) }),
  };
}

function measureOf({ measure }: Objective): Pick<ObjectiveVerdict, 'metric' | 'percentile'> {
  if (!('metric' in measure)) return {};
  const { metric } = measure;
  return measure.kind === 'percentile'
    ? { metric, percentile: measure.hundredths / 100 }
    : { metric };
}

function apartOf(
  objective: Objective,
  { region, state, measured, sentence }: RegionJudgement,
): NonNullable<ObjectiveVerdict['apart']>[number] {
  return {
    region: region ?? '',
    state,
    measured: measured === null ? null : inUnit(objective, measured),
    sentence,
  };
}

/** From bad to good: what decides where each region is judged apart. */
const STATES = ['missed', 'undecided', 'not reached', 'not judged', 'held'] as const;

function worse(objective: Objective, a: RegionJudgement, b: RegionJudgement): RegionJudgement {
  const difference = STATES.indexOf(a.state) - STATES.indexOf(b.state);
  if (difference !== 0) return difference < 0 ? a : b;
  // Among the missed, one without a number is worst: its failures reach beyond the percentile.
  if (a.measured === null || b.measured === null) {
    return (a.measured === null) === (a.state === 'missed') ? a : b;
  }
  const lessIsBetter = objective.comparison === '<' || objective.comparison === '<=';
  return b.measured > a.measured === lessIsBetter && b.measured !== a.measured ? b : a;
}

function stateOf(
  evidence: Evidence,
  { decision, reason, stopped }: Judgement,
): ObjectiveVerdict['state'] {
  if (decision !== 'undecided') return decision;
  if (evidence.endedEarly && stopped) return 'not reached';
  if (reason === 'sample' && evidence.record.frozen.allowUndecided) return 'not judged';
  return 'undecided';
}

function scopeOf(evidence: Evidence, { measure, request, region, stage }: Objective): Scope {
  const { frozen } = evidence.record;
  const names = subjectsOf(frozen.plan);
  const ofConnections =
    'metric' in measure && (['dns', 'tcp', 'tls'] as const).some((m) => m === measure.metric);
  // Connections are made before the measured time as well, and are facts about the path.
  const all = ofConnections ? evidence.schedule : evidence.whole;
  return {
    regions: region !== null && 'name' in region ? [region.name] : all.regions,
    requests: request === null ? all.requests : partsOf(frozen, names.indexOf(request)),
    stages: stage === null ? all.stages : stagesCalled(evidence, stage),
  };
}

function stagesCalled(evidence: Evidence, stage: string): number[] {
  const spans = evidence.record.frozen.stages;
  return [...spans.keys()].filter(
    (i) => spans[i]!.name === stage || spans[i]!.title === stage || evidence.titles[i] === stage,
  );
}

function unitOf({ measure }: Objective): ObjectiveVerdict['unit'] {
  if (measure.kind === 'errors') return 'share';
  return measure.kind === 'rate' ? 'per second' : 'ms';
}

function inUnit(objective: Objective, value: number): number {
  return unitOf(objective) === 'ms' ? msOf(value) : value;
}
