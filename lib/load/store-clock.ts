import { setTimeout as sleep } from 'node:timers/promises';
import type { Store, StoreTime } from '../store/store.js';
import type { RunClock } from './run-clock.js';

export interface Offset {
  /** The worker's clock less the store's, ms. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

/** Finer than this nobody needs it: clocks are judged from 100 ms on. */
const ENOUGH_MS = 50;
/** What is known this many round trips closely can hardly be known better. */
const ENOUGH_TRIPS = 1.25;
const MOST_LOOKS = 12;
/** Where it is known nearly: one anywhere, and one on either side of what it was. */
const LOOKS_NEAR = 3;
/** Before a store that did not answer is asked again. */
const AGAIN_MS = 90;

/**
 * How far a worker's clock is from the store's. Each look confines it: the store said its time
 * somewhere between asking and answer, and to a tick.
 */
export class OffsetBounds {
  #leastMs = Number.NEGATIVE_INFINITY;
  #mostMs = Number.POSITIVE_INFINITY;

  saw(askedMs: number, answeredMs: number, { atMs, tickMs }: StoreTime): void {
    const leastMs = askedMs - (atMs + tickMs);
    const mostMs = answeredMs - atMs;
    // One of the clocks was set meanwhile: what was known of them is known no more.
    const moved = leastMs > this.#mostMs || mostMs < this.#leastMs;
    this.#leastMs = moved ? leastMs : Math.max(this.#leastMs, leastMs);
    this.#mostMs = moved ? mostMs : Math.min(this.#mostMs, mostMs);
  }

  /** null before the first look. */
  get offset(): Offset | null {
    if (this.#leastMs === Number.NEGATIVE_INFINITY) return null;
    return {
      offsetMs: (this.#leastMs + this.#mostMs) / 2,
      uncertaintyMs: (this.#mostMs - this.#leastMs) / 2,
    };
  }

  allows(offsetMs: number): boolean {
    return offsetMs > this.#leastMs && offsetMs < this.#mostMs;
  }
}

/**
 * Looks at the store's clock as often as it takes; null where the store does not answer. A clock
 * that tells whole seconds, as HTTP's `Date` does, tells most at the instant at which it would
 * tick if the offset lay in the middle of what is possible: each such look halves that.
 *
 * `near` is what the offset was a while ago: what it is then takes fewer looks to say.
 */
export async function offsetFrom(
  store: Pick<Store, 'now'>,
  clock: Pick<RunClock, 'wallMs'>,
  near: Offset | null = null,
  pause: (ms: number) => Promise<void> = sleep,
): Promise<Offset | null> {
  const bounds = new OffsetBounds();
  const likely = near
    ? [near.offsetMs - near.uncertaintyMs, near.offsetMs + near.uncertaintyMs]
    : [];
  let tripMs = Number.POSITIVE_INFINITY;
  let waitMs = 0;
  for (let look = 0; look < (near ? LOOKS_NEAR : MOST_LOOKS); look++) {
    if (look > 0) await pause(waitMs);
    const askedMs = clock.wallMs();
    const time = await store.now().catch(() => null);
    const answeredMs = clock.wallMs();
    if (time !== null) {
      bounds.saw(askedMs, answeredMs, time);
      tripMs = Math.min(tripMs, answeredMs - askedMs);
    }
    const { offset } = bounds;
    if (offset === null || time === null) {
      waitMs = AGAIN_MS;
      continue;
    }
    const { uncertaintyMs } = offset;
    if (uncertaintyMs <= ENOUGH_MS || 2 * uncertaintyMs <= ENOUGH_TRIPS * tripMs) break;
    let aimedMs = likely.shift();
    while (aimedMs !== undefined && !bounds.allows(aimedMs)) aimedMs = likely.shift();
    waitMs = untilTick(answeredMs + tripMs / 2, aimedMs ?? offset.offsetMs, time.tickMs);
  }
  return bounds.offset;
}

/** From an instant of the worker's clock to the next one at which the store's would tick. */
function untilTick(fromMs: number, offsetMs: number, tickMs: number): number {
  const sinceMs = (fromMs - offsetMs) % tickMs;
  return sinceMs === 0 ? 0 : tickMs - sinceMs;
}
