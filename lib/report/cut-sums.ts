import type { HistogramMetric } from '../measure/fragment-content.js';
import { Histogram } from '../measure/histogram.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { subjectsOf } from '../plan/starts.js';
import type { Evidence } from './evidence.js';
import { partsOf } from './scope.js';

/** What a slice is about, by index; null means all, and of stages all but warm-ups. */
export interface Cut {
  readonly region: number | null;
  readonly request: number | null;
  readonly stage: number | null;
}

const ALL: Cut = { region: null, request: null, stage: null };

/**
 * Every cut of the result: the total, each region, request (or flow) and stage, and each pair of them. All
 * are there even where there is only one region or request, so that whoever reads them needs no
 * special case. Warm-up stages are in their own cuts and in no other.
 */
export function cutsOf({ record: { frozen } }: Evidence): Cut[] {
  const regions = [...frozen.regions.keys()];
  const requests = [...subjectsOf(frozen.plan).keys()];
  const stages = [...frozen.stages.keys()];
  return [
    ALL,
    ...regions.map((region) => ({ ...ALL, region })),
    ...requests.map((request) => ({ ...ALL, request })),
    ...stages.map((stage) => ({ ...ALL, stage })),
    ...regions.flatMap((region) => requests.map((request) => ({ ...ALL, region, request }))),
    ...regions.flatMap((region) => stages.map((stage) => ({ ...ALL, region, stage }))),
    ...requests.flatMap((request) => stages.map((stage) => ({ ...ALL, request, stage }))),
  ];
}

/**
 * Gives one metric of every cut, once, in no order. What was measured may be gigabytes: it is gone
 * through once, and of the sums only those are held that still grow. They are not to be kept.
 */
export function sumCuts(
  { record: { frozen }, measured, whole }: Evidence,
  metric: HistogramMetric,
  give: (cut: Cut, histogram: Histogram) => void,
): void {
  const wholes = wholesOf(frozen);
  const requests = [...wholes.keys()];
  const flows = frozen.plan.requests.length;
  const stages = [...frozen.stages.keys()];
  const counted = new Set(whole.stages);
  const byRequest = requests.map(() => new Histogram());
  const byRequestAndStage = requests.map(() => stages.map(() => new Histogram()));
  const byStage = stages.map(() => new Histogram());
  const total = new Histogram();
  for (const [region, { name }] of frozen.regions.entries()) {
    const ofRegion = new Histogram();
    const ofStages = stages.map(() => new Histogram());
    const ofFlows = new Map<number, Histogram>();
    for (const request of requests) {
      const own = new Histogram();
      for (const stage of stages) {
        const cell = measured.cell(metric, name, request, stage);
        if (cell === undefined) continue;
        ofStages[stage]!.add(cell);
        for (const whole of wholes[request]!) byRequestAndStage[whole]![stage]!.add(cell);
        if (counted.has(stage)) own.add(cell);
      }
      ofRegion.add(own);
      for (const whole of wholes[request]!) {
        byRequest[whole]!.add(own);
        if (whole < flows) continue;
        const ofFlow = ofFlows.get(whole) ?? new Histogram();
        ofFlow.add(own);
        ofFlows.set(whole, ofFlow);
      }
      if (request < flows) give({ region, request, stage: null }, own);
    }
    for (const [request, ofFlow] of ofFlows) give({ region, request, stage: null }, ofFlow);
    give({ region, request: null, stage: null }, ofRegion);
    total.add(ofRegion);
    for (const [stage, histogram] of ofStages.entries()) {
      give({ region, request: null, stage }, histogram);
      byStage[stage]!.add(histogram);
    }
  }
  give(ALL, total);
  for (const [stage, histogram] of byStage.entries()) give({ ...ALL, stage }, histogram);
  for (const [request, histogram] of byRequest.entries()) give({ ...ALL, request }, histogram);
  for (const [request, histograms] of byRequestAndStage.entries()) {
    for (const [stage, histogram] of histograms.entries()) {
      give({ region: null, request, stage }, histogram);
    }
  }
}

/** Of each request and flow, what it is a part of: itself, and the flows that send it. */
function wholesOf(frozen: FrozenPlan): number[][] {
  const subjects = [...subjectsOf(frozen.plan).keys()];
  const parts = subjects.map((subject) => partsOf(frozen, subject));
  return subjects.map((one) => subjects.filter((whole) => parts[whole]!.includes(one)));
}
