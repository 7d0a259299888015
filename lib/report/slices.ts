import type { HistogramMetric } from '../measure/fragment-content.js';
import { subjectsOf } from '../plan/starts.js';
import { type Account, counter, iterationAccounts, requestAccounts } from './accounts.js';
import { type Cut, cutsOf, sumCuts } from './cut-sums.js';
import { distribution, distributionOrNull, type Failing, msOf } from './distribution.js';
import { type Evidence, failing, failingIterations } from './evidence.js';
import type { Distribution, Slice } from './report-schema.js';
import { partsOf, type Scope } from './scope.js';
import { cutAtZero } from './separable.js';

/** Beside which the failed ones are told: percentiles that failures reach into are masked. */
const GOOD = ['latency', 'service', 'ttfb', 'processing'] as const;
const PLAIN = [
  ...['lag', 'blocked', 'setup', 'firstByte', 'body', 'sending'],
  ...['serverTime', 'estimate', 'failed'],
] as const satisfies readonly HistogramMetric[];
type SliceMetric = (typeof GOOD)[number] | (typeof PLAIN)[number] | 'iteration';

/** What is kept of the histograms of a cut: they themselves are many, and large. */
interface Told {
  readonly distributions: Map<SliceMetric, Distribution>;
  readonly sumsUs: Map<SliceMetric, number>;
  cutAtZero: number | null;
}

/** Every cut of the result in one shape. */
export function slices(evidence: Evidence): Slice[] {
  const cuts = cutsOf(evidence);
  const accounts = new Map(
    cuts.map((cut) => [keyOf(cut), evidence.account(scopeOf(evidence, cut))] as const),
  );
  const told = new Map(
    cuts.map((cut): [string, Told] => [
      keyOf(cut),
      { distributions: new Map(), sumsUs: new Map(), cutAtZero: null },
    ]),
  );
  const tell = (metric: SliceMetric, failingOf: (key: string) => Failing | null) =>
    sumCuts(evidence, metric, (cut, histogram) => {
      const key = keyOf(cut);
      const about = told.get(key)!;
      about.distributions.set(metric, distribution(histogram, failingOf(key)));
      about.sumsUs.set(metric, histogram.sumUs);
      if (metric === 'processing') about.cutAtZero = cutAtZero(histogram);
    });
  for (const metric of GOOD) tell(metric, (key) => failing(accounts.get(key)!));
  tell('iteration', (key) => failingIterations(accounts.get(key)!));
  for (const metric of PLAIN) tell(metric, () => null);
  return cuts.map((cut) => slice(evidence, cut, accounts.get(keyOf(cut))!, told.get(keyOf(cut))!));
}

function keyOf({ region, request, stage }: Cut): string {
  return `${region}/${request}/${stage}`;
}

function scopeOf({ whole, record: { frozen } }: Evidence, cut: Cut): Scope {
  return {
    regions: cut.region === null ? whole.regions : [whole.regions[cut.region]!],
    requests: cut.request === null ? whole.requests : partsOf(frozen, cut.request),
    stages: cut.stage === null ? whole.stages : [cut.stage],
  };
}

/** A fact about the path, not about the load: connections made in the warm-up tell it as well. */
function distance(evidence: Evidence, cut: Cut, { regions }: Scope): Distribution | null {
  const stages = cut.stage === null ? evidence.schedule.stages : [cut.stage];
  const scope = { ...evidence.schedule, regions, stages };
  return distributionOrNull(evidence.connections('roundTrip', scope));
}

/** All waiting together: the same answers have both times. */
function meanWait({ distributions, sumsUs }: Told): number | null {
  const { count = 0 } = distributions.get('latency') ?? {};
  if (count === 0 || count !== distributions.get('service')?.count) return null;
  return msOf(((sumsUs.get('latency') ?? 0) - (sumsUs.get('service') ?? 0)) / count);
}

function slice(evidence: Evidence, cut: Cut, account: Account, told: Told): Slice {
  const { frozen } = evidence.record;
  const scope = scopeOf(evidence, cut);
  const target = failing(account);
  const requests = requestAccounts(account);
  const of = (metric: SliceMetric) => told.distributions.get(metric)!;
  /** null where nothing of the kind was ever recorded. */
  const orNull = (metric: SliceMetric) => (of(metric).count === 0 ? null : of(metric));
  const { perSecond, why } = evidence.rate(scope);
  return {
    region: cut.region === null ? null : evidence.whole.regions[cut.region]!,
    request: cut.request === null ? null : subjectsOf(frozen.plan)[cut.request]!,
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
    latency: of('latency'),
    service: of('service'),
    ttfb: of('ttfb'),
    phases: {
      wait: {
        mean: meanWait(told),
        lag: of('lag'),
        blocked: of('blocked'),
        setup: of('setup'),
      },
      firstByte: of('firstByte'),
      body: of('body'),
      sending: orNull('sending'),
    },
    distance: cut.request === null ? distance(evidence, cut, scope) : null,
    processing: orNull('processing'),
    cutAtZero: told.cutAtZero,
    serverTime: orNull('serverTime'),
    estimate: orNull('estimate'),
    iteration: orNull('iteration'),
    failed: of('failed'),
  };
}
