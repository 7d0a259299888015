import type { Leg, ShardRef } from '../plan/frozen-plan.js';
import type { ToldMemory } from '../store/watch-memory.js';
import type { WatchedLeg } from './leg-watch.js';

interface Teller {
  readonly region: string;
  readonly leg: number;
  cutAtUs: number;
  /** Sends no more: what it told is all there is. */
  over: boolean;
  silent: boolean;
}

/** How far workers of legs that are over have told, by region, µs. */
type Past = Readonly<Record<string, number>>;

/**
 * How far workers have told of themselves. A span of time is known when each that still sends has
 * told of it; one that has fallen silent holds up nobody.
 */
export class ToldUntil {
  readonly #legs: readonly Leg[];
  readonly #patienceUs: number;
  readonly #tellers = new Map<string, Teller>();
  readonly #pastUs: Map<string, number>;
  /** Legs before this one are over: of their workers only how far they came is kept. */
  #from = 0;

  constructor(
    legs: readonly Leg[],
    patienceUs: number,
    memory: ToldMemory['tellers'] = [],
    past: Past = {},
  ) {
    this.#legs = legs;
    this.#patienceUs = patienceUs;
    this.#pastUs = new Map(Object.entries(past));
    for (const [name, cutAtUs, over] of memory) {
      const [region = '', leg] = name.split('/');
      this.#tellers.set(name, { region, leg: Number(leg), cutAtUs, over, silent: false });
    }
  }

  add(ref: ShardRef, cutAtUs: number, final: boolean): void {
    if (ref.leg < this.#from) {
      this.#passed(ref.region, cutAtUs);
      return;
    }
    const teller = this.#teller(ref);
    teller.cutAtUs = Math.max(teller.cutAtUs, cutAtUs);
    teller.over ||= final;
  }

  /** `from`: legs before it are over. */
  look(elapsedUs: number, started: readonly WatchedLeg[], from: number): void {
    this.#from = from;
    for (const [name, { region, leg, cutAtUs }] of this.#tellers) {
      if (leg >= from) continue;
      this.#passed(region, cutAtUs);
      this.#tellers.delete(name);
    }
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
    const past = region === null ? [...this.#pastUs.values()] : [this.pastUs(region)];
    return Math.max(0, ...past, ...tellers.map(({ cutAtUs }) => cutAtUs));
  }

  /** For whoever takes over. */
  memory(): ToldMemory['tellers'] {
    return [...this.#tellers].map(([name, { cutAtUs, over }]) => [name, cutAtUs, over]);
  }

  /** How far workers of a region told in legs that are over; 0: not at all. */
  pastUs(region: string): number {
    return this.#pastUs.get(region) ?? 0;
  }

  #passed(region: string, cutAtUs: number): void {
    this.#pastUs.set(region, Math.max(this.pastUs(region), cutAtUs));
  }

  #of(region: string | null): Teller[] {
    const all = [...this.#tellers.values()];
    return region === null ? all : all.filter((teller) => teller.region === region);
  }

  /** Before its first word, a shard of a later leg is known until that leg's start. */
  #teller(ref: ShardRef): Teller {
    const { region, leg } = ref;
    const name = `${region}/${leg}/${ref.n}.${ref.attempt}`;
    let teller = this.#tellers.get(name);
    if (!teller) {
      const cutAtUs = this.#legs[leg]?.startUs ?? 0;
      teller = { region, leg, cutAtUs, over: false, silent: false };
      this.#tellers.set(name, teller);
    }
    return teller;
  }
}
