import type { Control } from '../store/control.js';

export interface ControlWatchSetting {
  readonly read: () => Promise<Control | null>;
  readonly everyMs: number;
  /** After this long without a successful read, control is lost. */
  readonly leaseMs: number;
  /** In [0, 1): at which part of `everyMs` this one reads. Random if left out. */
  readonly phase?: () => number;
}

interface Listener {
  readonly heard: (control: Control) => void;
  readonly lost: () => void;
  toldOfLoss: boolean;
}

/**
 * Reads `control.json` again and again for all shards of a thread, and tells when it says
 * something new, and when it could not be read for so long that nobody knows what it says.
 *
 * Many workers are started at one instant, and all hear the go at another. So that a store is not
 * asked by all of them at once, each reads at a phase of its own.
 */
export class ControlWatch {
  readonly #setting: ControlWatchSetting;
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | null = null;
  #lease: NodeJS.Timeout | null = null;
  #lastMs = performance.now();
  #reading = false;
  #latest: Control | null = null;

  constructor(setting: ControlWatchSetting) {
    this.#setting = setting;
  }

  /** Calls `heard` with what is known at once and with every reading after; returns what ends it. */
  listen(heard: Listener['heard'], lost: Listener['lost']): () => void {
    const listener = { heard, lost, toldOfLoss: false };
    this.#listeners.add(listener);
    if (this.#latest) heard(this.#latest);
    if (!this.#timer) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#end();
    };
  }

  #begin(): void {
    const { everyMs, phase = Math.random } = this.#setting;
    this.#lastMs = performance.now();
    this.#timer = setTimeout(() => {
      this.#timer = setInterval(() => void this.#read(), everyMs);
      void this.#read();
    }, phase() * everyMs);
    void this.#read();
  }

  #end(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#lease) clearTimeout(this.#lease);
    this.#timer = null;
    this.#lease = null;
  }

  async #read(): Promise<void> {
    this.#checkLease();
    if (this.#reading) return;
    this.#reading = true;
    // What cannot be read is tried again; the lease counts how long that may go on.
    const control = await this.#setting.read().catch(() => null);
    this.#reading = false;
    if (!control) return;
    this.#lastMs = performance.now();
    this.#latest = control;
    if (this.#timer) this.#checkLease();
    for (const { heard } of [...this.#listeners]) heard(control);
  }

  /** Once it has lapsed, and not only when the next reading is due. */
  #checkLease(): void {
    if (this.#lease) clearTimeout(this.#lease);
    const leftMs = this.#lastMs + this.#setting.leaseMs - performance.now();
    if (leftMs > 0) {
      this.#lease = setTimeout(() => this.#checkLease(), leftMs);
      return;
    }
    this.#lease = null;
    // Once each; those who come to listen later are told of what is lost then.
    for (const listener of [...this.#listeners]) {
      if (listener.toldOfLoss) continue;
      listener.toldOfLoss = true;
      listener.lost();
    }
  }
}
