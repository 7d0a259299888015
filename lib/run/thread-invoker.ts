import { Worker } from 'node:worker_threads';
import type { ShardRef } from '../plan/frozen-plan.js';
import type { ThreadNews, ThreadOrder, ThreadSetting } from './load-thread.js';
import type { Invoker } from './ports.js';
import { heldText, PULSE, ThreadPulse } from './thread-pulse.js';

export interface ThreadInvokerSetting extends Omit<ThreadSetting, 'thread'> {
  /** The compiled entry of a load thread. */
  readonly entry: URL;
  /** Names of flows in code, which may hold a thread for good. */
  readonly codeFlows: readonly string[];
}

/** Starts shards on load threads of this machine, each thread carrying several. */
export class ThreadInvoker implements Invoker {
  readonly #setting: ThreadInvokerSetting;
  readonly #threads: Thread[] = [];
  readonly #homes = new Map<string, Thread>();
  readonly #ended = new Map<string, string | null>();
  #next = 0;

  constructor(setting: ThreadInvokerSetting) {
    this.#setting = setting;
  }

  async start(ref: ShardRef): Promise<void> {
    const index = this.#next++ % this.#setting.threads;
    let thread = this.#threads[index];
    if (!thread || thread.death !== null) {
      thread = this.#open(index);
      this.#threads[index] = thread;
    }
    this.#homes.set(nameOf(ref), thread);
    thread.worker.postMessage({ kind: 'start', ref } satisfies ThreadOrder);
  }

  gone(ref: ShardRef): string | null {
    const name = nameOf(ref);
    if (this.#ended.has(name)) return this.#ended.get(name) ?? 'it ended';
    return this.#homes.get(name)?.death ?? null;
  }

  /** Ends one thread as a crash would. */
  async kill(thread: number): Promise<void> {
    await this.#threads[thread]?.worker.terminate();
  }

  /** Lets threads go that have nothing left to do, and ends those that do not go. */
  async close(): Promise<void> {
    await Promise.all(
      this.#threads.map(async ({ worker, death }) => {
        if (death !== null) return;
        const gone = new Promise((resolve) => worker.once('exit', resolve));
        worker.postMessage({ kind: 'leave' } satisfies ThreadOrder);
        const patience = setTimeout(() => void worker.terminate(), 1_000);
        await gone;
        clearTimeout(patience);
      }),
    );
  }

  #open(index: number): Thread {
    const { entry, codeFlows, ...setting } = this.#setting;
    const worker = new Worker(entry, {
      workerData: { ...setting, thread: index } satisfies ThreadSetting,
      name: `load ${index}`,
    });
    const thread: Thread = { worker, death: null };
    const held = () => {
      thread.death ??= heldText(codeFlows);
      void worker.terminate();
    };
    const pulse = codeFlows.length > 0 ? new ThreadPulse(worker, held) : null;
    worker.on('message', (news: ThreadNews | typeof PULSE) => {
      if (news !== PULSE) this.#ended.set(nameOf(news.ref), news.trouble);
    });
    worker.on('error', (error) => {
      thread.death ??= `its load thread crashed: ${error.message}`;
    });
    worker.on('exit', (code) => {
      pulse?.end();
      thread.death ??= `its load thread ended with code ${code}`;
    });
    return thread;
  }
}

interface Thread {
  readonly worker: Worker;
  death: string | null;
}

function nameOf(ref: ShardRef): string {
  return `${ref.region}/${ref.leg}/${ref.n}.${ref.attempt}`;
}
