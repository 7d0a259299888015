import { UnavailableError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { codeFlowsOf } from '../plan/starts.js';
import type { Report } from '../report/report-schema.js';
import type { Progress } from '../store/progress.js';
import { runFiles } from '../store/run-files.js';
import { isS3Address } from '../store/s3-address.js';
import type { Store } from '../store/store.js';
import { concludeRun } from './conclude.js';
import { threadsOf, usableCores } from './machine.js';
import { tellingOfMerge } from './merging-news.js';
import { orchestrate } from './orchestrate.js';
import { plainJournal, wallClock } from './ports.js';
import { orderWhenPossible, type StopSwitch } from './stop-switch.js';
import { ThreadInvoker } from './thread-invoker.js';
import {
  DISTANT_CONTROL_MS,
  DISTANT_TIMING,
  LEASE_MS,
  LOCAL_CONTROL_MS,
  LOCAL_TIMING,
} from './timing.js';
import { VERSION } from './version.js';

export interface LocalRunOptions {
  readonly store: Store;
  /** The address of that store, a folder's or one in S3: load threads open it by themselves. */
  readonly folder: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly stop?: StopSwitch;
  /** The compiled entry of a load thread; only tests that run from source must say. */
  readonly entry?: URL;
  /** More or fewer than this machine's cores call for. */
  readonly threads?: number;
  /** Digests of code that may be carried out; absent where this process has frozen the plan. */
  readonly code?: readonly string[];
  /** Given the invoker as soon as it exists. */
  readonly onInvoker?: (invoker: ThreadInvoker) => void;
}

/** A whole run on this machine: load threads here, everything kept in one store. */
export async function runLocally(frozen: FrozenPlan, options: LocalRunOptions): Promise<Report> {
  const cores = usableCores();
  const { threads, pacer } = threadsOf(cores);
  const distant = isS3Address(options.folder);
  const invoker = new ThreadInvoker({
    run: frozen.run,
    folder: options.folder,
    entry: options.entry ?? new URL('./load-thread.js', import.meta.url),
    pacer,
    cores,
    threads: options.threads ?? threads,
    version: VERSION,
    controlEveryMs: distant ? DISTANT_CONTROL_MS : LOCAL_CONTROL_MS,
    leaseMs: LEASE_MS,
    code: options.code ?? codeFlowsOf(frozen.plan).map(({ code }) => code.sha256),
    codeFlows: codeFlowsOf(frozen.plan).map(({ name }) => name),
  });
  options.onInvoker?.(invoker);
  const files = runFiles(options.store, frozen.run);
  try {
    const ended = orchestrate(files, {
      freeze: async () => ({ frozen, refusal: null }),
      invoker,
      merger: null,
      clock: wallClock,
      journal: plainJournal,
      timing: distant ? DISTANT_TIMING : LOCAL_TIMING,
      ...(options.onProgress && { onProgress: options.onProgress }),
    });
    options.stop?.listen((order) => {
      let over = false;
      const end = () => {
        over = true;
      };
      ended.then(end, end);
      void orderWhenPossible(files, order, { over: () => over });
    });
    const end = await ended;
    if (end === null) throw new UnavailableError(`${files.address} is led by another`);
    return await tellingOfMerge(files, concludeRun(files, end, Date.now()));
  } finally {
    await invoker.close();
  }
}
