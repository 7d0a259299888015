import { UsageError } from '../errors.js';

const LONGEST_PERIOD = 1_000_000;

/**
 * Deals indexes 0, 1, 2, … to owners by weight, so evenly that of any first n an owner with the
 * share w has n·w ± 1. Who owns which is a table of one period, Σ weights long.
 *
 * The table is built by earliest deadline: an owner may have its next index once that is not
 * ahead of its share (given·W < (n + 1)·w), and of those the one goes first whose next index
 * falls behind its share soonest (⌈(given + 1)·W / w⌉). Taking the largest deficit would drift
 * to 1.49 off.
 */
export class Stripe {
  readonly #owners: Uint16Array;
  /** Where in the period each owner's indexes are. */
  readonly #places: readonly Uint32Array[];

  /** Weights are whole numbers; only their ratios count. */
  constructor(weights: readonly number[]) {
    const reduced = inLowestTerms(weights);
    const period = reduced.reduce((sum, weight) => sum + weight, 0);
    if (period > LONGEST_PERIOD) {
      throw new UsageError(
        `the shares ${weights.join(', ')} add up to ${period} in lowest terms, more than ${LONGEST_PERIOD}; round them`,
      );
    }
    this.#owners = new Uint16Array(period);
    this.#places = reduced.map((weight) => new Uint32Array(weight));
    const given = reduced.map(() => 0);
    const deadlines = reduced.map((weight) => Math.ceil(period / weight));
    for (let n = 0; n < period; n++) {
      let first = -1;
      for (let owner = 0; owner < reduced.length; owner++) {
        if (given[owner]! * period >= (n + 1) * reduced[owner]!) continue;
        if (first < 0 || deadlines[owner]! < deadlines[first]!) first = owner;
      }
      this.#owners[n] = first;
      this.#places[first]![given[first]!++] = n;
      deadlines[first] = Math.ceil(((given[first]! + 1) * period) / reduced[first]!);
    }
  }

  ownerOf(n: number): number {
    return this.#owners[n % this.#owners.length]!;
  }

  /** How many of the first n indexes are this owner's. */
  countBefore(n: number, owner: number): number {
    const period = this.#owners.length;
    const places = this.#places[owner]!;
    const rest = n % period;
    let count = Math.floor((rest * places.length) / period);
    // At most one off, either way.
    while (count < places.length && places[count]! < rest) count++;
    while (count > 0 && places[count - 1]! >= rest) count--;
    return ((n - rest) / period) * places.length + count;
  }

  /** The owner's i-th index, from 0. */
  nth(owner: number, i: number): number {
    const places = this.#places[owner]!;
    const rest = i % places.length;
    return ((i - rest) / places.length) * this.#owners.length + places[rest]!;
  }
}

/** Divides whole numbers by what they have in common. */
export function inLowestTerms(weights: readonly number[]): readonly number[] {
  for (const weight of weights) {
    if (!Number.isSafeInteger(weight) || weight < 1) {
      throw new UsageError(`a share or weight of ${weight}: it must be a whole number from 1`);
    }
  }
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  return weights.map((weight) => weight / divisor);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
