import type { FragmentFiles, FragmentRef, Place } from './run-files.js';
import type { PlaceMemory } from './watch-memory.js';

/** Of one attempt: all before `next` was told, but for those that are missed. */
interface Teller {
  next: number;
  readonly missed: Set<number>;
}

interface HeardPlace {
  readonly place: Place;
  /** No more will come. */
  over: boolean;
  readonly tellers: Map<string, Teller>;
}

/**
 * Tells each fragment of a running run once, soon after it was written, by listing only the end of
 * each place. A live view's source, not a merge's: one that lags too far behind the newest of its
 * place is never told.
 */
export class FragmentFeed {
  readonly #fragments: FragmentFiles;
  readonly #lookBack: number;
  readonly #places = new Map<string, HeardPlace>();

  /** `lookBack`: how many fragments one may lag behind the newest of its place. */
  constructor(fragments: FragmentFiles, lookBack: number, memory: readonly PlaceMemory[] = []) {
    this.#fragments = fragments;
    this.#lookBack = lookBack;
    for (const { region, leg, over, next, missed } of memory) {
      const heard = this.#open({ region, leg });
      heard.over = over;
      for (const [name, seq] of Object.entries(next)) {
        heard.tellers.set(name, { next: seq, missed: new Set() });
      }
      for (const one of missed) {
        const [name = '', seq] = one.split('/');
        heard.tellers.get(name)?.missed.add(Number(seq));
      }
    }
  }

  /** From now on this place is listened to. */
  open(place: Place): void {
    this.#open(place);
  }

  /** Those that have come to open places of legs that are `due`, and were not taken yet. */
  async fresh(due: (leg: number) => boolean): Promise<FragmentRef[]> {
    const open = [...this.#places.values()].filter(({ over, place }) => !over && due(place.leg));
    const found = await Promise.all(open.map((heard) => this.#freshOf(heard)));
    return found.flat();
  }

  /** It was heard: it is not told again. */
  take(ref: FragmentRef): void {
    const { tellers } = this.#open(ref);
    const name = tellerName(ref);
    const teller = tellers.get(name) ?? { next: 0, missed: new Set<number>() };
    tellers.set(name, teller);
    const { missed } = teller;
    if (ref.seq < teller.next) missed.delete(ref.seq);
    const from = Math.max(teller.next, ref.seq - this.#lookBack);
    for (let seq = from; seq < ref.seq; seq++) missed.add(seq);
    teller.next = Math.max(teller.next, ref.seq + 1);
    for (const seq of missed) if (seq < teller.next - 1 - this.#lookBack) missed.delete(seq);
  }

  /** Nothing more comes of these legs. */
  close(settled: (leg: number) => boolean): void {
    for (const heard of this.#places.values()) if (settled(heard.place.leg)) heard.over = true;
  }

  /** Lets go of places that are over, and that nobody looks back at. */
  forget(old: (place: Place) => boolean): void {
    for (const [name, { over, place, tellers }] of this.#places) {
      if (over && (tellers.size === 0 || old(place))) this.#places.delete(name);
    }
  }

  /** What was taken, attempt by attempt, the newest first. */
  taken(run: string): FragmentRef[][] {
    return [...this.#places.values()].flatMap(({ place, tellers }) =>
      [...tellers].map(([name, { next, missed }]) => {
        const [n, attempt] = name.split('.').map(Number) as [number, number];
        return Array.from({ length: next }, (_, i) => next - 1 - i)
          .filter((seq) => !missed.has(seq))
          .map((seq) => ({ run, ...place, n, attempt, seq }));
      }),
    );
  }

  memory(): readonly PlaceMemory[] {
    return [...this.#places.values()].map(({ place, over, tellers }) => ({
      ...place,
      over,
      next: Object.fromEntries([...tellers].map(([name, { next }]) => [name, next])),
      missed: [...tellers].flatMap(([name, { missed }]) =>
        [...missed].map((seq) => `${name}/${seq}`),
      ),
    }));
  }

  async #freshOf({ place, tellers }: HeardPlace): Promise<FragmentRef[]> {
    const newest = Math.max(0, ...[...tellers.values()].map(({ next }) => next - 1));
    const from = Math.max(0, newest - this.#lookBack);
    const listed = await this.#fragments.listFrom(place, from);
    return listed.filter((ref) => {
      const teller = tellers.get(tellerName(ref));
      return !teller || ref.seq >= teller.next || teller.missed.has(ref.seq);
    });
  }

  #open({ region, leg }: Place): HeardPlace {
    const name = `${region}/${leg}`;
    const known = this.#places.get(name);
    if (known) return known;
    const heard = { place: { region, leg }, over: false, tellers: new Map<string, Teller>() };
    this.#places.set(name, heard);
    return heard;
  }
}

/** `n.attempt`: names an attempt within its place. */
function tellerName({ n, attempt }: FragmentRef): string {
  return `${n}.${attempt}`;
}
