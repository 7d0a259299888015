import { type FragmentFiles, type FragmentRef, fragmentId, type Place } from './run-files.js';

/**
 * How far a fragment may lag behind the newest of its place and still be noticed: 60 s, the time
 * that an upload may take, at one fragment every 5 s.
 */
const LOOK_BACK = 12;

/**
 * Tells each fragment of a running run once, soon after it was written, by listing only the end of
 * each place. A live view's source, not a merge's: one that lags further is never told.
 */
export class FragmentFeed {
  readonly #fragments: FragmentFiles;
  readonly #seen = new Map<string, { newest: number; ids: Map<string, number> }>();

  constructor(fragments: FragmentFiles) {
    this.#fragments = fragments;
  }

  /** Those of these places that have come since the last call. */
  async next(places: readonly Place[]): Promise<FragmentRef[]> {
    const found = await Promise.all(places.map((place) => this.#nextOf(place)));
    return found.flat();
  }

  async #nextOf(place: Place): Promise<FragmentRef[]> {
    const name = `${place.region}/${place.leg}`;
    const seen = this.#seen.get(name) ?? { newest: 0, ids: new Map<string, number>() };
    this.#seen.set(name, seen);
    const listed = await this.#fragments.listFrom(place, Math.max(0, seen.newest - LOOK_BACK));
    const fresh = listed.filter((ref) => !seen.ids.has(fragmentId(ref, ref.seq)));
    for (const ref of fresh) {
      seen.ids.set(fragmentId(ref, ref.seq), ref.seq);
      seen.newest = Math.max(seen.newest, ref.seq);
    }
    for (const [id, seq] of seen.ids) {
      if (seq < seen.newest - LOOK_BACK) seen.ids.delete(id);
    }
    return fresh;
  }
}
