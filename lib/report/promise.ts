import type { HistogramMetric } from '../measure/fragment-content.js';
import { Histogram } from '../measure/histogram.js';
import type { Metric, Objective } from '../plan/objective.js';
import { leastSamples, samplesToShow } from '../stats/binomial.js';
import { counter } from './accounts.js';
import { type Evidence, failing, failingIterations } from './evidence.js';
import { type Decision, decidePercentile, type Population } from './percentile-decision.js';
import { count, percent, rate, time } from './render/figures.js';
import type { Scope } from './scope.js';

/** An objective held against one scope. */
export interface Judgement {
  readonly decision: Decision;
  /** In the objective's own unit: µs, a fraction, per second. */
  readonly measured: number | null;
  /** For people, without the objective's own words. */
  readonly sentence: string;
  /** Why it is undecided: too few samples, or what became of some is not known. */
  readonly reason: 'sample' | 'unknown' | null;
  /** Nothing but a stop stood in its way. */
  readonly stopped: boolean;
}

/** Requests whose outcome says nothing about the target. */
interface Unknown {
  /** null: not even their number is known. */
  readonly count: number | null;
  /** All of them were cut by the stop. */
  readonly stopped: boolean;
}

export function judge(evidence: Evidence, objective: Objective, scope: Scope): Judgement {
  switch (objective.measure.kind) {
    case 'rate':
      return judgeRate(evidence, objective, scope);
    case 'errors':
      return judgeErrors(evidence, objective, scope);
    case 'percentile':
      return judgePercentile(evidence, objective, objective.measure, scope);
    default:
      return judgeStatistic(evidence, objective, objective.measure, scope);
  }
}

export function holds(value: number, comparison: Objective['comparison'], limit: number): boolean {
  switch (comparison) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
  }
}

function judgeRate(evidence: Evidence, objective: Objective, scope: Scope): Judgement {
  const { perSecond, why } = evidence.rate(scope);
  if (perSecond === null) {
    // Where nothing is missing of any worker, too little of its stages was run to count.
    const stopped = evidence.collection.shards.every(
      ({ fate, whole }) => whole || !scope.regions.includes(fate.region),
    );
    return undecided('unknown', `there is no rate: ${why}`, stopped);
  }
  return decided(objective, perSecond, `${rate(perSecond)} good answers`);
}

function judgeErrors(evidence: Evidence, objective: Objective, scope: Scope): Judgement {
  const account = evidence.account(scope);
  const { bad, scheduled } = failing(account);
  const unknown = unknownOf(evidence, scope, 0);
  if (scheduled === 0) {
    return undecided('sample', 'no request was scheduled', true);
  }
  const said = `${count(bad)} of ${count(scheduled)} requests had errors (${percent(bad / scheduled)})`;
  const { comparison, limit } = objective;
  const least = holds(bad / scheduled, comparison, limit);
  const most = holds((bad + (unknown.count ?? 0)) / scheduled, comparison, limit);
  if (unknown.count === null || least !== most) {
    return undecided('unknown', `${said}, and ${unknownText(unknown)}`, unknown.stopped);
  }
  return decided(objective, bad / scheduled, said);
}

function judgePercentile(
  evidence: Evidence,
  { among, comparison, limit }: Objective,
  { metric, hundredths }: { readonly metric: Metric; readonly hundredths: number },
  scope: Scope,
): Judgement {
  const { times, slower, unknown } = population(evidence, among, metric, scope);
  const known: Population = { times, slower, unknown: unknown.count ?? 0 };
  const result = decidePercentile(known, hundredths, comparison, limit);
  const name = `p${hundredths / 100}`;
  const beyond = `${count(result.beyond)} of ${count(result.n)} ${nounOf(metric)} took ${comparison === '<' || comparison === '>=' ? 'at least' : 'more than'} ${time(limit / 1000)}`;
  const unanswered =
    slower === 0 ? '' : `, ${count(slower)} of them because there was no good answer`;
  if (unknown.count === null || result.torn) {
    return undecided('unknown', `${beyond}${unanswered}; ${unknownText(unknown)}`, unknown.stopped);
  }
  if (result.decision === 'undecided') {
    const least = leastSamples(hundredths);
    const answered = among === 'ok' || metric === 'processing';
    const prevented = answered ? preventedSample(evidence, scope, times, least) : null;
    if (prevented !== null) return prevented;
    if (among === 'failed' && result.n === 0 && anyScheduled(evidence, scope)) {
      return nothingFailed();
    }
    const short =
      result.n < least
        ? `too few to decide ${name}, which takes at least ${count(least)}`
        : `too close to decide ${name} by fewer than ${count(samplesToShow(hundredths))}`;
    return undecided('sample', `${beyond}${unanswered}: ${short}`, true);
  }
  const measured = result.measuredUs;
  const number =
    measured === null
      ? `${beyond}${unanswered}: enough to decide ${name}`
      : Number.isFinite(measured)
        ? `${name} ${metric} was ${time(measured / 1000)}${slower === 0 ? '' : `; ${beyond}${unanswered}`}`
        : `${beyond}${unanswered}: more than ${name} leaves out`;
  return {
    decision: result.decision,
    measured: measured !== null && Number.isFinite(measured) ? measured : null,
    sentence: number,
    reason: null,
    stopped: false,
  };
}

