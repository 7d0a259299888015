import { arrivalsOf } from '../plan/arrivals.js';
import { type Deal, dealOf } from '../plan/deal.js';
import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import type { Arrivals } from '../plan/profile.js';
import { type Shuffle, shuffleOf } from '../plan/shuffle.js';

/**
 * A shard's arrivals of one leg, in order. The cursor is moved, not copied: nothing is allocated
 * for an arrival.
 *
 *     const cursor = openSchedule(frozen, ref);
 *     while (cursor.advance()) begin(cursor.start, cursor.dueUs);
 */
export interface ArrivalCursor {
  /** µs from the run's start. */
  readonly dueUs: number;
  /** Index into the plan's starts. */
  readonly start: number;
  /** Counts the shard's arrivals from 0, through all legs. */
  readonly ordinal: number;
  /** Counts the run's arrivals from 0. */
  readonly k: number;
  /** Goes to the first arrival, then to the next one; false when there is none. */
  advance(): boolean;
}

/** Begins at the leg's first arrival without a look at the legs before. */
export function openSchedule(frozen: FrozenPlan, ref: ShardRef): ArrivalCursor {
  return new Cursor(frozen, ref);
}

class Cursor implements ArrivalCursor {
  dueUs = -1;
  start = -1;
  ordinal: number;
  k = -1;
  readonly #arrivals: Arrivals;
  readonly #deal: Deal;
  readonly #shuffle: Shuffle;
  readonly #endOrdinal: number;

  constructor(frozen: FrozenPlan, ref: ShardRef) {
    const { startUs, endUs } = frozen.legs[ref.leg]!;
    this.#arrivals = arrivalsOf(frozen);
    this.#deal = dealOf(frozen, ref);
    this.#shuffle = shuffleOf(frozen, ref);
    this.ordinal = this.#deal.countBefore(this.#arrivals.countBefore(startUs)) - 1;
    this.#endOrdinal = this.#deal.countBefore(this.#arrivals.countBefore(endUs));
  }

  advance(): boolean {
    if (this.ordinal + 1 >= this.#endOrdinal) return false;
    this.ordinal++;
    this.k = this.#deal.nth(this.ordinal);
    this.dueUs = this.#arrivals.instantOf(this.k);
    this.start = this.#shuffle.startOf(this.ordinal);
    return true;
  }
}
