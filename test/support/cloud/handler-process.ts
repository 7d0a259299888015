import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./handler-process.mjs', import.meta.url));

export interface HandlerCall {
  readonly event: unknown;
  /** What the function has left when it is called, ms. */
  readonly lifeMs?: number;
  /** What names resolve to: one list of addresses for each time of asking, the last one for good. */
  readonly lookups?: Readonly<Record<string, readonly (readonly string[])[]>>;
}

/** A built function whose handler is called by hand, as often as one likes, in one process. */
export class HandlerProcess {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, (error: string | null) => void>();
  #calledTimes = 0;

  static async start(setting: {
    readonly node: string;
    readonly bundle: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly logFile: string;
  }): Promise<HandlerProcess> {
    const log = openSync(setting.logFile, 'a');
    const child = fork(PROGRAM, [setting.bundle], {
      execPath: setting.node,
      execArgv: [],
      env: { PATH: process.env.PATH, ...setting.environment },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    const handler = new HandlerProcess(child);
    await new Promise<void>((resolve, reject) => {
      handler.#calls.set(0, () => resolve());
      child.once('exit', () => reject(new Error(`${setting.bundle} could not be loaded`)));
    });
    return handler;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', ({ id, error }: { id: number; error: string | null }) => {
      this.#calls.get(id)?.(error);
      this.#calls.delete(id);
    });
  }

  /** Resolves when the handler has; what it threw, if it did. */
  call({ event, lifeMs = 900_000, lookups = {} }: HandlerCall): Promise<string | null> {
    const id = ++this.#calledTimes;
    return new Promise((resolve) => {
      this.#calls.set(id, resolve);
      this.#child.send({ id, event, lifeMs, lookups });
    });
  }

  close(): void {
    this.#child.kill();
  }
}
