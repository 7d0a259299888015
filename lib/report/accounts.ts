import { COUNTERS, type Counter } from '../measure/counters.js';
import { firstRequestOf, subjectsOf } from '../plan/starts.js';
import type { Collection } from './collection.js';
import type { Measured } from './measured.js';
import type { IterationAccounts, RequestAccounts } from './report-schema.js';
import type { RunRecord, ShardFate } from './run-record.js';

/**
 * The accounts: what the schedule held and what became of it, to the unit. Everything but `lost`
 * was counted where it happened, so that a sum that does not come out is a bug and is found here.
 */

/** One region × subject × stage, or a sum of such: a subject is a request, or a flow. */
export interface Account {
  /** In the order of COUNTERS. */
  readonly values: readonly number[];
  /** null: unknown. */
  readonly lost: number | null;
  readonly iterationsLost: number | null;
}

export interface Ledger {
  account(region: string, request: number, stage: number): Account;
  /** Requests lost with one shard. */
  lostWith(fate: ShardFate): number | null;
  /** Sums that do not come out, each said for people: bugs of this program. */
  readonly remainders: readonly string[];
}

const NO_ACCOUNT: Account = {
  values: COUNTERS.map(() => 0),
  lost: 0,
  iterationsLost: 0,
};

const INDEX = Object.fromEntries(COUNTERS.map((name, i) => [name, i])) as Record<Counter, number>;

export function counter(values: readonly number[], name: Counter): number {
  return values[INDEX[name]] ?? 0;
}

export function addAccounts(accounts: Iterable<Account>): Account {
  const values = COUNTERS.map(() => 0);
  let lost: number | null = 0;
  let iterationsLost: number | null = 0;
  for (const account of accounts) {
    for (let i = 0; i < values.length; i++) values[i]! += account.values[i]!;
    lost = addKnown(lost, account.lost);
    iterationsLost = addKnown(iterationsLost, account.iterationsLost);
  }
  return { values, lost, iterationsLost };
}

export function keepLedger(record: RunRecord, collection: Collection, measured: Measured): Ledger {
  const cells = new Map<string, Account>();
  const lostByShard = new Map<ShardFate, number | null>();
  const remainders: string[] = [];
  for (const { fate, whole } of collection.shards) {
    let lost: number | null = 0;
    for (const { stage, request, values, planned } of shardCells(record, fate)) {
      const account = whole ? settled(values) : withLost(values, planned);
      if (whole) remainders.push(...shardRemainders(fate, stage, request, values));
      lost = addKnown(lost, account.lost);
      const key = cellKey(fate.region, request, stage);
      cells.set(key, addAccounts([cells.get(key) ?? NO_ACCOUNT, account]));
    }
    if (whole) remainders.push(...totalsDiffer(fate));
    lostByShard.set(fate, lost);
  }
  for (const { name } of record.frozen.regions) {
    remainders.push(...mergeDiffers(name, record, measured));
  }
  return {
    account: (region, request, stage) => cells.get(cellKey(region, request, stage)) ?? NO_ACCOUNT,
    lostWith: (fate) => lostByShard.get(fate) ?? null,
    remainders,
  };
}

export function requestAccounts({ values, lost }: Account): RequestAccounts {
  return {
    scheduled: counter(values, 'scheduled'),
    ok: counter(values, 'ok'),
    failed: counter(values, 'failed'),
    cut: { deadline: counter(values, 'cutDeadline'), stop: counter(values, 'cutStop') },
    dropped: {
      generator: counter(values, 'droppedGenerator'),
      target: counter(values, 'droppedTarget'),
    },
    lost,
    sent: counter(values, 'sent'),
    unsent: counter(values, 'unsent'),
    resent: counter(values, 'resent'),
    redirects: counter(values, 'redirects'),
    answered: counter(values, 'answered'),
  };
}

export function iterationAccounts({ values, iterationsLost }: Account): IterationAccounts {
  return {
    scheduled: counter(values, 'iterationsScheduled'),
    ok: counter(values, 'iterationsOk'),
    failed: counter(values, 'iterationsFailed'),
    cut: {
      deadline: counter(values, 'iterationsCutDeadline'),
      stop: counter(values, 'iterationsCutStop'),
    },
    dropped: {
      generator: counter(values, 'iterationsDroppedGenerator'),
      target: counter(values, 'iterationsDroppedTarget'),
    },
    lost: iterationsLost,
  };
}

interface ShardCell {
  readonly stage: number;
  readonly request: number;
  readonly values: readonly number[];
  /** null: what its schedule held cannot be known. */
  readonly planned: Planned | null;
}

interface Planned {
  /** Of this subject. */
  readonly iterations: number;
  /** Iterations whose first request is this one, and of which the shard told nothing. */
  readonly untold: number;
}

