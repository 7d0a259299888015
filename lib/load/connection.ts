import type { Wire } from './dial.js';
import { Failure, failureOf } from './failure.js';
import type { FirstAnswers } from './first-answers.js';
import type { Job } from './job.js';
import type { RequestTemplate } from './request-template.js';
import { ResponseReader, type ResponseSink } from './response-reader.js';
import type { RunClock } from './run-clock.js';
import type { ServerTime } from './server-time.js';

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
/** What a kernel surely takes in one write. */
const ONE_WRITE_BYTES = 16_384;
/** A connection that idled longer may be closed by the server at any instant. */
const IDLE_LIMIT_US = 4_000_000;
const SECOND_US = 1_000_000;

/** One HTTP/1.1 connection: one exchange at a time, one object for all of them. */
export class Connection implements ResponseSink {
  readonly address: string;
  job: Job | null = null;
  deadlineUs = 0;
  exchanges = 0;
  /** Will not serve again. */
  spent = false;
  roundTripUs: number;

  readonly #wire: Wire;
  readonly #clock: RunClock;
  readonly #events: ConnectionEvents;
  readonly #firstAnswers: FirstAnswers;
  readonly #reader = new ResponseReader(this);
  /** Reads what answers say of the server's own time; null where the first one said nothing. */
  #serverTime: ServerTime | null = null;
  #template: RequestTemplate | null = null;
  #nowUs = 0;
  /** On the monotonic clock: it may have been opened before the run's start was known. */
  #idleSinceUs: number;
  #verdict: Failure | null = null;
  #kept: Buffer[] | null = null;
  #keepBytes = 0;

