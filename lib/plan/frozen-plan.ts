import type { Plan, StageSpan } from './plan.js';

/** The number that a worker and an orchestrator must share to understand each other. */
export const PROTOCOL = 1;

/**
 * `plan.json`: everything that was decided before the first request, drawn numbers included,
 * so that every worker computes its share alone and comes to the same schedule.
 */
export interface FrozenPlan {
  readonly schema: 'isochrone.plan/1';
  readonly protocol: number;
  readonly run: string;
  readonly label: string | null;
  readonly createdAtMs: number;
  /** Unsigned 32-bit; all randomness of the run comes from it. */
  readonly seed: number;
  readonly where: 'local' | 'emulated' | 'aws';
  readonly plan: Plan;
  readonly stages: readonly StageSpan[];
  /** Length of the schedule: end of the last stage. */
  readonly durationUs: number;
  /** How long after a shard's last arrival it may finish what it began. */
  readonly graceUs: number;
  /** Poisson arrivals drawn for every second of the schedule; null for even ones and users. */
  readonly arrivalsPerSecond: readonly number[] | null;
  readonly legs: readonly Leg[];
  /** Same order as plan.regions. */
  readonly regions: readonly FrozenRegion[];
  readonly allowUndecided: boolean;
  /** Checks of the measurement that the user accepts: each counts as one level better. */
  readonly accepted: readonly string[];
  /** ARN of the durable execution that leads the run; absent where no cloud does. */
  readonly execution?: string;
  /** What carries the run out, as far as its cost goes by that; absent where no cloud does. */
  readonly site?: CloudSite;
}

/** The functions of a deployment, and what they may spend. */
export interface CloudSite {
  /** Region of the bucket, the orchestrator and merge. */
  readonly home: string;
  readonly workerMb: number;
  readonly orchestratorMb: number;
  readonly mergeMb: number;
  /** Workers reach the world through a NAT gateway. */
  readonly nat: boolean;
  /** Travels with every request. */
  readonly contact: string | null;
  /** US dollars that the run may come to; null: nobody set a limit. */
  readonly mostUsd: number | null;
}

/** A stretch [startUs, endUs) of the run that fits in one worker's life. */
export interface Leg {
  readonly index: number;
  readonly startUs: number;
  readonly endUs: number;
}

export interface FrozenRegion {
  readonly name: string;
  readonly share: number;
  /** Shards of this region in every leg; all of equal weight. */
  readonly workers: number;
  /** null: measured from where its workers are. */
  readonly emulated: EmulatedDistance | null;
}

/** How far away workers pretend to be. */
export interface EmulatedDistance {
  readonly roundTripUs: number;
  /** At most this much more, drawn evenly for each exchange. */
  readonly jitterUs: number;
  /** Fraction of connects and of exchanges that wait for a packet to be sent again. */
  readonly loss: number;
}

/** Names one worker's share: the n-th of a region in a leg, and which start of it this is. */
export interface ShardRef {
  readonly run: string;
  readonly region: string;
  readonly leg: number;
  readonly n: number;
  /** Counts from 1. */
  readonly attempt: number;
}
