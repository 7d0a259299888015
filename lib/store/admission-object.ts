import { jsonObject } from './json-object.js';
import type { Store } from './store.js';

/** `admission.json`, at the root of a store: what runs in progress may use, all together. */
interface Admission {
  readonly schema: 'isochrone.admission/1';
  readonly entries: readonly Admitted[];
}

/** One run's share, until it ends or its deadline passes. */
export interface Admitted {
  readonly run: string;
  /** Starts/s at its peak. */
  readonly rate: number;
  /** Workers of a leg by region; twice as many live while one leg relieves another. */
  readonly workers: Readonly<Record<string, number>>;
  /** US dollars that it may come to; absent where nobody counts them. */
  readonly usd?: number;
  /** ms since the epoch. */
  readonly untilMs: number;
}

/** Those whose runs still go on, as far as anybody knows. */
export function inProgress(entries: readonly Admitted[], nowMs: number): readonly Admitted[] {
  return entries.filter(({ untilMs }) => untilMs > nowMs);
}

export interface AdmissionObject {
  read(): Promise<readonly Admitted[]>;
  /**
   * Replaces the entries by what `change` makes of them, again with newer ones until nobody came
   * between; null leaves them as they are.
   */
  update(change: (entries: readonly Admitted[]) => readonly Admitted[] | null): Promise<void>;
}

export function admissionObject(store: Store): AdmissionObject {
  const object = jsonObject<Admission>(store, 'admission.json', 'isochrone.admission/1');
  return {
    read: async () => (await object.read())?.entries ?? [],
    update: async (change) => {
      for (;;) {
        const now = await object.readTagged();
        const entries = change(now?.value.entries ?? []);
        if (entries === null) return;
        const next: Admission = { schema: 'isochrone.admission/1', entries };
        if (now ? (await object.swap(next, now.tag)) !== null : await object.create(next)) return;
      }
    },
  };
}
