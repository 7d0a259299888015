import type { FrozenPlan, ShardRef } from './frozen-plan.js';
import { hash, STREAM, uniform } from './random.js';
import { startsOf } from './starts.js';
import { inLowestTerms } from './stripe.js';

/**
 * Which of the plan's starts a shard's i-th arrival is: blocks of Σ weights arrivals hold each of
 * them exactly its weight times, each block in an order of its own. So shares are exact in every
 * shard, and no shard's order has anything to do with another's.
 */
export class Shuffle {
  readonly #seed: number;
  readonly #weights: readonly number[];
  /** One block in the order of the plan. */
  readonly #sorted: Uint16Array;
  readonly #block: Uint16Array;
  #blockIndex = -1;

  /** `seed` is the shard's own. */
  constructor(seed: number, weights: readonly number[]) {
    this.#seed = seed;
    this.#weights = inLowestTerms(weights);
    this.#sorted = Uint16Array.from(
      this.#weights.flatMap((weight, start) => new Array<number>(weight).fill(start)),
    );
    this.#block = this.#sorted.slice();
  }

  startOf(i: number): number {
    const length = this.#sorted.length;
    const place = i % length;
    const index = (i - place) / length;
    if (index !== this.#blockIndex) this.#shuffle(index);
    return this.#block[place]!;
  }

  /** How many of the first i arrivals are each start's. */
  countsBefore(i: number): number[] {
    const length = this.#sorted.length;
    const rest = i % length;
    const blocks = (i - rest) / length;
    const counts = this.#weights.map((weight) => weight * blocks);
    if (rest > 0 && blocks !== this.#blockIndex) this.#shuffle(blocks);
    for (let place = 0; place < rest; place++) counts[this.#block[place]!]!++;
    return counts;
  }

  /** Fisher and Yates. */
  #shuffle(index: number): void {
    const block = this.#block;
    block.set(this.#sorted);
    for (let last = block.length - 1; last > 0; last--) {
      const other = Math.floor(uniform(this.#seed, STREAM.shuffle, index, last) * (last + 1));
      const start = block[last]!;
      block[last] = block[other]!;
      block[other] = start;
    }
    this.#blockIndex = index;
  }
}

/** The same shard in another leg goes on with the same blocks: its ordinal runs through the run. */
export function shuffleOf(frozen: FrozenPlan, ref: ShardRef): Shuffle {
  const region = frozen.regions.findIndex(({ name }) => name === ref.region);
  return new Shuffle(
    hash(frozen.seed, STREAM.shard, region, ref.n),
    startsOf(frozen.plan).map(({ weight }) => weight),
  );
}
