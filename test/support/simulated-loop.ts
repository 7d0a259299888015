import { vi } from 'vitest';
import { Random } from '../../bench/random.js';

interface Waiting {
  readonly id: number;
  readonly atUs: number;
  readonly call: () => void;
}

/** How late the timers of a real loop come at most. */
const TIMER_LATE_US = 1_200;

/**
 * An event loop whose time passes only by what it does, in place of the global timers until
 * `vi.unstubAllGlobals`: timers come a little late, a look at the clock takes a microsecond.
 */
export class SimulatedLoop {
  timeUs = 0;
  /** Delays that were asked for, ms. */
  readonly delaysMs: number[] = [];
  immediates = 0;
  turns = 0;
  readonly #random: Random;
  #ids = 0;
  #timers: Waiting[] = [];
  #soon: Waiting[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
    vi.stubGlobal('setTimeout', (call: () => void, ms: number) => {
      this.delaysMs.push(ms);
      const lateUs = this.#random.below(TIMER_LATE_US);
      return this.#add(this.#timers, this.timeUs + ms * 1000 + lateUs, call);
    });
    vi.stubGlobal('setImmediate', (call: () => void) => {
      this.immediates++;
      return this.#add(this.#soon, this.timeUs, call);
    });
    vi.stubGlobal('clearTimeout', (id: number) => {
      this.#timers = this.#timers.filter((timer) => timer.id !== id);
    });
    vi.stubGlobal('clearImmediate', (id: number) => {
      this.#soon = this.#soon.filter((one) => one.id !== id);
    });
  }

  /** A look at the clock. */
  nowUs(): number {
    return this.timeUs++;
  }

  /** Timers and immediates that something waits for. */
  get waiting(): number {
    return this.#timers.length + this.#soon.length;
  }

  /** What comes next: timers that are due, then immediates; without any the loop sleeps. */
  turn(): void {
    const timer = this.#timers.toSorted((a, b) => a.atUs - b.atUs)[0];
    const now = this.#soon[0];
    const next = timer && (!now || timer.atUs <= this.timeUs) ? timer : now;
    if (!next) throw new Error('the loop has nothing to wait for');
    this.#timers = this.#timers.filter((one) => one !== next);
    this.#soon = this.#soon.filter((one) => one !== next);
    this.timeUs = Math.max(this.timeUs, next.atUs);
    this.turns++;
    next.call();
  }

  run(isOver: () => boolean = () => this.waiting === 0): void {
    while (!isOver()) this.turn();
  }

  #add(to: Waiting[], atUs: number, call: () => void): number {
    to.push({ id: ++this.#ids, atUs, call });
    return this.#ids;
  }
}
