import { BodySending } from './body-sending.js';
import type { Wire } from './dial.js';
import { Failure, failureOf, SAMPLE_BYTES } from './failure.js';
import type { FirstAnswers } from './first-answers.js';
import type { Job } from './job.js';
import { KeptAnswer } from './kept-answer.js';
import type { BodyRoom } from './kept-body.js';
import type { Lane } from './lane.js';
import { locationIn, redirectedAgain } from './redirect.js';
import { type Handling, type RequestTemplate, urlOf } from './request-template.js';
import { ResponseReader, type ResponseSink } from './response-reader.js';
import type { RunClock } from './run-clock.js';
import type { ServerTime } from './server-time.js';

/** What a connection tells its pool. Each exchange ends with exactly one of the first four. */
export interface ConnectionEvents {
  /** For what is kept of bodies. */
  readonly room: BodyRoom;
  /** A good answer. */
  answered(connection: Connection, job: Job): void;
  /** An answer that is not as expected, or none. */
  failed(connection: Connection, job: Job, failure: Failure): void;
  /** An answer that leads elsewhere, and is to be followed there. */
  redirected(connection: Connection, job: Job, status: number, location: string): void;
  /** The connection turned out dead before a byte was written: the job is as it was. */
  unsent(connection: Connection, job: Job): void;
  /** The socket is gone; nothing more will come. */
  lost(connection: Connection): void;
}

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
  /** Whose it is alone; null: anybody's. */
  lane: Lane | null = null;
  readonly events: ConnectionEvents;

  readonly #wire: Wire;
  readonly #clock: RunClock;
  readonly #firstAnswers: FirstAnswers;
  readonly #reader = new ResponseReader(this);
  /** Reads what answers say of the server's own time; null where the first one said nothing. */
  #serverTime: ServerTime | null = null;
  #template: RequestTemplate | null = null;
  #nowUs = 0;
  /** On the monotonic clock: it may have been opened before the run's start was known. */
  #idleSinceUs: number;
  #verdict: Failure | null = null;
  #kept: KeptAnswer | null = null;
  /** Where a redirect leads that is to be followed. */
  #location: string | null = null;
  #sending: BodySending | null = null;

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
    this.events = events;
    this.#idleSinceUs = clock.monotonicAt(clock.nowUs());
    wire.receiver = (bytes, end) => this.#read(bytes, end);
    wire.socket.on('error', (error) => this.#guard(() => this.#fail(failureOf(error, 'exchange'))));
    wire.socket.once('end', () => this.#guard(() => this.#ended()));
    wire.socket.once('close', () => {
      this.#guard(() => this.#ended());
      this.spent = true;
      this.events.lost(this);
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
      this.events.unsent(this, job);
      return;
    }
    this.job = job;
    this.#template = template;
    this.#verdict = null;
    this.#location = null;
    this.exchanges++;
    this.#reader.expect(template.bodyless);
    const nowUs = this.#clock.nowUs();
    // For a request sent again, *written* stays the first write.
    if (job.writtenUs < 0) job.writtenUs = nowUs;
    job.bytesOut += template.bytesOut;
    this.deadlineUs = nowUs + template.timeoutUs;
    const { wire, handling } = template;
    if (handling !== null) this.#sendHandled(job, template, handling);
    else if (typeof wire === 'string') outlet.write(wire, 'latin1');
    else this.#sendBytes(job, wire);
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
    this.#sending?.stop();
    this.#wire.socket.destroy();
  }

  // What the reader tells.

  started(): void {
    // After an interim response it is told again: the first byte is that of the final one.
    this.job!.firstByteUs = this.#nowUs;
  }

  interim(status: number): void {
    if (status === 100) this.#sending?.goOn();
  }

  head(status: number, bytes: Buffer, from: number, to: number): void {
    if (this.exchanges === 1) {
      const first = bytes.toString('latin1', from, to);
      this.#serverTime = this.#firstAnswers.look(this.address, first);
    }
    if (this.#serverTime) {
      this.job!.serverTimeUs = this.#serverTime.us(bytes.toString('latin1', from, to));
    }
    const { expectation, handling } = this.#template!;
    if (handling !== null && this.#leads(status, handling, bytes, from, to)) return;
    this.#verdict = expectation.judgeHead(status, bytes, from, to);
    if (this.#verdict === null && !expectation.needsAnswer && !handling?.reader) return;
    const head = bytes.toString('latin1', from, to);
    this.#kept = new KeptAnswer(this.#template!, status, head, this.#verdict, this.events.room);
  }

  body(bytes: Buffer, from: number, to: number): void {
    if (this.#kept !== null) this.#kept.add(bytes, from, to);
  }

  complete(): void {
    const { keepAlive, keepAliveSeconds } = this.#reader;
    if (!keepAlive || (keepAliveSeconds >= 0 && keepAliveSeconds <= 1)) this.spent = true;
    // What is still to be sent of a body would be read as the next request.
    if (this.#sending !== null && !this.#sending.over) this.close();
    const job = this.#end(this.#nowUs);
    if (!job) return;
    this.#idleSinceUs = this.#clock.monotonicAt(this.#nowUs);
    const location = this.#location;
    const failure = this.#kept === null ? this.#verdict : this.#kept.judged(job, this.#verdict);
    this.#kept = null;
    if (this.spent) this.#wire.socket.destroySoon();
    if (failure) this.events.failed(this, job, failure);
    else if (location !== null) this.events.redirected(this, job, this.#reader.status, location);
    else this.events.answered(this, job);
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
    this.#kept?.free();
    this.#kept = null;
    if (job) this.events.failed(this, job, failure);
  }

  #end(nowUs: number): Job | null {
    const { job } = this;
    if (!job) return null;
    this.job = null;
    this.#sending?.stop();
    job.endUs = nowUs;
    // Of several round trips it cannot be said what was processing.
    job.roundTripUs = job.hops === 0 ? this.roundTripUs : -1;
    return job;
  }

  // Exchanges with more to them.

  #sendHandled(job: Job, template: RequestTemplate, { body, awaitsContinue }: Handling): void {
    // All hops of a request share its time.
    if (job.hops > 0) this.deadlineUs = job.writtenUs + template.timeoutUs;
    const { wire } = template;
    if (body === null) {
      if (typeof wire === 'string') this.#wire.outlet.write(wire, 'latin1');
      else this.#sendBytes(job, wire);
      return;
    }
    this.#sending = new BodySending(this.#wire, body, {
      sending: (bytes) => {
        job.bytesOut += bytes;
      },
      sent: () => this.#sent(job),
      broke: ({ message }) => {
        this.#fail(new Failure(1000, message));
        this.close();
      },
    });
    this.#sending.begin(wire, awaitsContinue);
  }

  /** Whether the answer leads elsewhere, as it does where that is followed. */
  #leads(status: number, handling: Handling, bytes: Buffer, from: number, to: number): boolean {
    const { followRedirects } = handling;
    const cookies = this.#reader.setsCookies ? this.job!.visitor?.cookies : null;
    // Most answers set no cookie and lead nowhere: their heads need not be looked at.
    if (!cookies && (followRedirects === 0 || status < 300)) return false;
    const head = bytes.toString('latin1', from, to);
    cookies?.keep(head, urlOf(this.#template!.parts));
    const location = followRedirects > 0 ? locationIn(status, head) : null;
    if (location === null) return false;
    if (this.job!.hops < followRedirects) this.#location = location;
    else this.#verdict = redirectedAgain(followRedirects, location);
    return true;
  }

  #sendBytes(job: Job, wire: Buffer): void {
    if (wire.length <= ONE_WRITE_BYTES) this.#wire.outlet.write(wire);
    else this.#wire.outlet.write(wire, () => this.#sent(job));
  }

  /** Taken in one go it needs no mention; else the rest waited for the server to read. */
  #sent(job: Job): void {
    if (this.job !== job || job.firstByteUs >= 0) return;
    const nowUs = this.#clock.nowUs();
    if (nowUs > job.writtenUs) job.sentUs = nowUs;
  }
}
