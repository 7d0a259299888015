const SECOND_US = 1_000_000;

/**
 * Holds starts to a number a second where answers, not a schedule, set the pace: never more than
 * that within any second. Instants are µs of the run.
 */
export class StartCeiling {
  /** Starts that had to wait. */
  held = 0;
  /** The latest starts, of as many as a span may hold, in turn. */
  readonly #latest: Float64Array;
  readonly #spanUs: number;
  #turn = 0;

  constructor(perSecond: number) {
    const most = Math.max(1, Math.floor(perSecond));
    this.#latest = new Float64Array(most).fill(Number.NEGATIVE_INFINITY);
    this.#spanUs = (most / perSecond) * SECOND_US;
  }

  /** Takes the next start of one who is ready now: the instant at which it may be made. */
  take(nowUs: number): number {
    const freeUs = Math.ceil(this.#latest[this.#turn]! + this.#spanUs);
    const atUs = Math.max(nowUs, freeUs);
    if (atUs > nowUs) this.held++;
    this.#latest[this.#turn] = atUs;
    this.#turn = (this.#turn + 1) % this.#latest.length;
    return atUs;
  }
}