  constructor(
    wire: Wire,
    address: string,
    roundTripUs: number,
    clock: RunClock,
    firstAnswers: FirstAnswers,
    events: ConnectionEvents,
  ) {
    this.#wire = wire;
    this.address = address;
    this.roundTripUs = roundTripUs;
    this.#clock = clock;
    this.#firstAnswers = firstAnswers;
    this.#events = events;
    this.#idleSinceUs = clock.monotonicAt(clock.nowUs());
    wire.receiver = (bytes, end) => this.#read(bytes, end);
    wire.socket.on('error', (error) => this.#guard(() => this.#fail(failureOf(error, 'exchange'))));
    wire.socket.once('end', () => this.#guard(() => this.#ended()));
    wire.socket.once('close', () => {
      this.#guard(() => this.#ended());
      this.spent = true;
      this.#events.lost(this);
    });
  }

  /** Nothing is asked of it, and it has idled for as long as the server can be trusted to wait. */
  stale(nowUs: number): boolean {
    if (this.job) return false;
    const { keepAliveSeconds } = this.#reader;
    const limitUs = keepAliveSeconds < 0 ? IDLE_LIMIT_US : (keepAliveSeconds - 1) * SECOND_US;
    return this.#clock.monotonicAt(nowUs) - this.#idleSinceUs >= limitUs;
  }

  /** The server closed it, or spoke, as soon as it was open. */
  get hungUpOn(): boolean {
    const nowUs = this.#clock.monotonicAt(this.#clock.nowUs());
    return this.exchanges === 0 && nowUs - this.#idleSinceUs < SECOND_US;
  }

  send(job: Job, template: RequestTemplate): void {
    const { socket, outlet } = this.#wire;
    if (this.spent || !socket.writable) {
      this.spent = true;
      this.#events.unsent(this, job);
      return;
    }
    this.job = job;
    this.#template = template;
    this.#verdict = null;
    this.#kept = null;
    this.exchanges++;
    this.#reader.expect(template.bodyless);
    const nowUs = this.#clock.nowUs();
    // For a request sent again, *written* stays the first write.
    if (job.writtenUs < 0) job.writtenUs = nowUs;
    job.bytesOut += template.bytesOut;
    this.deadlineUs = nowUs + template.timeoutUs;
    const { wire } = template;
    if (typeof wire === 'string') outlet.write(wire, 'latin1');
    else if (wire.length <= ONE_WRITE_BYTES) outlet.write(wire);
    else this.#sendLong(job, wire);
  }

  /** Gives the exchange up: it has taken too long. */
  timeOut(): void {
    const begun = this.job !== null && this.job.firstByteUs >= 0;
    const what = begun ? 'no end of the answer within the timeout' : 'no answer within the timeout';
    this.#fail(new Failure(1050, what));
    this.close();
  }

  close(): void {
    this.spent = true;
    this.#wire.socket.destroy();
  }

  // What the reader tells.

  started(): void {
    // After an interim response it is told again: the first byte is that of the final one.
    this.job!.firstByteUs = this.#nowUs;
  }

  head(status: number, bytes: Buffer, from: number, to: number): void {
    if (this.exchanges === 1) {
      const first = bytes.toString('latin1', from, to);
      this.#serverTime = this.#firstAnswers.look(this.address, first);
    }
    if (this.#serverTime) {
      this.job!.serverTimeUs = this.#serverTime.us(bytes.toString('latin1', from, to));
    }
    const { expectation } = this.#template!;
    this.#verdict = expectation.judgeHead(status, bytes, from, to);
    if (this.#verdict) this.#keep(SAMPLE_BYTES);
    else if (expectation.needsBody) this.#keep(BODY_BYTES);
  }

  body(bytes: Buffer, from: number, to: number): void {
    if (this.#kept === null || this.#keepBytes === 0) return;
    const size = Math.min(to - from, this.#keepBytes);
    this.#keepBytes -= size;
    this.#kept.push(Buffer.from(bytes.subarray(from, from + size)));
  }

  complete(): void {
    const { keepAlive, keepAliveSeconds } = this.#reader;
    if (!keepAlive || (keepAliveSeconds >= 0 && keepAliveSeconds <= 1)) this.spent = true;
    const job = this.#end(this.#nowUs);
    if (!job) return;
    this.#idleSinceUs = this.#clock.monotonicAt(this.#nowUs);
    let failure = this.#verdict;
    if (this.#kept) {
      const body = Buffer.concat(this.#kept).toString('utf8');
      if (failure) failure = failure.showing(body);
      else failure = this.#template!.expectation.judgeBody(body);
    }
    if (this.spent) this.#wire.socket.destroySoon();
    if (failure) this.#events.failed(this, job, failure);
    else this.#events.answered(this, job);
  }

  #read(bytes: Buffer, end: number): void {
    const { job } = this;
    if (!job) {
      // Nothing was asked: a notice that it will be closed, or something worse.
      this.close();
      return;
    }
    this.#nowUs = this.#clock.nowUs();
    job.bytesIn += end;
    try {
      this.#reader.read(bytes, end);
    } catch (error) {
      const sample = bytes.toString('utf8', 0, Math.min(end, SAMPLE_BYTES));
      this.#fail(failureOf(error, 'exchange').showing(sample));
      this.close();
    }
  }

  #ended(): void {
    if (!this.job) {
      this.spent = true;
      return;
    }
    this.#nowUs = this.#clock.nowUs();
    if (!this.#reader.end()) this.#fail(this.#reader.brokenBy());
  }

  /** Whatever goes wrong with one exchange must not end the others: it is failed, and that is all. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(failureOf(error, 'exchange'));
      this.close();
    }
  }

  #fail(failure: Failure): void {
    this.spent = true;
    const job = this.#end(this.#clock.nowUs());
    if (job) this.#events.failed(this, job, failure);
  }

  #end(nowUs: number): Job | null {
    const { job } = this;
    if (!job) return null;
    this.job = null;
    job.endUs = nowUs;
    job.roundTripUs = this.roundTripUs;
    return job;
  }

  #keep(bytes: number): void {
    this.#kept = [];
    this.#keepBytes = bytes;
  }

  #sendLong(job: Job, wire: Buffer): void {
    this.#wire.outlet.write(wire, () => {
      // Taken in one go it needs no mention; else the rest waited for the server to read.
      if (this.job === job && job.firstByteUs < 0) {
        const nowUs = this.#clock.nowUs();
        if (nowUs > job.writtenUs) job.sentUs = nowUs;
      }
    });
  }
}
