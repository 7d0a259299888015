import { runTimeline } from '../load/run-timeline.js';
import type { FragmentContent } from '../measure/fragment-content.js';
import { Timeline } from '../measure/timeline.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Objective } from '../plan/objective.js';
import type { AbortRule } from '../plan/plan.js';
import { shardCount } from '../plan/split.js';
import { subjectsOf } from '../plan/starts.js';
import { decidePercentile } from '../report/percentile-decision.js';
import { holds } from '../report/promise.js';
import { count, percent, rate, span, time } from '../report/render/figures.js';
import { partsOf } from '../report/scope.js';
import type { Control } from '../store/control.js';
import { type Share, type Stretch, TIMES, type Times, ToldWindows } from './told-windows.js';

/** A rule held against the latest windows: whether it holds, and the figures behind that. */
interface Finding {
  readonly holds: boolean;
  readonly said: string;
}

/**
 * Judges the plan's abort rules over what workers tell while the run goes on, warm-up included.
 * `errors` and `rate` count answers when they ended; times belong to when a request was due, and
 * one that still waits is slow as soon as it has waited for longer than the limit.
 */
export class AbortWatch {
  readonly #frozen: FrozenPlan;
  readonly #told: ToldWindows;
  /** Workers that have told their last. */
  #finals: number;

  constructor(frozen: FrozenPlan, finals: number = 0) {
    this.#frozen = frozen;
    this.#finals = finals;
    this.#told = new ToldWindows(new Timeline(runTimeline(frozen)), lookBackUs(frozen));
  }

  /** For whoever takes over: it counts them, and recalls the rest. */
  get finals(): number {
    return this.#finals;
  }

  add(content: FragmentContent): void {
    if (this.#frozen.plan.abort.length === 0) return;
    this.#told.add(content);
    if (content.shard?.final) this.#finals++;
  }

  /** Takes over: these are all that were cut after `sinceUs` and told to another. */
  recall(contents: readonly FragmentContent[], sinceUs: number): void {
    if (this.#frozen.plan.abort.length === 0) return;
    for (const content of contents) this.#told.add(content);
    this.#told.heldSince(sinceUs);
  }

  /**
   * Why the run is to be ended: a rule holds over what is known up to an instant. null where none
   * does, and where there is nothing to end: it is being stopped, or all has been sent.
   */
  judge(nowMs: number, control: Control, knownToUs: number): string | null {
    const { startAtMs, stop } = control;
    if (stop !== null || startAtMs === null) return null;
    if (nowMs >= startAtMs + this.#frozen.durationUs / 1000) return null;
    if (this.#finals >= shardCount(this.#frozen) * this.#frozen.legs.length) return null;
    for (const rule of this.#frozen.plan.abort) {
      const cause = this.#causeOf(rule, knownToUs);
      if (cause !== null) return cause;
    }
    return null;
  }

  #causeOf({ condition, overUs }: AbortRule, knownToUs: number): string | null {
    const stretch = this.#told.latest(overUs, knownToUs);
    if (stretch === null) return null;
    const { region, request: name } = condition;
    const { regions, plan } = this.#frozen;
    const all = regions.map((one) => one.name);
    const requests = name === null ? null : partsOf(this.#frozen, subjectsOf(plan).indexOf(name));
    const every = region !== null && 'every' in region;
    const places = every ? all.map((one) => [one]) : [region === null ? all : [region.name]];
    const findings = places.map((names) =>
      this.#find(condition, stretch, { regions: names, requests }, knownToUs),
    );
    if (!findings.every((finding) => finding.holds)) return null;
    const when = `from ${span(stretch.fromUs / 1e6)} to ${span(stretch.toUs / 1e6)}`;
    const where = every && all.length > 1 ? `, in ${all[0]} and every other region` : '';
    return `abort rule ${condition.text}: ${findings[0]!.said} ${when}${where}`;
  }

  #find(condition: Objective, stretch: Stretch, share: Share, knownToUs: number): Finding {
    const { measure, comparison, limit } = condition;
    if (measure.kind === 'errors' || measure.kind === 'rate') {
      const ended = this.#told.count('ended', stretch, share);
      const failed = this.#told.count('endedFailed', stretch, share);
      if (measure.kind === 'rate') {
        const perSecond = ((ended - failed) * 1e6) / (stretch.toUs - stretch.fromUs);
        const said = `${rate(perSecond)} good answers`;
        return { holds: holds(perSecond, comparison, limit), said };
      }
      return {
        holds: ended > 0 && holds(failed / ended, comparison, limit),
        said: `${count(failed)} of ${count(ended)} answers failed (${percent(failed / ended)})`,
      };
    }
    const metric = TIMES.find((one) => one === measure.metric)!;
    const times = this.#told.times(metric, stretch, share);
    if (measure.kind !== 'percentile') {
      const us = { min: times.minUs, mean: times.meanUs, max: times.maxUs }[measure.kind];
      return {
        holds: times.count > 0 && holds(us, comparison, limit),
        said: `${measure.kind} ${metric} was ${time(us / 1000)}`,
      };
    }
    const others = this.#others(condition, metric, stretch, share, knownToUs);
    const { hundredths } = measure;
    const judged = decidePercentile({ times, ...others }, hundredths, comparison, limit);
    const { decision, n, beyond, measuredUs } = judged;
    const figure =
      measuredUs === null || !Number.isFinite(measuredUs)
        ? ''
        : `p${hundredths / 100} ${metric} was ${time(measuredUs / 1000)}, `;
    return {
      holds: decision === 'held',
      said: `${figure}${count(beyond)} of ${count(n)} requests took longer than ${time(limit / 1000)}`,
    };
  }

  /** Those without a good answer so far, as an objective on the same counts them. */
  #others(
    { among, limit }: Objective,
    metric: Times,
    { windows }: Stretch,
    share: Share,
    knownToUs: number,
  ): { readonly slower: number; readonly unknown: number } {
    let slower = 0;
    let unknown = 0;
    for (const window of windows) {
      const of = (counter: Parameters<ToldWindows['count']>[0]) =>
        this.#told.count(counter, { windows: [window] }, share);
      const bad = of('failed') + of('cutDeadline') + of('droppedTarget');
      const nobodysFault = of('droppedGenerator') + of('cutStop');
      const waiting = of('scheduled') - of('ok') - bad - nobodysFault;
      const slow = metric === 'latency' && knownToUs - window.endUs >= limit;
      if (among === 'all') slower += bad + (slow ? waiting : 0);
      unknown += nobodysFault + (among === 'all' && slow ? 0 : waiting);
    }
    return { slower, unknown };
  }
}

/** The longest stretch that an abort rule of the plan looks back over; 0: there is none. */
export function lookBackUs({ plan }: Pick<FrozenPlan, 'plan'>): number {
  return Math.max(0, ...plan.abort.map(({ overUs }) => overUs));
}
