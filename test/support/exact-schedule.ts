import type { RateStage } from '../../lib/plan/plan.js';

/**
 * Even arrivals by whole-number arithmetic alone, for rates of at most three decimals: the
 * instant of arrival k is the last tick at which Λ ≤ k + ½, found by bisection. Slow, and shares
 * nothing with the code that it judges.
 */
export class ExactSchedule {
  readonly count: number;
  readonly #ticksPerUs: bigint;
  readonly #stages: readonly {
    readonly start: bigint;
    readonly length: bigint;
    readonly from: bigint;
    readonly to: bigint;
    readonly before: bigint;
  }[];

  constructor(stages: readonly RateStage[], ticksPerUs = 1) {
    this.#ticksPerUs = BigInt(ticksPerUs);
    let start = 0n;
    // Twice Λ in units of 1 / (1000 · ticks per second).
    let before = 0n;
    this.#stages = stages.map(({ fromRate, toRate, durationUs }) => {
      const from = BigInt(Math.round(fromRate * 1_000));
      const to = BigInt(Math.round(toRate * 1_000));
      const length = BigInt(durationUs) * this.#ticksPerUs;
      const stage = { start, length, from, to, before };
      start += length;
      before += (from + to) * length;
      return stage;
    });
    // Arrival k exists where 2k + 1 < 2Λ(end).
    const unit = 1_000_000_000n * this.#ticksPerUs;
    this.count = Number((before + unit - 1n) / unit / 2n);
  }

  /** In ticks, floored. */
  instantOf(k: number): number {
    const asked = (2n * BigInt(k) + 1n) * 1_000_000_000n * this.#ticksPerUs;
    let at = 0n;
    for (const { start, length, from, to, before } of this.#stages) {
      const within = (tick: bigint) =>
        before * length + 2n * length * from * tick + (to - from) * tick * tick <= asked * length;
      if (!within(0n)) break;
      let low = 0n;
      let high = length;
      while (low < high) {
        const middle = (low + high + 1n) / 2n;
        if (within(middle)) low = middle;
        else high = middle - 1n;
      }
      at = start + low;
    }
    return Number(at);
  }
}
