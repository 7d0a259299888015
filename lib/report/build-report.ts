import type { FragmentContent } from '../measure/fragment-content.js';
import { planText } from '../plan/plan-text.js';
import { headlineStage } from '../plan/stages.js';
import { checks } from './check-list.js';
import { completeness } from './completeness.js';
import { connections, firstVisits } from './connections.js';
import { cost } from './cost.js';
import { curves } from './curves.js';
import { msOf } from './distribution.js';
import { errorList } from './error-list.js';
import { Evidence } from './evidence.js';
import { findings } from './findings.js';
import type { Report } from './report-schema.js';
import type { RunRecord } from './run-record.js';
import { series } from './series.js';
import { slices } from './slices.js';
import { verdict } from './verdict.js';
import { healthOf } from './worker-health.js';

/**
 * The report of a run: from what became of its workers, and what they measured, merged by region.
 * It takes no clock and no store, so the same run gives the same report at any time.
 */
export function buildReport(record: RunRecord, regions: readonly FragmentContent[]): Report {
  const evidence = new Evidence(record, regions);
  const judged = verdict(evidence);
  return {
    schema: 'isochrone.report/1',
    run: runOf(evidence),
    verdict: judged,
    completeness: completeness(evidence),
    slices: slices(evidence),
    connections: connections(evidence),
    firstVisits: firstVisits(evidence),
    curves: curves(evidence),
    series: series(evidence),
    errors: errorList(evidence),
    checks: checks(evidence),
    workers: workers(record),
    findings: findings(evidence, judged.validity),
    cost: cost(evidence),
    plan: planText(record.frozen.plan),
  };
}

function runOf({ record, titles }: Evidence): Report['run'] {
  const { frozen, startAtMs, endedAtMs } = record;
  const { plan, stages, legs } = frozen;
  const paced = plan.load.kind === 'open' || plan.load.pace.kind === 'every';
  return {
    id: frozen.run,
    name: plan.name,
    label: frozen.label,
    target: plan.target,
    targetAt: plan.targetAt ?? null,
    startedAt: startAtMs === null ? null : iso(startAtMs),
    endedAt: iso(endedAtMs),
    seconds: startAtMs === null ? 0 : Math.max(0, endedAtMs - startAtMs) / 1000,
    where: frozen.where,
    seed: frozen.seed,
    model: plan.load.kind,
    arrivals: plan.load.kind === 'open' ? plan.arrivals : null,
    latencyFrom: paced ? 'schedule' : 'ready',
    regions: frozen.regions.map(({ name }) => name),
    emulated: frozen.regions.flatMap(({ name, emulated }) =>
      emulated
        ? {
            region: name,
            roundTrip: msOf(emulated.roundTripUs),
            jitter: msOf(emulated.jitterUs),
            loss: emulated.loss,
          }
        : [],
    ),
    requests: plan.requests.map(({ name }) => name),
    ...(plan.flows && { flows: plan.flows.map(({ name }) => `flow ${name}`) }),
    stages: stages.map(({ name, warmup, constant, startUs, endUs }, i) => ({
      name,
      title: titles[i]!,
      warmup,
      constant,
      start: startUs / 1e6,
      end: endUs / 1e6,
    })),
    legs: legs.map(({ startUs, endUs }) => ({ start: startUs / 1e6, end: endUs / 1e6 })),
    headline: headlineOf(record, titles),
  };
}

function headlineOf(
  { frozen: { plan, stages } }: RunRecord,
  titles: readonly string[],
): Report['run']['headline'] {
  const stage = headlineStage(stages);
  if (stage === null) {
    return { stage: null, sentence: 'All measured time: the load was never constant.' };
  }
  const measured = stages.filter(({ warmup }) => !warmup).length;
  if (measured === 1) {
    return { stage: titles[stage]!, sentence: 'All measured time.' };
  }
  const what = plan.load.kind === 'closed' ? 'of constant users' : 'of constant load';
  return { stage: titles[stage]!, sentence: `The longest stage ${what}.` };
}

function workers({ shards }: RunRecord): Report['workers'] {
  return shards.flatMap(({ manifest }) => {
    if (manifest === null) return [];
    const { region, leg, n, attempt, worker, connections } = manifest;
    return {
      region,
      leg,
      n,
      attempt,
      ...worker,
      armedAt: iso(manifest.armedAtMs),
      startedAt: iso(manifest.startedAtMs),
      endedAt: iso(manifest.endedAtMs),
      stopped: manifest.stoppedAtUs === null ? null : manifest.stoppedAtUs / 1e6,
      lapsed: manifest.lapsedAtUs === undefined ? null : manifest.lapsedAtUs / 1e6,
      firstLag: manifest.firstLagUs === null ? null : msOf(manifest.firstLagUs),
      backlogAtStart: manifest.backlogAtStart,
      connections: { ...connections },
      ...healthOf(manifest),
    };
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
