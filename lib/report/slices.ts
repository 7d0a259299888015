import type { HistogramMetric } from '../measure/fragment-content.js';
import type { Histogram } from '../measure/histogram.js';
import { counter, iterationAccounts, requestAccounts } from './accounts.js';
import { distribution, distributionOrNull, msOf } from './distribution.js';
import { type Evidence, failing } from './evidence.js';
import type { Distribution, Slice } from './report-schema.js';
import type { Scope } from './scope.js';
import { cutAtZero } from './separable.js';

interface Cut {
  readonly region: string | null;
  readonly request: number | null;
  readonly stage: number | null;
}

/**
 * Every cut of the result in one shape: the total, each region, request and stage, and each pair
 * of them. All are there even where there is only one region or request, so that whoever reads
 * them needs no special case. Warm-up stages are in their own cuts and in no other.
 */
export function slices(evidence: Evidence): Slice[] {
  const { frozen } = evidence.record;
  const regions = frozen.regions.map(({ name }) => name);
  const requests = [...frozen.plan.requests.keys()];
  const stages = [...frozen.stages.keys()];
  const all: Cut = { region: null, request: null, stage: null };
  const cuts: Cut[] = [
    all,
    ...regions.map((region) => ({ ...all, region })),
    ...requests.map((request) => ({ ...all, request })),
    ...stages.map((stage) => ({ ...all, stage })),
    ...regions.flatMap((region) => requests.map((request) => ({ ...all, region, request }))),
    ...regions.flatMap((region) => stages.map((stage) => ({ ...all, region, stage }))),
    ...requests.flatMap((request) => stages.map((stage) => ({ ...all, request, stage }))),
  ];
  return cuts.map((cut) => slice(evidence, cut));
}

/** A fact about the path, not about the load: connections made in the warm-up tell it as well. */
function distance(evidence: Evidence, cut: Cut, { regions }: Scope): Distribution | null {
  const stages = cut.stage === null ? evidence.schedule.stages : [cut.stage];
  const scope = { ...evidence.schedule, regions, stages };
  return distributionOrNull(evidence.connections('roundTrip', scope));
}

/** All waiting together: the same answers have both times. */
function meanWait(latency: Histogram, service: Histogram): number | null {
  if (latency.count === 0 || latency.count !== service.count) return null;
  return msOf((latency.sumUs - service.sumUs) / latency.count);
}

function slice(evidence: Evidence, cut: Cut): Slice {
  const { frozen } = evidence.record;
  const scope: Scope = {
    regions: cut.region === null ? evidence.whole.regions : [cut.region],
    requests: cut.request === null ? evidence.whole.requests : [cut.request],
    stages: cut.stage === null ? evidence.whole.stages : [cut.stage],
  };
  const account = evidence.account(scope);
  const target = failing(account);
  const requests = requestAccounts(account);
  const of = (metric: HistogramMetric) => evidence.histogram(metric, scope);
  const good = (metric: HistogramMetric) => distribution(of(metric), target);
  const plain = (metric: HistogramMetric) => distribution(of(metric));
  const latency = of('latency');
  const processing = of('processing');
  const { perSecond, why } = evidence.rate(scope);
  return {
    region: cut.region,
    request: cut.request === null ? null : frozen.plan.requests[cut.request]!.name,
    stage: cut.stage === null ? null : evidence.titles[cut.stage]!,
    warmup: cut.stage !== null && frozen.stages[cut.stage]!.warmup,
    seconds: evidence.seconds(scope),
    requests,
    iterations: iterationAccounts(account),
    errorRate: target.scheduled === 0 ? null : target.bad / target.scheduled,
    rate: perSecond,
    rateWhy: why,
    bytesIn: counter(account.values, 'bytesIn'),
    bytesOut: counter(account.values, 'bytesOut'),
    latency: distribution(latency, target),
    service: good('service'),
    ttfb: good('ttfb'),
    phases: {
      wait: {
        mean: meanWait(latency, of('service')),
        lag: plain('lag'),
        blocked: plain('blocked'),
        setup: plain('setup'),
      },
      firstByte: plain('firstByte'),
      body: plain('body'),
      sending: distributionOrNull(of('sending')),
    },
    distance: cut.request === null ? distance(evidence, cut, scope) : null,
    processing: distributionOrNull(processing, target),
    cutAtZero: cutAtZero(processing),
    serverTime: distributionOrNull(of('serverTime')),
    estimate: distributionOrNull(of('estimate')),
    iteration: distributionOrNull(of('iteration'), target),
    failed: plain('failed'),
  };
}
