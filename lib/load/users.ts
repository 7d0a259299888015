import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import type { Pace } from '../plan/plan.js';
import { STREAM, uniform } from '../plan/random.js';
import { startsBefore, type UserSession, userSessions } from '../plan/sessions.js';
import { type Shuffle, shuffleOf } from '../plan/shuffle.js';

export { type UserSession, userSessions };

/** What a shard's users do in one leg. */
export interface UserSchedule {
  /** In the order in which they begin. With `every`, a session's starts are comesUs + n · everyUs. */
  readonly sessions: readonly UserSession[];
  /** The leg's first instant: sessions that begin then are there from the start. */
  readonly firstUs: number;
  /** The plan's start of the i-th iteration (from 0) that the shard begins in this leg. */
  startOf(i: number): number;
  /** How long a user thinks after its iteration (from 0): µs, evenly drawn from the plan's range. */
  thinkUs(user: number, iteration: number): number;
}

export function userSchedule(frozen: FrozenPlan, ref: ShardRef): UserSchedule {
  return new ShardUsers(frozen, ref);
}

class ShardUsers implements UserSchedule {
  readonly sessions: readonly UserSession[];
  readonly firstUs: number;
  readonly #seed: number;
  readonly #pace: Pace;
  readonly #shuffle: Shuffle;
  /** Iterations of the legs before, where they are known beforehand. */
  readonly #begunBefore: number;

  constructor(frozen: FrozenPlan, ref: ShardRef) {
    const { load } = frozen.plan;
    if (load.kind === 'open') throw new Error('an open model has no users');
    this.sessions = userSessions(frozen, ref);
    this.firstUs = frozen.legs[ref.leg]!.startUs;
    this.#seed = frozen.seed;
    this.#pace = load.pace;
    this.#shuffle = shuffleOf(frozen, ref);
    this.#begunBefore = load.pace.kind === 'every' ? startsBefore(frozen, ref, this.firstUs) : 0;
  }

  startOf(i: number): number {
    return this.#shuffle.startOf(this.#begunBefore + i);
  }

  thinkUs(user: number, iteration: number): number {
    if (this.#pace.kind !== 'think') return 0;
    const { minUs, maxUs } = this.#pace;
    const draw = uniform(this.#seed, STREAM.think, user, iteration);
    return minUs + Math.floor(draw * (maxUs - minUs + 1));
  }
}
