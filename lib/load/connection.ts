import type { Socket } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import { Failure, failureOf } from './failure.js';
import type { Job } from './job.js';
import type { RequestTemplate } from './request-template.js';
import type { RunClock } from './run-clock.js';

/** What a connection tells its pool. Each exchange ends with exactly one of the first three. */
export interface ConnectionEvents {
  /** A good answer. */
  answered(connection: Connection, job: Job): void;
  /** An answer that is not as expected, or none. */
  failed(connection: Connection, job: Job, failure: Failure): void;
  /** The connection turned out dead before a byte was written: the job is as it was. */
  unsent(connection: Connection, job: Job): void;
  /** The socket is gone; nothing more will come. */
  lost(connection: Connection): void;
}

/** Enough of a failed answer to see what is wrong with it. */
const SAMPLE_BYTES = 500;
/** A body is only kept for `expect`; what follows is not looked at. */
const BODY_BYTES = 1 << 20;

/** The connector's answer when undici asks for a second socket: a connection is one socket. */
class SocketSpent extends Error {}

/**
 * One HTTP/1.1 connection with an undici client of its own, and the handler of all its exchanges:
 * one object for all of them, so that a request costs no closure. The legacy handler interface
 * is the one that undici does not wrap.
 */
export class Connection {
  readonly address: string;
  readonly socket: Socket;
  /** Since when nothing was asked of it, µs. */
  idleSinceUs: number;
  job: Job | null = null;
  deadlineUs = 0;
  exchanges = 0;
  /** Will not serve again. */
  spent = false;
  roundTripUs: number;

  readonly #clock: RunClock;
  readonly #events: ConnectionEvents;
  readonly #origin: string;
  #client: Client | null = null;
  #template: RequestTemplate | null = null;
  #abort: ((reason: Error) => void) | null = null;
  #verdict: Failure | null = null;
  #kept: Buffer[] | null = null;
  #keptBytes = 0;
  #keepBytes = 0;
  #bytesReadBefore = 0;

