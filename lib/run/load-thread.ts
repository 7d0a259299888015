import { parentPort, workerData } from 'node:worker_threads';
import { forgiveForgottenRequests } from '../load/code-request.js';
import { ControlWatch } from '../load/control-watch.js';
import { Pacer } from '../load/pacer.js';
import { RunClock } from '../load/run-clock.js';
import { ThreadHealth } from '../load/thread-health.js';
import { warmUp } from '../load/warm-up.js';
import { work } from '../load/worker.js';
import type { ShardRef } from '../plan/frozen-plan.js';
import { openStoreAt } from '../store/open-store.js';
import { runFiles } from '../store/run-files.js';
import { PULSE } from './thread-pulse.js';
import { CONTROL_READ_MS } from './timing.js';

/** What a load thread is started with. */
export interface ThreadSetting {
  readonly run: string;
  /** The address of its store. */
  readonly folder: string;
  readonly pacer: 'spin' | 'timer';
  readonly cores: number;
  readonly threads: number;
  readonly thread: number;
  readonly version: string;
  readonly controlEveryMs: number;
  readonly leaseMs: number;
  /** Digests of the plan's code, as the command knows it that leads. */
  readonly code: readonly string[];
}

/** What the thread is told, and what it tells. */
export type ThreadOrder = { readonly kind: 'start'; readonly ref: ShardRef } | { kind: 'leave' };
export interface ThreadNews {
  readonly kind: 'ended';
  readonly ref: ShardRef;
  /** Null when it ended as it should. */
  readonly trouble: string | null;
}

/** The entry of a load thread: one event loop, one pacer, as many shards as it is given. */
const port = parentPort;
if (port) {
  const setting = workerData as ThreadSetting;
  if (setting.code.length > 0) forgiveForgottenRequests();
  const store = await openStoreAt(setting.folder);
  const files = runFiles(store, setting.run);
  const clock = new RunClock();
  const pacer = new Pacer(setting.pacer, clock);
  const health = new ThreadHealth(clock, pacer);
  const control = new ControlWatch({
    read: () => files.control.read({ withinMs: CONTROL_READ_MS }),
    everyMs: setting.controlEveryMs,
    leaseMs: setting.leaseMs,
  });
  const warm = warmUp();
  port.on('message', async (order: ThreadOrder | typeof PULSE) => {
    if (order === PULSE) {
      port.postMessage(PULSE);
      return;
    }
    if (order.kind === 'leave') {
      port.close();
      return;
    }
    let trouble: string | null = null;
    try {
      await warm;
      await work(order.ref, {
        store,
        clock,
        pacer,
        health,
        control,
        env: process.env,
        code: setting.code,
        userAgent: `isochrone/${setting.version}`,
        facts: {
          node: process.version,
          arch: process.arch,
          cores: setting.cores,
          threads: setting.threads,
          thread: setting.thread,
          engine: `HTTP/1.1 of isochrone ${setting.version}`,
        },
      });
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
    }
    port.postMessage({ kind: 'ended', ref: order.ref, trouble } satisfies ThreadNews);
  });
}
