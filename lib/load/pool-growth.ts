import type { Wire } from './dial.js';
import { type DialEvents, Dialler, type DiallerSetting } from './dialler.js';
import type { Failure } from './failure.js';

/** What a pool has and wants, and what becomes of it. */
export interface GrowthEvents {
  /** Connections that are open. */
  readonly open: number;
  /** Requests that wait for one. */
  readonly waiting: number;
  opened(wire: Wire, address: string, begunUs: number): void;
  /** A connection could not be opened that a request waited for; true: none waits for it now. */
  unreachable(failure: Failure, begunUs: number): boolean;
}

/** When a pool opens another connection: to have as many as it shall, or because requests wait. */
export class PoolGrowth implements DialEvents {
  readonly facts = { peak: 0, opened: 0, failed: 0, ceilingReached: false, replaced: 0 };
  /** Kept open even when nothing needs them. */
  floor: number;
  /** Never more than these. */
  ceiling: number;

  readonly #pool: GrowthEvents;
  readonly #dialler: Dialler;
  #settled: (() => void) | null = null;

  constructor(setting: DiallerSetting, floor: number, ceiling: number, pool: GrowthEvents) {
    this.#pool = pool;
    this.#dialler = new Dialler(setting, this);
    this.floor = floor;
    this.ceiling = ceiling;
  }

  /** Connects under way. */
  get connecting(): number {
    return this.#dialler.size;
  }

  /** Opens connections ahead; settles when each is open or has failed. */
  async openAhead(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
      this.topUp();
      this.#checkSettled();
    });
  }

  /** One is gone that nothing was asked of: closed by us or by the server. */
  replace(hungUpOn: boolean): void {
    this.facts.replaced++;
    if (hungUpOn) this.#dialler.rest();
    this.topUp();
  }

  grow(): void {
    while (!this.#dialler.full && this.#pool.waiting > this.#dialler.size) {
      if (this.#pool.open + this.#dialler.size >= this.ceiling) {
        this.facts.ceilingReached = true;
        return;
      }
      this.#dialler.dial(false);
    }
  }

  topUp(): void {
    if (this.#dialler.resting) return;
    while (!this.#dialler.full && this.#pool.open + this.#dialler.size < this.floor) {
      this.#dialler.dial(true);
    }
  }

  close(): void {
    this.#dialler.close();
  }

  // What the dialler tells.

  opened(wire: Wire, address: string, begunUs: number): void {
    this.facts.opened++;
    this.facts.peak = Math.max(this.facts.peak, this.#pool.open + 1);
    this.#pool.opened(wire, address, begunUs);
    this.grow();
    this.topUp();
    this.#checkSettled();
  }

  dialFailed(failure: Failure, begunUs: number, ahead: boolean): void {
    this.facts.failed++;
    const over = !ahead && this.#pool.unreachable(failure, begunUs);
    if (over || this.#pool.open === 0) this.grow();
    this.#checkSettled();
  }

  #checkSettled(): void {
    if (!this.#settled || this.#dialler.size > 0) return;
    this.#settled();
    this.#settled = null;
  }
}