  constructor(
    socket: Socket,
    address: string,
    origin: string,
    roundTripUs: number,
    clock: RunClock,
    events: ConnectionEvents,
  ) {
    this.socket = socket;
    this.address = address;
    this.roundTripUs = roundTripUs;
    this.idleSinceUs = clock.nowUs();
    this.#origin = origin;
    this.#clock = clock;
    this.#events = events;
    // Until undici has the socket, its end must not go unnoticed.
    socket.on('error', () => {});
    socket.once('close', () => {
      if (!this.#client) this.#lose();
    });
  }

  send(job: Job, template: RequestTemplate): void {
    this.job = job;
    this.#template = template;
    this.#verdict = null;
    this.#kept = null;
    this.#keptBytes = 0;
    this.deadlineUs = Number.POSITIVE_INFINITY;
    this.exchanges++;
    this.#client ??= this.#attach();
    this.#client.dispatch(template.options, this as unknown as Dispatcher.DispatchHandler);
  }

  /** Gives the exchange up; it ends as failed with this reason. */
  abort(reason: Failure): void {
    if (this.#abort) this.#abort(reason);
    else this.close();
  }

  close(): void {
    this.spent = true;
    if (this.#client) this.#client.destroy(null, () => {});
    this.socket.destroy();
  }

  // The handler that undici calls.

  onConnect(abort: (reason: Error) => void): void {
    const job = this.job!;
    const nowUs = this.#clock.nowUs();
    this.#abort = abort;
    this.#bytesReadBefore = this.socket.bytesRead;
    // For a request sent again, *written* stays the first write.
    if (job.writtenUs < 0) job.writtenUs = nowUs;
    job.bytesOut += this.#template!.bytesOut;
    this.deadlineUs = nowUs + this.#template!.timeoutUs;
  }

  onRequestSent(): void {
    if (this.socket.writableLength === 0) return;
    const job = this.job;
    this.socket.once('drain', () => {
      if (job && this.job === job && job.firstByteUs < 0) job.sentUs = this.#clock.nowUs();
    });
  }

  onResponseStarted(): void {
    this.job!.firstByteUs = this.#clock.nowUs();
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status < 200) {
      // An interim answer is not the first byte of the answer.
      this.job!.firstByteUs = -1;
      return true;
    }
    const { expectation } = this.#template!;
    this.#verdict = expectation.judgeHead(status, headers);
    if (this.#verdict) this.#keep(SAMPLE_BYTES);
    else if (expectation.needsBody) this.#keep(BODY_BYTES);
    if (closes(headers)) this.spent = true;
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#kept && this.#keptBytes < this.#keepBytes) {
      const part = chunk.subarray(0, this.#keepBytes - this.#keptBytes);
      // undici's buffers live in the socket's pool: keep a copy.
      this.#kept.push(Buffer.from(part));
      this.#keptBytes += part.length;
    }
    return true;
  }

  onComplete(): void {
    const job = this.#end();
    if (!job) return;
    this.idleSinceUs = job.endUs;
    let failure = this.#verdict;
    if (this.#kept) {
      const body = Buffer.concat(this.#kept).toString('utf8');
      if (failure) failure = new Failure(failure.code, failure.message, failure.detail ?? body);
      else failure = this.#template!.expectation.judgeBody(body);
    }
    if (failure) this.#events.failed(this, job, failure);
    else this.#events.answered(this, job);
  }

  onError(error: Error): void {
    this.spent = true;
    // Whatever went wrong, this socket is not used again; undici may still be at work on it now.
    queueMicrotask(() => this.close());
    const unwritten = this.#abort === null;
    const job = this.#end();
    if (!job) return;
    if (unwritten && (error instanceof SocketSpent || isLoss(error))) {
      this.#events.unsent(this, job);
    } else {
      this.#events.failed(this, job, failureOf(error, 'exchange'));
    }
  }

  #end(): Job | null {
    const job = this.job;
    if (!job) return null;
    this.job = null;
    this.#abort = null;
    job.endUs = this.#clock.nowUs();
    job.bytesIn += this.socket.bytesRead - this.#bytesReadBefore;
    job.roundTripUs = this.roundTripUs;
    return job;
  }

  #keep(bytes: number): void {
    this.#kept = [];
    this.#keepBytes = bytes;
  }

  #attach(): Client {
    let given = false;
    const client = new Client(this.#origin, {
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      // An idle connection is replaced 1 s before the server's own limit, else after 4 s.
      keepAliveTimeout: 4_000,
      keepAliveTimeoutThreshold: 1_000,
      connect: (_options, callback) => {
        if (given) {
          queueMicrotask(() => callback(new SocketSpent('this connection is closed'), null));
          return;
        }
        given = true;
        queueMicrotask(() => callback(null, this.socket));
      },
    });
    client.on('disconnect', () => this.#lose());
    client.on('connectionError', () => this.#lose());
    return client;
  }

  #lose(): void {
    const first = !this.#gone;
    this.#gone = true;
    this.spent = true;
    if (this.#client && !this.#client.destroyed) this.#client.destroy(null, () => {});
    this.socket.destroy();
    if (first) this.#events.lost(this);
  }
  #gone = false;
}

function isLoss(error: Error): boolean {
  const code = 'code' in error ? error.code : '';
  return (
    code === 'UND_ERR_SOCKET' ||
    code === 'UND_ERR_DESTROYED' ||
    code === 'UND_ERR_INFO' ||
    code === 'ECONNRESET' ||
    code === 'EPIPE'
  );
}

const CONNECTION = 'connection';

/** Whether the server announced that it closes this connection. */
function closes(headers: readonly Buffer[]): boolean {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]!.length !== CONNECTION.length) continue;
    if (headers[i]!.toString('latin1').toLowerCase() !== CONNECTION) continue;
    if (headers[i + 1]!.toString('latin1').toLowerCase().includes('close')) return true;
  }
  return false;
}
