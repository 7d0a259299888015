import type { Arrivals, Profile } from './profile.js';
import { HASHES, hash, STREAM } from './random.js';

const SECOND_US = 1_000_000;

/**
 * How many arrivals each second of the schedule holds: N_b ~ Poisson(Λ(b + 1) − Λ(b)). Drawn once,
 * when the plan is frozen; workers never do it again, so it may use logarithms.
 */
export function drawArrivals(profile: Profile, seed: number): readonly number[] {
  const seconds = Math.ceil(profile.durationUs / SECOND_US);
  return Array.from({ length: seconds }, (_, second) => {
    const fromUs = second * SECOND_US;
    const mean = profile.lambda(fromUs + SECOND_US) - profile.lambda(fromUs);
    let j = 0;
    return poisson(mean, () => (hash(seed, STREAM.arrivalCount, second, j++) + 0.5) / HASHES);
  });
}

/** Arrivals of second b: N_b uniforms, sorted, taken through the inverse of Λ within b. */
export class PoissonArrivals implements Arrivals {
  readonly count: number;
  readonly #profile: Profile;
  readonly #seed: number;
  /** Arrivals before each second, and before the end. */
  readonly #before: Float64Array;
  /** Shards of one thread walk through the same seconds; each is sorted for all of them once. */
  readonly #sorted: (SortedSecond | undefined)[] = new Array(16).fill(undefined);
  #last: SortedSecond | undefined;

  constructor(profile: Profile, seed: number, perSecond: readonly number[]) {
    this.#profile = profile;
    this.#seed = seed;
    this.#before = new Float64Array(perSecond.length + 1);
    perSecond.forEach((count, second) => {
      this.#before[second + 1] = this.#before[second]! + count;
    });
    this.count = this.#before[perSecond.length]!;
  }

  instantOf(k: number): number {
    let second = this.#last;
    if (!second || k < second.first || k >= second.first + second.draws.length) {
      second = this.#second(this.#secondOf(k));
      this.#last = second;
    }
    return this.#instantIn(second, k - second.first);
  }

  countBefore(tUs: number): number {
    if (tUs <= 0) return 0;
    const b = Math.floor(tUs / SECOND_US);
    if (b >= this.#before.length - 1 || tUs >= this.#profile.durationUs) return this.count;
    if (tUs === b * SECOND_US) return this.#before[b]!;
    const second = this.#second(b);
    let low = 0;
    let high = second.draws.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#instantIn(second, middle) < tUs) low = middle + 1;
      else high = middle;
    }
    return second.first + low;
  }

  #instantIn(second: SortedSecond, j: number): number {
    const lambda = second.lambda + (second.draws[j]! / HASHES) * second.growth;
    const whole = Math.floor(lambda);
    const tUs = this.#profile.inverse(whole, lambda - whole);
    return Math.min(Math.max(tUs, second.startUs), second.endUs - 1);
  }

  /** The last second that begins with at most k arrivals before it. */
  #secondOf(k: number): number {
    let low = 0;
    let high = this.#before.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#before[middle]! <= k) low = middle;
      else high = middle;
    }
    return low;
  }

  #second(b: number): SortedSecond {
    const slot = b % this.#sorted.length;
    const kept = this.#sorted[slot];
    if (kept?.b === b) return kept;
    const startUs = b * SECOND_US;
    const endUs = Math.min(startUs + SECOND_US, this.#profile.durationUs);
    const first = this.#before[b]!;
    const draws = new Uint32Array(this.#before[b + 1]! - first);
    for (let j = 0; j < draws.length; j++) draws[j] = hash(this.#seed, STREAM.arrivalInstant, b, j);
    draws.sort();
    const lambda = this.#profile.lambda(startUs);
    const growth = this.#profile.lambda(endUs) - lambda;
    const sorted = { b, startUs, endUs, first, draws, lambda, growth };
    this.#sorted[slot] = sorted;
    return sorted;
  }
}

interface SortedSecond {
  readonly b: number;
  readonly startUs: number;
  readonly endUs: number;
  /** Index of its first arrival. */
  readonly first: number;
  /** Uniforms in units of 1 / HASHES. */
  readonly draws: Uint32Array;
  /** Λ at its start, and by how much it grows within. */
  readonly lambda: number;
  readonly growth: number;
}

/** `next` yields uniforms in (0, 1). */
function poisson(mean: number, next: () => number): number {
  return mean < 10 ? poissonByProduct(mean, next) : poissonByRejection(mean, next);
}

/** Knuth: as many uniforms as their product stays above e^−mean. */
function poissonByProduct(mean: number, next: () => number): number {
  const least = Math.exp(-mean);
  let count = 0;
  for (let product = next(); product > least; product *= next()) count++;
  return count;
}

/** PTRS: W. Hörmann, The transformed rejection method for generating Poisson random variables. */
function poissonByRejection(mean: number, next: () => number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const accepted = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = next() - 0.5;
    const v = next();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= accepted) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const bound = k * Math.log(mean) - mean - logFactorial(k);
    if (Math.log((v * inverseAlpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

function logFactorial(k: number): number {
  if (k < 20) {
    let product = 1;
    for (let i = 2; i <= k; i++) product *= i;
    return Math.log(product);
  }
  const stirling = k * Math.log(k) - k + Math.log(2 * Math.PI * k) / 2;
  return stirling + 1 / (12 * k) - 1 / (360 * (k * k * k));
}
