import { performance } from 'node:perf_hooks';
import type { RunClock } from './run-clock.js';

/** Something that has to be done at instants of its own. */
export interface Source {
  /** The next instant at which `fire` must be called, µs; Infinity when there is none. */
  readonly nextUs: number;
  /** Does everything that is due. */
  fire(): void;
}

/** Timers come up to 1.2 ms late: nearer than this to the next instant, the loop is polled. */
const POLL_WITHIN_US = 2_200;
const TIMER_LATE_US = 1_200;

/**
 * Fires its sources at their instants, all of a thread's shards with one loop. Spinning, which
 * hits an instant within microseconds, is for threads with a core of their own: on a shared one it
 * would starve what it measures, so there only timers are used, and the report says so.
 */
export class Pacer {
  readonly kind: 'spin' | 'timer';
  readonly #clock: RunClock;
  readonly #sources = new Set<Source>();
  #wakeAtUs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  /** A polled turn is under way, and counts from here. */
  #polling = false;
  #polledFromUs = 0;
  /** What the loop had brought when it was last polled. */
  #events = -1;
  #idleUs = 0;
  readonly #turn = () => this.#run();

  constructor(kind: 'spin' | 'timer', clock: RunClock) {
    this.kind = kind;
    this.#clock = clock;
  }

  /**
   * Time that went, in all, into polling a loop which brought nothing while nothing was due. To
   * every other measure of how busy a thread is, such a loop is fully at work.
   */
  get idleUs(): number {
    return this.#idleUs;
  }

  add(source: Source): void {
    this.#sources.add(source);
    if (this.#immediate !== null) return;
    // Reckoned anew: instants have moved if the run's start has become known since.
    let nextUs = Number.POSITIVE_INFINITY;
    for (const one of this.#sources) nextUs = Math.min(nextUs, one.nextUs);
    if (nextUs < Number.POSITIVE_INFINITY) this.#arm(nextUs);
  }

  remove(source: Source): void {
    this.#sources.delete(source);
    if (this.#sources.size === 0) this.#disarm();
  }

  /** A source has an earlier instant than it had. */
  moved(nextUs: number): void {
    if (nextUs < this.#wakeAtUs && this.#immediate === null) this.#arm(nextUs);
  }

  #run(): void {
    this.#timer = null;
    this.#immediate = null;
    const turnUs = this.#noteTurn();
    this.#wakeAtUs = Number.POSITIVE_INFINITY;
    let nextUs = Number.POSITIVE_INFINITY;
    let fired = false;
    for (const source of this.#sources) {
      if (source.nextUs <= this.#clock.nowUs()) {
        source.fire();
        fired = true;
      }
      if (source.nextUs < nextUs) nextUs = source.nextUs;
    }
    // While firing, a source that had been passed already may have got an earlier instant.
    this.moved(nextUs);
    this.#polling = this.#immediate !== null;
    this.#polledFromUs = fired ? this.#clock.nowUs() : turnUs;
  }

  /** Counts the turn that ends here as idle if it was; its end is the next one's beginning. */
  #noteTurn(): number {
    const nowUs = this.#clock.nowUs();
    if (this.kind !== 'spin') return nowUs;
    const { events } = performance.nodeTiming.uvMetricsInfo;
    if (this.#polling && events === this.#events) {
      // Once something is due the loop is late, and no longer idle.
      this.#idleUs += Math.max(0, Math.min(nowUs, this.#wakeAtUs) - this.#polledFromUs);
    }
    this.#events = events;
    return nowUs;
  }

  #arm(nextUs: number): void {
    this.#disarm();
    this.#wakeAtUs = nextUs;
    const inUs = nextUs - this.#clock.nowUs();
    if (this.kind === 'spin' && inUs <= POLL_WITHIN_US) {
      this.#immediate = setImmediate(this.#turn);
      return;
    }
    const lead = this.kind === 'spin' ? TIMER_LATE_US : 0;
    // A timer far ahead is cut into pieces: it must not overflow, and clocks are read anew.
    const delayMs = Math.min(60_000, Math.max(1, Math.floor((inUs - lead) / 1000)));
    this.#timer = setTimeout(this.#turn, delayMs);
  }

  #disarm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#timer = null;
    this.#immediate = null;
    this.#polling = false;
    this.#wakeAtUs = Number.POSITIVE_INFINITY;
  }
}
