import { Histogram } from '../measure/histogram.js';
import { counter } from './accounts.js';
import { msOf } from './distribution.js';
import type { Evidence } from './evidence.js';
import { count, counted, rate, time } from './render/figures.js';
import type { Finding, ValidityVerdict } from './report-schema.js';
import type { Scope } from './scope.js';

/** A generator that one of these finds wanting may be the limit itself. */
const GENERATOR: readonly ValidityVerdict['check'][] = ['lag', 'event-loop', 'busy', 'offered'];
/** Below this share of what was asked for a stage was not held. */
const HELD = 0.95;

/**
 * The generator was in time, and still the target answered less than it was asked: a stage of
 * which it held too little, with a sign that it, or what we opened to it, could not do more. Answers that merely take long
 * leave a stage short too, and are no such sign.
 */
export function* targetLimit(
  evidence: Evidence,
  checks: readonly ValidityVerdict[],
): Generator<Finding> {
  const generator = checks.filter(({ check }) => GENERATOR.includes(check));
  if (evidence.record.frozen.plan.load.kind !== 'open') return;
  if (generator.some(({ level, lowered }) => (lowered ?? level) === 'invalid')) return;
  let worst: Finding | null = null;
  let least = HELD;
  for (const stage of evidence.whole.stages) {
    const scope = { ...evidence.whole, stages: [stage] };
    const asked = counter(evidence.account(scope).values, 'scheduled') / evidence.seconds(scope);
    const { perSecond: held } = evidence.rate(scope);
    if (held === null || !(asked > 0) || held / asked >= least) continue;
    const sign = signOf(evidence, scope, stage);
    if (sign === null) continue;
    least = held / asked;
    const title = evidence.titles[stage]!;
    worst = {
      id: 'target-limit',
      severity: 'serious',
      text: `${limitOf(evidence)}: in ${title} it held ${rate(held)} of the ${rate(asked)} asked for, while the load generator was in time: ${sign}.`,
      evidence: { stage: title, asked, held, sign },
    };
  }
  if (worst !== null) yield worst;
}

/** With few connections a fast target is asked for little: nobody can tell which of them it was. */
function limitOf({ record: { frozen, shards } }: Evidence): string {
  const { connections } = frozen.plan.http;
  const reached = shards.find(({ manifest }) => manifest?.connections.ceilingReached)?.manifest;
  if (!reached) return 'The target is the limit';
  return connections === 'auto'
    ? `The target is the limit, or the ${count(reached.connections.ceiling)} connections that a worker opens at most`
    : `The target is the limit, or the plan's ${counted(connections, 'connection')}`;
}

function signOf(evidence: Evidence, scope: Scope, stage: number): string | null {
  const { values } = evidence.account(scope);
  if (counter(values, 'droppedTarget') > 0) return 'requests never found a free connection';
  const blocked = evidence.histogram('blocked', scope);
  const service = evidence.histogram('service', scope);
  if (blocked.count > 0) {
    const halfUs = blocked.percentileUs(5000);
    if (halfUs > Math.max(5_000, service.percentileUs(5000))) {
      return `half of them waited ${time(msOf(halfUs))} or more for a free connection`;
    }
  }
  return growth(evidence, scope, stage);
}

/** A queue grew at the target: latency at the stage's end against its beginning. */
function growth(evidence: Evidence, { regions }: Scope, stage: number): string | null {
  const windows = [...evidence.measured.windows.keys()].filter(
    (window) => evidence.measured.stageOf(window) === stage,
  );
  const third = Math.floor(windows.length / 3);
  if (third === 0) return null;
  const median = (part: readonly number[]): number => {
    const sum = new Histogram();
    for (const window of part) {
      for (const region of regions) {
        const latency = evidence.measured.window('latency', region, window);
        if (latency) sum.add(latency);
      }
    }
    return sum.count === 0 ? 0 : sum.percentileUs(5000);
  };
  const firstUs = median(windows.slice(0, third));
  const lastUs = median(windows.slice(-third));
  if (firstUs === 0 || lastUs < 2 * firstUs || lastUs - firstUs < 10_000) return null;
  return `the median latency grew from ${time(msOf(firstUs))} to ${time(msOf(lastUs))}`;
}
