import type { FrozenPlan } from '../plan/frozen-plan.js';
import { CLOUD_TIMING } from './cloud-timing.js';

/** Of a function that lives as long as it may; one that lives shorter does all of it in less. */
const WHOLE_LIFE_MS = 900_000;
/** Of the upload, so much must be left when the last answer has come. */
const LAST_WORDS_MS = 20_000;

/** What a function can still do in the time that it has left. */
export class LifeTime {
  readonly #remainingMs: () => number;
  readonly #scale: number;

  /** Made when the function begins. */
  constructor(remainingMs: () => number) {
    this.#remainingMs = remainingMs;
    this.#scale = Math.min(1, remainingMs() / WHOLE_LIFE_MS);
  }

  /** Why a leg does not fit in, with its arming, its grace and its upload; null: it does. */
  legProblem({ legs, graceUs }: FrozenPlan, leg: number): string | null {
    const { startUs, endUs } = legs[leg]!;
    const { armMs, uploadMs } = CLOUD_TIMING;
    const around = this.#scale * (armMs + uploadMs);
    return this.#problem((endUs - startUs + graceUs) / 1000 + around);
  }

  /** Why load that ends then must not begin; null: it may. */
  endProblem(endsAtMs: number, nowMs: number): string | null {
    return this.#problem(endsAtMs - nowMs + this.#scale * LAST_WORDS_MS);
  }

  #problem(neededMs: number): string | null {
    const leftMs = this.#remainingMs();
    if (neededMs <= leftMs) return null;
    return `it would take ${seconds(neededMs)} s more, and this function has ${seconds(leftMs)} s left: use shorter legs, or give the function more time`;
  }
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
