import type { FragmentContent, HistogramMetric } from '../measure/fragment-content.js';
import type { Histogram } from '../measure/histogram.js';
import { type Account, addAccounts, counter, keepLedger, type Ledger } from './accounts.js';
import { type Collection, collect } from './collection.js';
import type { Failing } from './distribution.js';
import { Measured } from './measured.js';
import { type Rate, Rates } from './rates.js';
import type { RunRecord } from './run-record.js';
import { type Scope, scheduleScope, stageTitles, wholeScope } from './scope.js';

/** Everything that a report is made of and judged by, brought together once. */
export class Evidence {
  readonly record: RunRecord;
  readonly collection: Collection;
  readonly ledger: Ledger;
  readonly measured: Measured;
  readonly titles: readonly string[];
  /** All measured time. */
  readonly whole: Scope;
  /** The same with warm-up. */
  readonly schedule: Scope;
  /** How far along its schedule the run came. */
  readonly ranUs: number;
  readonly #rates: Rates;

  constructor(record: RunRecord, contents: readonly FragmentContent[]) {
    this.record = record;
    this.collection = collect(record);
    this.measured = new Measured(record.frozen, contents);
    this.ledger = keepLedger(record, this.collection, this.measured);
    this.titles = stageTitles(record.frozen);
    this.whole = wholeScope(record.frozen);
    this.schedule = scheduleScope(record.frozen);
    this.ranUs = ranUs(record);
    this.#rates = new Rates(record, this.collection, this.measured);
  }

  get endedEarly(): boolean {
    return this.record.end.kind !== 'complete';
  }

  account(scope: Scope): Account {
    const accounts: Account[] = [];
    for (const region of scope.regions) {
      for (const stage of scope.stages) {
        for (const request of scope.requests) {
          accounts.push(this.ledger.account(region, request, stage));
        }
      }
    }
    return addAccounts(accounts);
  }

  histogram(metric: HistogramMetric, scope: Scope): Histogram {
    return this.measured.histogram(metric, scope.regions, scope.requests, scope.stages);
  }

  /** Of connections, whichever request they were for. */
  connections(metric: HistogramMetric, scope: Scope): Histogram {
    const addresses = Math.max(
      0,
      ...scope.regions.map((region) => this.measured.content(region)?.addresses.length ?? 0),
    );
    return this.measured.histogram(metric, scope.regions, indexes(addresses), scope.stages);
  }

  rate(scope: Scope): Rate {
    return this.#rates.rate(scope);
  }

  /** Length of the scope's stages, as far as the run came. */
  seconds(scope: Scope): number {
    let us = 0;
    for (const stage of scope.stages) {
      const { startUs, endUs } = this.record.frozen.stages[stage]!;
      us += Math.max(0, Math.min(endUs, this.ranUs) - startUs);
    }
    return us / 1e6;
  }
}

/** What the target failed to answer well; what the generator or a stop prevented is not in it. */
export function failing({ values }: Account): Failing {
  return {
    bad:
      counter(values, 'failed') + counter(values, 'cutDeadline') + counter(values, 'droppedTarget'),
    scheduled: counter(values, 'scheduled'),
  };
}

export function failingIterations({ values }: Account): Failing {
  return {
    bad:
      counter(values, 'iterationsFailed') +
      counter(values, 'iterationsCutDeadline') +
      counter(values, 'iterationsDroppedTarget'),
    scheduled: counter(values, 'iterationsScheduled'),
  };
}

function indexes(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function ranUs({ frozen, startAtMs, endedAtMs, end, shards }: RunRecord): number {
  if (startAtMs === null) return 0;
  const endAtMs = end.kind === 'stopped' ? end.order.atMs : endedAtMs;
  const stretchUs =
    end.kind === 'complete' ? frozen.durationUs : Math.round((endAtMs - startAtMs) * 1000);
  // A fixed amount of work is over when it is done, whatever time it had.
  const doneUs =
    frozen.plan.load.kind === 'amount'
      ? Math.max(0, ...shards.map(({ lastFragmentUs }) => lastFragmentUs ?? 0))
      : frozen.durationUs;
  return Math.max(0, Math.min(stretchUs, doneUs, frozen.durationUs));
}
