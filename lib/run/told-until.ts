import type { Leg, ShardRef } from '../plan/frozen-plan.js';
import type { WatchedLeg } from './leg-watch.js';

interface Teller {
  readonly region: string;
  cutAtUs: number;
  /** Sends no more: what it told is all there is. */
  over: boolean;
  silent: boolean;
}

/**
 * How far workers have told of themselves. A span of time is known when each that still sends has
 * told of it; one that has fallen silent holds up nobody.
 */
export class ToldUntil {
  readonly #legs: readonly Leg[];
  readonly #patienceUs: number;
  readonly #tellers = new Map<string, Teller>();

  constructor(legs: readonly Leg[], patienceUs: number) {
    this.#legs = legs;
    this.#patienceUs = patienceUs;
  }

  add(ref: ShardRef, cutAtUs: number, final: boolean): void {
    const teller = this.#teller(ref);
    teller.cutAtUs = Math.max(teller.cutAtUs, cutAtUs);
    teller.over ||= final;
  }

  look(elapsedUs: number, started: readonly WatchedLeg[]): void {
    for (const { leg, shards } of started) {
      if (elapsedUs < leg.startUs) continue;
      for (const { ref, over } of shards) {
        const teller = this.#teller(ref);
        teller.over ||= over !== null;
        teller.silent = !teller.over && elapsedUs - teller.cutAtUs > this.#patienceUs;
      }
    }
  }

  silent(region: string): number {
    return this.#of(region).filter(({ silent }) => silent).length;
  }

  /** µs from the run's start; 0 before any has told. null: of all regions. */
  knownToUs(region: string | null): number {
    const tellers = this.#of(region);
    const open = tellers.filter(({ over, silent }) => !over && !silent);
    if (open.length > 0) return Math.min(...open.map(({ cutAtUs }) => cutAtUs));
    return Math.max(0, ...tellers.map(({ cutAtUs }) => cutAtUs));
  }

  #of(region: string | null): Teller[] {
    const all = [...this.#tellers.values()];
    return region === null ? all : all.filter((teller) => teller.region === region);
  }

  /** Before its first word, a shard of a later leg is known until that leg's start. */
  #teller(ref: ShardRef): Teller {
    const name = `${ref.region}/${ref.leg}/${ref.n}.${ref.attempt}`;
    let teller = this.#tellers.get(name);
    if (!teller) {
      const cutAtUs = this.#legs[ref.leg]?.startUs ?? 0;
      teller = { region: ref.region, cutAtUs, over: false, silent: false };
      this.#tellers.set(name, teller);
    }
    return teller;
  }
}
