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
const MOST_LOOKS = 12;
const LOOK_EVERY_MS = 90;

/**
 * How far a worker's clock is from the store's. Each look confines it: the store said its time
 * somewhere between asking and answer, and to a tick. A clock that tells whole seconds, as HTTP's
 * `Date` does, is looked at until one of its ticks falls between two looks.
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
}

/** Looks at the store's clock as often as it takes; null where the store does not answer. */
export async function offsetFrom(
  store: Pick<Store, 'now'>,
  clock: Pick<RunClock, 'wallMs'>,
  pause: (ms: number) => Promise<void> = sleep,
): Promise<Offset | null> {
  const bounds = new OffsetBounds();
  for (let look = 0; look < MOST_LOOKS; look++) {
    if (look > 0) await pause(LOOK_EVERY_MS);
    const askedMs = clock.wallMs();
    const time = await store.now().catch(() => null);
    if (time !== null) bounds.saw(askedMs, clock.wallMs(), time);
    const { offset } = bounds;
    if (offset !== null && offset.uncertaintyMs <= ENOUGH_MS) break;
  }
  return bounds.offset;
}
