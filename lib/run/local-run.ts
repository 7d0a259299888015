import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Report } from '../report/report-schema.js';
import type { StopOrder } from '../store/control.js';
import type { Progress } from '../store/progress.js';
import { runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { concludeRun } from './conclude.js';
import { threadsOf, usableCores } from './machine.js';
import { tellingOfMerge } from './merging-news.js';
import { orchestrate, orderStop } from './orchestrate.js';
import { plainJournal, wallClock } from './ports.js';
import { ThreadInvoker } from './thread-invoker.js';
import { LEASE_MS, LOCAL_CONTROL_MS, LOCAL_TIMING } from './timing.js';
import { VERSION } from './version.js';

export interface LocalRunOptions {
  readonly store: Store;
  /** The folder that the store keeps its objects in: load threads open it by themselves. */
  readonly folder: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly stop?: StopSwitch;
  /** The compiled entry of a load thread; only tests that run from source must say. */
  readonly entry?: URL;
  /** More or fewer than this machine's cores call for. */
  readonly threads?: number;
  /** Given the invoker as soon as it exists. */
  readonly onInvoker?: (invoker: ThreadInvoker) => void;
}

/** Asks a local run to stop, at any time: before it has begun, too. */
export class StopSwitch {
  #order: StopOrder | null = null;
  #listener: ((order: StopOrder) => void) | null = null;

  order(by: StopOrder['by'], cause: string): void {
    if (this.#order) return;
    this.#order = { atMs: Date.now(), by, cause };
    this.#listener?.(this.#order);
  }

  /** Calls back once with the order, at once when it has been given already. */
  listen(listener: (order: StopOrder) => void): void {
    this.#listener = listener;
    if (this.#order) listener(this.#order);
  }
}

/** A whole run on this machine: load threads here, everything kept in a folder. */
export async function runLocally(frozen: FrozenPlan, options: LocalRunOptions): Promise<Report> {
  const cores = usableCores();
  const { threads, pacer } = threadsOf(cores);
  const invoker = new ThreadInvoker({
    run: frozen.run,
    folder: options.folder,
    entry: options.entry ?? new URL('./load-thread.js', import.meta.url),
    pacer,
    cores,
    threads: options.threads ?? threads,
    version: VERSION,
    controlEveryMs: LOCAL_CONTROL_MS,
    leaseMs: LEASE_MS,
  });
  options.onInvoker?.(invoker);
  const files = runFiles(options.store, frozen.run);
  try {
    const ended = orchestrate(frozen, {
      store: options.store,
      invoker,
      clock: wallClock,
      journal: plainJournal,
      timing: LOCAL_TIMING,
      ...(options.onProgress && { onProgress: options.onProgress }),
    });
    options.stop?.listen((order) => {
      let over = false;
      const end = () => {
        over = true;
      };
      ended.then(end, end);
      void stopWhenPossible(files, order, () => over);
    });
    const end = await ended;
    return await tellingOfMerge(files, concludeRun(files, end, Date.now()));
  } finally {
    await invoker.close();
  }
}

/** The order may come before there is a control to write it into. */
async function stopWhenPossible(
  files: ReturnType<typeof runFiles>,
  order: StopOrder,
  over: () => boolean,
): Promise<void> {
  while (!over()) {
    const written = await orderStop(files, order).then(
      () => true,
      () => false,
    );
    if (written) return;
    await plainJournal.sleepUntil(Date.now() + 50);
  }
}