function judgeStatistic(
  evidence: Evidence,
  objective: Objective,
  { kind, metric }: { readonly kind: 'min' | 'mean' | 'max'; readonly metric: Metric },
  scope: Scope,
): Judgement {
  const times = measuredTimes(evidence, objective.among, metric, scope);
  if (times.count === 0) {
    if (objective.among === 'failed' && anyScheduled(evidence, scope)) return nothingFailed();
    const prevented = preventedSample(evidence, scope, times, 1);
    return prevented ?? undecided('sample', `no ${metric} was measured`, true);
  }
  const us = { min: times.minUs, mean: times.meanUs, max: times.maxUs }[kind];
  return decided(
    objective,
    us,
    `${kind} ${metric} of ${count(times.count)} ${nounOf(metric)} was ${time(us / 1000)}`,
  );
}

/** What the target prevented is no gap in the measurement: such a promise is broken. */
function preventedSample(
  evidence: Evidence,
  scope: Scope,
  times: Histogram,
  least: number,
): Judgement | null {
  const { bad } = failing(evidence.account(scope));
  if (times.count >= least || times.count + bad < least) return null;
  return {
    decision: 'missed',
    measured: null,
    sentence: `${count(bad)} requests had no good answer, and the ${count(times.count)} that had one are too few to keep this promise`,
    reason: null,
    stopped: false,
  };
}

function anyScheduled(evidence: Evidence, scope: Scope): boolean {
  return failing(evidence.account(scope)).scheduled > 0;
}

function nothingFailed(): Judgement {
  return {
    decision: 'held',
    measured: null,
    sentence: 'nothing failed',
    reason: null,
    stopped: false,
  };
}

function decided(objective: Objective, value: number, sentence: string): Judgement {
  const held = holds(value, objective.comparison, objective.limit);
  return {
    decision: held ? 'held' : 'missed',
    measured: value,
    sentence,
    reason: null,
    stopped: false,
  };
}

function undecided(reason: 'sample' | 'unknown', sentence: string, stopped: boolean): Judgement {
  return { decision: 'undecided', measured: null, sentence, reason, stopped };
}

interface JudgedPopulation {
  readonly times: Histogram;
  readonly slower: number;
  readonly unknown: Unknown;
}

const NOBODY: Unknown = { count: 0, stopped: true };
/** About what was measured: they have no value for each request. */
const MEASURED_ONLY: readonly Metric[] = ['processing', 'dns', 'tcp', 'tls'];

function population(
  evidence: Evidence,
  among: Objective['among'],
  metric: Metric,
  scope: Scope,
): JudgedPopulation {
  const times = measuredTimes(evidence, among, metric, scope);
  if (MEASURED_ONLY.includes(metric)) return { times, slower: 0, unknown: NOBODY };
  if (metric === 'iteration') return iterations(evidence, among, times, scope);
  const account = evidence.account(scope);
  const { bad } = failing(account);
  const outcome = among === 'failed' ? 'failed' : 'ok';
  // A worker that vanished takes the times of its last block along, though they were counted.
  const untimed = Math.max(0, counter(account.values, outcome) - times.count);
  return {
    times,
    slower: among === 'all' ? bad : 0,
    unknown: unknownOf(evidence, scope, untimed),
  };
}

function iterations(
  evidence: Evidence,
  among: Objective['among'],
  times: Histogram,
  scope: Scope,
): JudgedPopulation {
  const account = evidence.account(scope);
  const of = (name: Parameters<typeof counter>[1]) => counter(account.values, name);
  const cut = of('iterationsCutStop');
  const untimed = Math.max(0, of('iterationsOk') - times.count);
  const { iterationsLost: lost } = account;
  const others = of('iterationsDroppedGenerator') + (lost ?? 0) + untimed;
  return {
    times,
    slower: among === 'all' ? failingIterations(account).bad : 0,
    unknown:
      lost === null
        ? { count: null, stopped: false }
        : { count: cut + others, stopped: others === 0 },
  };
}

function measuredTimes(
  evidence: Evidence,
  among: Objective['among'],
  metric: Metric,
  scope: Scope,
): Histogram {
  if (metric === 'dns' || metric === 'tcp' || metric === 'tls') {
    const ahead = { dns: 'dnsAhead', tcp: 'tcpAhead', tls: 'tlsAhead' } as const;
    const all = new Histogram();
    all.add(evidence.connections(metric, scope));
    all.add(evidence.connections(ahead[metric], scope));
    return all;
  }
  if (metric === 'iteration') {
    // A plain request is an iteration, and takes as long as it takes.
    const { requests } = evidence.record.frozen.plan;
    const plain = scope.requests.filter((i) => (requests[i]?.weight ?? 0) > 0);
    const all = evidence.histogram('iteration', scope);
    all.add(evidence.histogram('latency', { ...scope, requests: plain }));
    return all;
  }
  const kept: HistogramMetric = among === 'failed' ? 'failed' : metric;
  return evidence.histogram(kept, scope);
}

function unknownOf(evidence: Evidence, scope: Scope, untimed: number): Unknown {
  const { values, lost } = evidence.account(scope);
  const cut = counter(values, 'cutStop');
  if (lost === null) return { count: null, stopped: false };
  const others = counter(values, 'droppedGenerator') + lost + untimed;
  return { count: cut + others, stopped: others === 0 };
}

function unknownText({ count: n, stopped }: Unknown): string {
  if (n === null) return 'nobody knows how many more a lost worker had begun';
  const what = stopped ? 'were cut by the stop' : 'were not measured';
  return `${count(n)} more ${what}, which could turn it either way`;
}

function nounOf(metric: Metric): string {
  if (metric === 'dns') return 'look-ups';
  if (metric === 'tcp' || metric === 'tls') return 'connections';
  return metric === 'iteration' ? 'iterations' : 'requests';
}
