import { performance } from 'node:perf_hooks';

/** Longer than any worker waits for its order. */
const FAR_AHEAD_MS = 24 * 3_600_000;

/**
 * Integer microseconds since the run's start instant, on the monotonic clock. Wall clock and
 * monotonic clock are paired once, when a worker is armed, and never again.
 *
 * Until the start instant is known it is taken to lie far ahead, so that whatever happens while a
 * worker is armed comes before everything in the run. Spans across that moment must be reckoned on
 * the monotonic clock.
 */
export class RunClock {
  readonly #pairedWallMs: number;
  readonly #pairedMonoMs: number;
  #originMs = Number.NaN;

  constructor() {
    // Date.now() ticks in whole milliseconds: pairing at a tick makes the pair exact to microseconds.
    const before = Date.now();
    let wallMs = before;
    while (wallMs === before) wallMs = Date.now();
    this.#pairedWallMs = wallMs;
    this.#pairedMonoMs = performance.now();
    this.startAt(wallMs + FAR_AHEAD_MS);
  }

  /** Sets the run's start instant, ms since the epoch. Before it, instants are negative. */
  startAt(wallMs: number): void {
    this.#originMs = this.#pairedMonoMs + (wallMs - this.#pairedWallMs);
  }

  nowUs(): number {
    return Math.floor((performance.now() - this.#originMs) * 1000);
  }

  /** An instant of `performance.now()`, in µs, as time of the run. */
  atMonotonic(us: number): number {
    return Math.floor(us - this.#originMs * 1000);
  }

  /** The inverse: an instant of the run on the clock of `performance.now()`, in µs. */
  monotonicAt(us: number): number {
    return us + this.#originMs * 1000;
  }

  /** The wall clock as it was paired, ms since the epoch. */
  wallMs(): number {
    return this.#pairedWallMs + (performance.now() - this.#pairedMonoMs);
  }
}
