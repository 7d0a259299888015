import type { RateStage } from './plan.js';

/** Instants of all arrivals of a plan, in order; any of them is found without the others. */
export interface Arrivals {
  readonly count: number;
  /** When arrival k (from 0) is due: µs from the run's start, floored. */
  instantOf(k: number): number;
  /** How many arrivals are due before an instant: those k whose floored instant is below it. */
  countBefore(tUs: number): number;
}

/** A stage with what came before it. Λ at its start is whole + part. */
interface Piece {
  readonly startUs: number;
  readonly durationUs: number;
  readonly fromRate: number;
  readonly toRate: number;
  /** Starts per second, per second. */
  readonly slope: number;
  readonly whole: number;
  /** In [0, 1), a multiple of 1 / PARTS. */
  readonly part: number;
}

/**
 * Λ is summed in steps of a billionth of an arrival, far finer than any instant can show. So a
 * ramp from 0.1/s to 0.2/s over 10 s comes to 1.5, and not to a little more, which would be one
 * arrival more.
 */
const PARTS = 1e9;

/** An instant that is a whole number of µs but for the rounding of doubles counts as whole. */
const ROUNDING = 1 + 4 * Number.EPSILON;

/**
 * Λ(t), the integral of the asked rate over all stages, and its inverse. As arrivals it is the
 * even schedule: arrival k is at the last t where Λ(t) = k + ½, and there are ⌈Λ(end) − ½⌉.
 *
 * Within a stage that begins at rate a and changes by s a second, Λ grows by x = a·t + s·t²/2 in
 * t seconds; solved for t in the form that stays exact for s near 0: t = 2x / (a + √(a² + 2sx)).
 */
export class Profile implements Arrivals {
  readonly count: number;
  readonly durationUs: number;
  readonly #pieces: readonly Piece[];

  constructor(stages: readonly RateStage[]) {
    const pieces: Piece[] = [];
    let startUs = 0;
    let whole = 0;
    let parts = 0;
    for (const { fromRate, toRate, durationUs } of stages) {
      if (durationUs === 0) continue;
      const slope = ((toRate - fromRate) * 1e6) / durationUs;
      pieces.push({ startUs, durationUs, fromRate, toRate, slope, whole, part: parts / PARTS });
      const amount = ((fromRate + toRate) * durationUs) / 2e6;
      const wholeAmount = Math.floor(amount);
      parts += Math.round((amount - wholeAmount) * PARTS);
      whole += wholeAmount + Math.floor(parts / PARTS);
      parts %= PARTS;
      startUs += durationUs;
    }
    this.#pieces = pieces;
    this.durationUs = startUs;
    this.count = whole + (parts / PARTS > 0.5 ? 1 : 0);
  }

  instantOf(k: number): number {
    return this.inverse(k, 0.5);
  }

  countBefore(tUs: number): number {
    if (tUs <= 0) return 0;
    if (tUs >= this.durationUs) return this.count;
    // ⌈Λ(t) − ½⌉ is at most an arrival or two off, because instants are floored.
    let k = Math.min(this.count, Math.round(this.lambda(tUs)));
    while (k > 0 && this.instantOf(k - 1) >= tUs) k--;
    while (k < this.count && this.instantOf(k) < tUs) k++;
    return k;
  }

  /** Λ at an instant. */
  lambda(tUs: number): number {
    const pieces = this.#pieces;
    let at = pieces.length - 1;
    while (at > 0 && pieces[at]!.startUs > tUs) at--;
    const piece = pieces[at];
    if (!piece) return 0;
    const seconds = Math.min(Math.max(0, tUs - piece.startUs), piece.durationUs) / 1e6;
    const grown = (piece.fromRate + (piece.slope * seconds) / 2) * seconds;
    return piece.whole + (piece.part + grown);
  }

  /** The last instant at which Λ is whole + part, in floored µs; part in [0, 1). */
  inverse(whole: number, part: number): number {
    const pieces = this.#pieces;
    let at = pieces.length - 1;
    while (at > 0 && isBeyond(pieces[at]!, whole, part)) at--;
    const { startUs, durationUs, fromRate, slope, ...before } = pieces[at]!;
    const x = whole - before.whole + (part - before.part);
    if (x <= 0) return startUs;
    // A descent's end can round below 0 under the root.
    const root =
      slope === 0 ? fromRate : Math.sqrt(Math.max(0, fromRate * fromRate + 2 * slope * x));
    const sinceUs = Math.floor(((2e6 * x) / (fromRate + root)) * ROUNDING);
    return startUs + Math.min(sinceUs, durationUs - 1);
  }

  /** The highest rate within [startUs, endUs), starts/s. */
  peakRate(startUs: number, endUs: number): number {
    let peak = 0;
    for (const piece of this.#pieces) {
      const fromUs = Math.max(startUs, piece.startUs) - piece.startUs;
      const toUs = Math.min(endUs - piece.startUs, piece.durationUs);
      if (fromUs >= toUs) continue;
      peak = Math.max(peak, rateAt(piece, fromUs), rateAt(piece, toUs));
    }
    return peak;
  }
}

function isBeyond(piece: Piece, whole: number, part: number): boolean {
  return piece.whole > whole || (piece.whole === whole && piece.part > part);
}

function rateAt({ fromRate, toRate, durationUs }: Piece, sinceUs: number): number {
  return fromRate + ((toRate - fromRate) * sinceUs) / durationUs;
}
