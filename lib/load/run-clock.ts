import { performance } from 'node:perf_hooks';

/**
 * Integer microseconds since the run's start instant, on the monotonic clock. Wall clock and
 * monotonic clock are paired once, when a worker is armed, and never again.
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
    this.startAt(wallMs);
  }

  /** Sets the run's start instant, ms since the epoch. Before it, instants are negative. */
  startAt(wallMs: number): void {
    this.#originMs = this.#pairedMonoMs + (wallMs - this.#pairedWallMs);
  }

  nowUs(): number {
    return Math.floor((performance.now() - this.#originMs) * 1000);
  }

  /** The wall clock as it was paired, ms since the epoch. */
  wallMs(): number {
    return this.#pairedWallMs + (performance.now() - this.#pairedMonoMs);
  }
}
