import type { Edge } from '../measure/manifest.js';
import { type EdgeSign, edgeSign } from './edge-signs.js';
import { ServerTime } from './server-time.js';

/** Answers looked at in vain before an address counts as the target's own. */
const LOOKS = 16;

/**
 * What the first answer on each connection gives away: whether something else than the target ends
 * it, and whether its answers say how long the server took. Later answers are not searched for
 * what the first one did not have.
 */
export class FirstAnswers {
  /** A sign, or how often there was none. */
  readonly #signs = new Map<string, EdgeSign | number>();
  readonly #serverTime: ServerTime;
  readonly #asked: boolean;

  /** `header`: where the plan says that the server's time stands; null: `Server-Timing`, if at all. */
  constructor(header: string | null) {
    this.#serverTime = new ServerTime(header ?? 'server-timing');
    this.#asked = header !== null;
  }

  /** What reads the server's time from this connection's answers; null where they do not tell it. */
  look(address: string, head: string): ServerTime | null {
    const seen = this.#signs.get(address) ?? 0;
    if (typeof seen === 'number' && seen < LOOKS) {
      this.#signs.set(address, edgeSign(head) ?? seen + 1);
    }
    return this.#asked || this.#serverTime.standsIn(head) ? this.#serverTime : null;
  }

  edges(): Edge[] {
    return [...this.#signs].flatMap(([address, sign]) =>
      typeof sign === 'number' ? [] : [{ address, ...sign }],
    );
  }
}