/** Every stage × subject in which the shard counted something or had something to do. */
function* shardCells(record: RunRecord, fate: ShardFate): Generator<ShardCell> {
  const tallied = new Map<string, readonly number[]>();
  for (const { stage, request, values } of fate.tallies) tallied.set(`${request}/${stage}`, values);
  const leg = record.frozen.legs[fate.leg];
  const { plan } = record.frozen;
  const subjects = subjectsOf(plan).length;
  for (const [stage, span] of record.frozen.stages.entries()) {
    const idle = leg === undefined || span.endUs <= leg.startUs || span.startUs >= leg.endUs;
    const valuesOf = (subject: number) => tallied.get(`${subject}/${stage}`);
    const untold = new Map<number, number>();
    for (const [subject, planned] of (fate.planned?.[stage] ?? []).entries()) {
      const told = counter(valuesOf(subject) ?? NO_ACCOUNT.values, 'iterationsScheduled');
      if (planned <= told) continue;
      const first = firstRequestOf(plan, subject);
      untold.set(first, (untold.get(first) ?? 0) + planned - told);
    }
    for (let request = 0; request < subjects; request++) {
      const values = valuesOf(request);
      if (values === undefined && idle) continue;
      const iterations = fate.planned?.[stage]?.[request] ?? 0;
      const planned =
        fate.planned === null ? null : { iterations, untold: untold.get(request) ?? 0 };
      yield { stage, request, values: values ?? NO_ACCOUNT.values, planned };
    }
  }
  // What ended after the last stage has been counted there, and was scheduled in none.
  for (const { stage, request, values } of fate.tallies) {
    if (stage < 0) yield { stage, request, values, planned: { iterations: 0, untold: 0 } };
  }
}

const REQUEST_OUTCOMES = [
  'ok',
  'failed',
  'cutDeadline',
  'cutStop',
  'droppedGenerator',
  'droppedTarget',
] as const;
const ITERATION_OUTCOMES = [
  'iterationsOk',
  'iterationsFailed',
  'iterationsCutDeadline',
  'iterationsCutStop',
  'iterationsDroppedGenerator',
  'iterationsDroppedTarget',
] as const;

function sumOf(values: readonly number[], names: readonly Counter[]): number {
  return names.reduce((sum, name) => sum + counter(values, name), 0);
}

function settled(values: readonly number[]): Account {
  return { values, lost: 0, iterationsLost: 0 };
}

/**
 * A shard of which something is missing: its schedule tells what was due, and what none of its
 * fragments knows of is lost. One whose lease lapsed may have accounted for more than it had to
 * do up to a stop; then that is its schedule. A lost flow of which nothing was told counts as its
 * first request.
 */
function withLost(values: readonly number[], planned: Planned | null): Account {
  if (planned === null) return { values, lost: null, iterationsLost: null };
  const requests = sumOf(values, REQUEST_OUTCOMES);
  const iterations = sumOf(values, ITERATION_OUTCOMES);
  const due = [...values];
  due[INDEX.scheduled] = Math.max(counter(values, 'scheduled') + planned.untold, requests);
  due[INDEX.iterationsScheduled] = Math.max(planned.iterations, iterations);
  return {
    values: due,
    lost: due[INDEX.scheduled]! - requests,
    iterationsLost: due[INDEX.iterationsScheduled]! - iterations,
  };
}

function* shardRemainders(
  fate: ShardFate,
  stage: number,
  request: number,
  values: readonly number[],
): Generator<string> {
  const pairs = [
    ['requests', 'scheduled', REQUEST_OUTCOMES],
    ['iterations', 'iterationsScheduled', ITERATION_OUTCOMES],
  ] as const;
  for (const [what, scheduled, outcomes] of pairs) {
    const due = counter(values, scheduled);
    const settledCount = sumOf(values, outcomes);
    if (due !== settledCount) {
      yield `${shardName(fate)} scheduled ${due} ${what} of request ${request} in stage ${stage} and accounts for ${settledCount}`;
    }
  }
}

function* totalsDiffer(fate: ShardFate): Generator<string> {
  if (fate.manifest === null) return;
  for (const [i, name] of COUNTERS.entries()) {
    const sum = fate.tallies.reduce((total, { values }) => total + values[i]!, 0);
    const said = fate.manifest.totals[name];
    if (said !== sum) {
      yield `${shardName(fate)} says ${name} = ${said}, its fragments add up to ${sum}`;
    }
  }
}

/** Two ways to the same sums: over the merged windows, and over the shards one by one. */
function* mergeDiffers(region: string, record: RunRecord, measured: Measured): Generator<string> {
  const merged = measured.tally(region);
  const apart = new Map<string, number[]>();
  for (const fate of record.shards) {
    if (fate.region !== region) continue;
    for (const { stage, request, values } of fate.tallies) {
      const key = `${request}/${stage}`;
      const sum = apart.get(key) ?? COUNTERS.map(() => 0);
      for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
      apart.set(key, sum);
    }
  }
  for (const key of new Set([...merged.keys(), ...apart.keys()])) {
    for (const [i, name] of COUNTERS.entries()) {
      const together = merged.get(key)?.[i] ?? 0;
      const sum = apart.get(key)?.[i] ?? 0;
      if (together !== sum) {
        yield `${region} counted ${name} = ${together} for ${key}, its workers add up to ${sum}`;
      }
    }
  }
}

export function shardName({ region, leg, n, attempt }: ShardFate): string {
  return `worker ${region}/${leg}/${n}.${attempt}`;
}

function cellKey(region: string, request: number, stage: number): string {
  return `${region}/${request}/${stage}`;
}

function addKnown(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
