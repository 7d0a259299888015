import type { Bill } from '../cloud/bill.js';
import type { FunctionUse, OrchestratorUse } from '../measure/function-use.js';
import type { Manifest } from '../measure/manifest.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { RunEnd } from '../store/control.js';

/** All that is known of a run beside its merged measurements: what a report is made from. */
export interface RunRecord {
  readonly frozen: FrozenPlan;
  /** null when the run was cancelled before its start instant. */
  readonly startAtMs: number | null;
  readonly endedAtMs: number;
  readonly end: RunEnd;
  readonly shards: readonly ShardFate[];
  /** Fragments found in the store, by id (`region/leg/n.attempt/seq`). */
  readonly fragments: readonly FragmentFate[];
  readonly refused: readonly RefusedDelivery[];
  /** Absent where no cloud carried it out. */
  readonly spending?: Spending;
}

/** What a run on AWS took, beside what its workers say of themselves. */
export interface Spending {
  /** Before it began. */
  readonly estimate: Bill;
  /** Of the orchestrator, until merge was to make the report; null: it left no account. */
  readonly orchestrator: OrchestratorUse | null;
  /** Of merge, one for each time that it was called. */
  readonly merges: readonly FunctionUse[];
  /** How long a worker without a manifest is taken to have lived, ms, by leg. */
  readonly legMs: readonly number[];
}

/** A worker that was started and did not take up what it was asked to, and why. */
export interface RefusedDelivery {
  readonly region: string;
  readonly leg: number;
  readonly n: number;
  readonly attempt: number;
  /** By its own clock, ms since the epoch. */
  readonly atMs: number;
  readonly reason: string;
  /** What it had taken until then; absent where nobody charges for it. */
  readonly used?: FunctionUse;
  /** It had begun, and this is how it ended. */
  readonly ended?: true;
}

/** Of a worker that claimed its shard, and left no manifest. */
export const FELL_SILENT = 'it fell silent';

/** What became of one shard. */
export interface ShardFate {
  readonly region: string;
  readonly leg: number;
  readonly n: number;
  /** The attempt that counted. */
  readonly attempt: number;
  /** null: it vanished. */
  readonly manifest: Manifest | null;
  /** When its last fragment was cut, µs from the run's start; null when it sent none. */
  readonly lastFragmentUs: number | null;
  /** Why it vanished, where something is known of it: `FELL_SILENT` of one that had begun. */
  readonly cause: string | null;
  /**
   * What its schedule held, [stage][request], up to its end or 10 s after a stop: tells what is
   * lost. null when that cannot be known (a closed model without `every` or an amount).
   */
  readonly planned: readonly (readonly number[])[] | null;
  /**
   * Its own counters, added up by stage × request over its fragments that were merged. Stage -1
   * holds what ended after the last stage.
   */
  readonly tallies: readonly ShardTally[];
}

/** In the order of COUNTERS. */
export interface ShardTally {
  readonly stage: number;
  readonly request: number;
  readonly values: readonly number[];
}

export interface FragmentFate {
  readonly id: string;
  readonly sha256: string;
  /** A content that was already in is counted once; one that cannot be read is lost. */
  readonly outcome: 'merged' | 'duplicate' | 'unreadable' | 'void';
}
