import { firstUse, rowOf, usesOf } from '../plan/data-pick.js';
import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';

export type Table = readonly (readonly string[])[];

/** Which rows of the plan's tables the iterations of a shard's leg see, in the order of their starts. */
export class Rows {
  readonly #frozen: FrozenPlan;
  readonly #tables: readonly Table[];
  /** By table, then by start. */
  readonly #uses: readonly (readonly boolean[])[];
  /** How often each table has been used in the run, as far as it is this shard's to know. */
  readonly #ranks: number[];
  /** Users keep the row of their number. */
  readonly #byUser: boolean;

  constructor(frozen: FrozenPlan, ref: ShardRef, tables: readonly Table[]) {
    this.#frozen = frozen;
    this.#tables = tables;
    this.#uses = tables.map((_, set) => usesOf(frozen.plan, set));
    this.#byUser = frozen.plan.load.kind === 'closed';
    this.#ranks = tables.map((_, set) => (this.#byUser ? 0 : firstUse(frozen, ref, set)));
  }

  /** Puts the rows of the next iteration into a list, by table; null: it uses none of that. */
  deal(start: number, user: number, into: (readonly string[] | null)[]): void {
    for (let set = 0; set < this.#tables.length; set++) {
      into[set] = null;
      if (!this.#uses[set]![start]) continue;
      const rank = this.#byUser ? user : this.#ranks[set]!++;
      into[set] = this.#tables[set]![rowOf(this.#frozen, set, rank)]!;
    }
  }
}
