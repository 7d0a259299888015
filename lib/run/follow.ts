import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Report } from '../report/report-schema.js';
import type { Progress } from '../store/progress.js';
import { runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { loadReport } from './conclude.js';
import { isOverdue, isSilent } from './last-sign.js';
import { type Clock, wallClock } from './ports.js';

/** How following a run ended; only the first is about the run's own end. */
export type Followed =
  | { readonly kind: 'ended'; readonly report: Report }
  /** Whoever led it has said nothing for too long. */
  | { readonly kind: 'vanished'; readonly seenAtMs: number }
  /** The store could not be read for too long. */
  | { readonly kind: 'lost'; readonly cause: string }
  /** We were told to leave. */
  | { readonly kind: 'left' };

export interface FollowOptions {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Pick<Clock, 'nowMs'>;
  readonly wait?: (ms: number) => Promise<void>;
}

const LOOK_MS = 500;
/** Clocks may differ: whoever seems to be silent is listened to for some tellings at least. */
const LISTEN_MS = 3_000;

/** Follows a run from its store alone, to its end; whoever leads it does not know. */
export async function followRun(
  store: Store,
  run: string,
  { onProgress, signal, clock = wallClock, wait = (ms) => nap(ms, signal) }: FollowOptions = {},
): Promise<Followed> {
  const files = runFiles(store, run);
  let frozen: FrozenPlan | null = null;
  let told: Progress | null = null;
  let heardAtMs = clock.nowMs();
  let readAtMs: number | null = null;
  for (;;) {
    if (signal?.aborted) return { kind: 'left' };
    try {
      const state = await files.state.read();
      if (!state) throw new UnavailableError(`there is no run ${run} in ${store.address}`);
      if (state.phase === 'ended') return { kind: 'ended', report: await loadReport(store, run) };
      const progress: Progress | null = await files.progress.read();
      readAtMs = clock.nowMs();
      if (progress && progress.toldAtMs !== told?.toldAtMs) {
        // What is there at the beginning may be old: it does not count as heard.
        if (told) heardAtMs = readAtMs;
        told = progress;
        onProgress?.(progress);
      }
      const seenAtMs = told?.toldAtMs ?? state.createdAtMs;
      const quiet = isSilent(seenAtMs, readAtMs) && readAtMs - heardAtMs >= LISTEN_MS;
      if (quiet || isSilent(heardAtMs, readAtMs)) {
        frozen ??= await files.plan.read();
        const control = await files.control.read();
        if (isOverdue(frozen, control, readAtMs)) return { kind: 'vanished', seenAtMs };
      }
    } catch (error) {
      if (!(error instanceof UnavailableError) || readAtMs === null) throw error;
      if (isSilent(readAtMs, clock.nowMs())) return { kind: 'lost', cause: error.message };
    }
    await wait(LOOK_MS);
  }
}

async function nap(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal ? { signal } : {}).catch(() => {});
}
