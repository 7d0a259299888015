import type { Span } from '../measure/timeline.js';
import { counter } from './accounts.js';
import type { CollectedShard, Collection } from './collection.js';
import type { Measured } from './measured.js';
import type { RunRecord } from './run-record.js';
import type { Scope } from './scope.js';

/** A rate, or the reason why there is none; `why` also tells when it is not about all the time. */
export interface Rate {
  readonly perSecond: number | null;
  readonly why: string | null;
}

/**
 * Good answers per second, by when they ended. Counted region by region over the windows in which
 * every shard of the leg was alive: a worker that vanished must not look like a slow target.
 */
export class Rates {
  /** region → stage → time that counts, and of how much. */
  readonly #alive = new Map<string, Map<number, { countedUs: number; ofUs: number }>>();
  /** region/request/stage → good answers that ended in time that counts. */
  readonly #ended = new Map<string, number>();

  constructor(record: RunRecord, collection: Collection, measured: Measured) {
    const amount = record.frozen.plan.load.kind === 'amount';
    for (const { name } of record.frozen.regions) {
      const shards = collection.shards.filter(({ fate }) => fate.region === name);
      const doneUs = amount ? lastCutUs(shards) : Number.POSITIVE_INFINITY;
      const spans = measured.windows.map((window) => countedUs(record, shards, window, doneUs));
      const stages = new Map<number, { countedUs: number; ofUs: number }>();
      for (const [i, { startUs, endUs, stage }] of measured.windows.entries()) {
        const time = stages.get(stage) ?? { countedUs: 0, ofUs: 0 };
        time.countedUs += spans[i]!;
        time.ofUs += Math.max(0, Math.min(endUs, doneUs) - startUs);
        stages.set(stage, time);
      }
      this.#alive.set(name, stages);
      for (const { window, request, values } of measured.rows(name)) {
        if ((spans[window] ?? 0) === 0) continue;
        const key = `${name}/${request}/${measured.stageOf(window)}`;
        const good = counter(values, 'ended') - counter(values, 'endedFailed');
        this.#ended.set(key, (this.#ended.get(key) ?? 0) + good);
      }
    }
  }

  /** Several regions: the sum of their rates, if each has one. */
  rate(scope: Scope): Rate {
    let sum = 0;
    const reasons: string[] = [];
    for (const region of scope.regions) {
      const { perSecond, why } = this.#regionRate(region, scope);
      if (perSecond === null) return { perSecond, why };
      sum += perSecond;
      if (why !== null) reasons.push(why);
    }
    return { perSecond: sum, why: reasons.length === 0 ? null : reasons.join('; ') };
  }

  #regionRate(region: string, scope: Scope): Rate {
    let countedUs = 0;
    let ofUs = 0;
    let good = 0;
    for (const stage of scope.stages) {
      const time = this.#alive.get(region)?.get(stage);
      countedUs += time?.countedUs ?? 0;
      ofUs += time?.ofUs ?? 0;
      for (const request of scope.requests) {
        good += this.#ended.get(`${region}/${request}/${stage}`) ?? 0;
      }
    }
    if (countedUs === 0) {
      return {
        perSecond: null,
        why: `at no time was every worker of ${region} known to be sending`,
      };
    }
    const why =
      countedUs === ofUs
        ? null
        : `${region}: over ${countedUs / 1e6} s of ${ofUs / 1e6} s, in which every worker was sending`;
    return { perSecond: good / (countedUs / 1e6), why };
  }
}

/** A fixed amount of work is over when its last worker has cut its last fragment. */
function lastCutUs(shards: readonly CollectedShard[]): number {
  return Math.max(0, ...shards.map(({ fate }) => fate.lastFragmentUs ?? 0));
}

/** How much of a window counts: all of it, nothing, or the part until the work was done. */
function countedUs(
  record: RunRecord,
  shards: readonly CollectedShard[],
  { startUs, endUs, stage }: Span,
  doneUs: number,
): number {
  const leg = record.frozen.legs.find((l) => l.startUs <= startUs && startUs < l.endUs);
  const sending = shards.filter(({ fate }) => fate.leg === leg?.index);
  if (stage < 0 || leg === undefined || sending.length === 0) return 0;
  const upToUs = Math.min(endUs, doneUs);
  const alive = sending.every((shard) => upToUs <= aliveUntilUs(shard));
  return alive ? Math.max(0, upToUs - startUs) : 0;
}

function aliveUntilUs({ fate, whole }: CollectedShard): number {
  if (whole) return fate.manifest?.stoppedAtUs ?? Number.POSITIVE_INFINITY;
  // Which time a fragment told of that never arrived is not known.
  if (fate.manifest !== null) return 0;
  return fate.lastFragmentUs ?? 0;
}
