import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const BOOTSTRAP = fileURLToPath(new URL('./lambda-bootstrap.mjs', import.meta.url));
const CLOCK = new URL('./lambda-clock.mjs', import.meta.url).href;
/** Lambda gives a sandbox 10 s to load its code; here two cores are shared by all of them. */
const LOAD_LIMIT_MS = 30_000;

export interface ProcessOrder {
  readonly node: string;
  readonly bundle: string;
  /** The name that the bundle exports its handler under. */
  readonly entry: string;
  readonly payload: string;
  readonly context: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly clockShiftMs: number;
  readonly logFile: string;
  readonly onReady: () => void;
}

/** What Lambda answers in place of a result. */
export interface FunctionFault {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type Outcome =
  | {
      readonly kind: 'answered';
      readonly payload: string;
      /** Sockets, timers and the like that were open when the handler had answered. */
      readonly resourcesLeft: readonly string[];
    }
  | {
      readonly kind: 'failed' | 'timed out' | 'crashed' | 'killed';
      readonly fault: FunctionFault;
    };

type Message =
  | { readonly kind: 'ready' }
  | (Outcome & { readonly kind: 'answered' })
  | { readonly kind: 'failed'; readonly fault: FunctionFault };

/** One sandbox: a process of its own for one invocation, with Lambda's time limit. */
export class FunctionProcess {
  readonly outcome: Promise<Outcome>;
  /** Settles when the process is gone, which is a little after its outcome. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #requestId: string;
  #settle: (outcome: Outcome) => void = () => {};
  #limit: NodeJS.Timeout | undefined;

  constructor(order: ProcessOrder) {
    this.#requestId = order.context.awsRequestId ?? '';
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#child = launch(order);
    this.gone = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#end({ kind: 'crashed', fault: this.#exitFault(code, signal) });
        resolve();
      });
      this.#child.once('error', (error) => {
        this.#end({ kind: 'crashed', fault: fault('Runtime.ExitError', error.message) });
        resolve();
      });
    });
    this.#child.on('message', (message: Message) => this.#heard(message, order));
    this.#limit = setTimeout(() => this.#timeOut(LOAD_LIMIT_MS), LOAD_LIMIT_MS);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  kill(): void {
    this.#end({ kind: 'killed', fault: this.#exitFault(null, 'SIGKILL') });
  }

  #heard(message: Message, order: ProcessOrder): void {
    if (message.kind !== 'ready') {
      this.#end(message);
      return;
    }
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.#timeOut(order.timeoutMs), order.timeoutMs);
    const { payload, context, timeoutMs } = order;
    // A process that dies meanwhile is told of by its exit, not by the failed send.
    this.#child.send({ payload, context, timeoutMs }, () => {});
    order.onReady();
  }

  #timeOut(limitMs: number): void {
    const text = `Task timed out after ${(limitMs / 1000).toFixed(2)} seconds`;
    const at = new Date().toISOString();
    this.#end({
      kind: 'timed out',
      fault: fault('Sandbox.Timedout', `${at} ${this.#requestId} ${text}`),
    });
  }

  #end(outcome: Outcome): void {
    clearTimeout(this.#limit);
    this.#child.kill('SIGKILL');
    this.#settle(outcome);
  }

  #exitFault(code: number | null, signal: NodeJS.Signals | null): FunctionFault {
    const how = signal === null ? `exit status ${code}` : 'signal: killed';
    const text = `RequestId: ${this.#requestId} Error: Runtime exited with error: ${how}`;
    return fault('Runtime.ExitError', text);
  }
}

function fault(errorType: string, errorMessage: string): FunctionFault {
  return { errorType, errorMessage };
}

function launch(order: ProcessOrder): ChildProcess {
  mkdirSync(dirname(order.logFile), { recursive: true });
  const log = openSync(order.logFile, 'a');
  const shift = order.clockShiftMs === 0 ? [] : [`${CLOCK}?shiftMs=${order.clockShiftMs}`];
  const flags = [
    `--max-old-space-size=${order.memoryMb}`,
    ...shift.flatMap((url) => ['--import', url]),
  ];
  try {
    return spawn(order.node, [...flags, BOOTSTRAP, order.bundle, order.entry], {
      cwd: dirname(order.bundle),
      env: { PATH: process.env.PATH, TZ: 'UTC', ...order.environment },
      stdio: ['ignore', log, log, 'ipc'],
    });
  } finally {
    closeSync(log);
  }
}
