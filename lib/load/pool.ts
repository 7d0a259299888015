import type { Recorder } from '../measure/recorder.js';
import type { AddressBook } from './address-book.js';
import { Connection, type ConnectionEvents } from './connection.js';
import { type Destination, type Dialled, dial, type Wire } from './dial.js';
import { Failure, failureOf } from './failure.js';
import { Job, JobQueue } from './job.js';
import type { RequestTemplate } from './request-template.js';
import type { RoundTrips } from './round-trips.js';
import type { RunClock } from './run-clock.js';

/** 256 connects at once on loopback read 20 ms for a path of 0.09 ms; eight do not. */
const MAX_CONNECTING = 8;

export interface PoolOptions {
  readonly destination: Destination;
  readonly templates: readonly RequestTemplate[];
  /** Kept open even when nothing needs them, and opened before the start. */
  readonly floor: number;
  /** Never more than these. */
  readonly ceiling: number;
}

/**
 * The connections of one shard. A due request gets a free connection at once or waits in line, with
 * its scheduled instant; while requests wait, the pool grows up to its ceiling. Free connections
 * are used in turn, so that none ages while others work.
 */
export class Pool implements ConnectionEvents {
  ceiling: number;
  peak = 0;
  opened = 0;
  connectsFailed = 0;
  ceilingReached = false;

  readonly #options: PoolOptions;
  readonly #clock: RunClock;
  readonly #recorder: Recorder;
  readonly #book: AddressBook;
  readonly #roundTrips: RoundTrips;
  readonly #hide: (text: string) => string;
  readonly #waiting = new JobQueue();
  readonly #connections = new Set<Connection>();
  #free: Connection[] = [];
  #freeHead = 0;
  readonly #dialling = new Set<() => void>();
  #spareJobs: Job | null = null;
  #floor: number;
  #closed = false;
  #settled: (() => void) | null = null;

  constructor(
    options: PoolOptions,
    clock: RunClock,
    recorder: Recorder,
    book: AddressBook,
    roundTrips: RoundTrips,
    hide: (text: string) => string,
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#recorder = recorder;
    this.#book = book;
    this.#roundTrips = roundTrips;
    this.#hide = hide;
    this.#floor = options.floor;
    this.ceiling = options.ceiling;
  }

  get open(): number {
    return this.#connections.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get busy(): number {
    return this.#connections.size - (this.#free.length - this.#freeHead);
  }

  /** A job to fill in, from those that have ended. */
  spare(): Job {
    const job = this.#spareJobs;
    if (!job) return new Job();
    this.#spareJobs = job.next;
    return job;
  }

  /** Opens connections ahead; settles when each is open or has failed. */
  async openAhead(): Promise<void> {
    if (this.#floor === 0) return;
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
      this.#topUp();
      this.#checkSettled();
    });
  }

  submit(job: Job): void {
    const connection = this.#takeFree();
    if (connection) {
      this.#send(connection, job);
      return;
    }
    this.#waiting.push(job);
    this.#grow();
  }

  /** Users come and go: one connection each. */
  resize(ceiling: number): void {
    this.ceiling = ceiling;
    this.#floor = Math.min(this.#floor, ceiling);
    while (this.#connections.size > this.ceiling) {
      const connection = this.#takeFree();
      if (!connection) break;
      connection.close();
    }
  }

  /** Ends exchanges that have taken too long and replaces what has idled too long. */
  sweep(): void {
    const nowUs = this.#clock.nowUs();
    for (const connection of this.#connections) {
      connection.roundTripUs = this.#roundTrips.of(connection.address);
      if (connection.job) {
        if (nowUs >= connection.deadlineUs) {
          connection.abort(new Failure(1050, 'no complete answer within the timeout'));
        }
      } else if (connection.stale(nowUs)) {
        connection.close();
      }
    }
  }

  /** Cuts what is in flight, and gives up what waits by the given cause. */
  cut(by: 'deadline' | 'stop'): void {
    this.#closed = true;
    const nowUs = this.#clock.nowUs();
    for (const connection of this.#connections) {
      const { job } = connection;
      if (!job) continue;
      connection.job = null;
      job.endUs = nowUs;
      this.#recorder.cut(job, by);
    }
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) {
      job.endUs = nowUs;
      // What waits here waits because no connection came free or could be opened.
      if (by === 'stop') this.#recorder.cut(job, 'stop');
      else this.#recorder.dropped(job, 'target');
    }
  }

  close(): void {
    this.#closed = true;
    for (const giveUp of [...this.#dialling]) giveUp();
    for (const connection of [...this.#connections]) connection.close();
  }

  // What connections tell.

  answered(connection: Connection, job: Job): void {
    this.#recorder.ok(job);
    this.#release(connection);
    this.#finish(job);
  }

  failed(connection: Connection, job: Job, failure: Failure): void {
    const template = this.#options.templates[job.request]!;
    const stale =
      job.firstByteUs < 0 &&
      connection.exchanges > 1 &&
      (failure.code === 1220 || failure.code === 1201);
    if (stale && template.idempotent && !job.resent && !this.#closed) {
      job.resent = true;
      this.#waiting.unshift(job);
      this.#serveOrGrow();
      return;
    }
    const told = stale
      ? new Failure(1221, 'a reused connection was closed by the server before it answered')
      : failure;
    this.#recordFailure(job, told);
    this.#release(connection);
    this.#finish(job);
  }

  unsent(_connection: Connection, job: Job): void {
    this.#waiting.unshift(job);
    this.#serveOrGrow();
  }

  lost(connection: Connection): void {
    this.#connections.delete(connection);
    const at = this.#free.indexOf(connection, this.#freeHead);
    if (at >= 0) {
      this.#free.splice(at, 1);
      // It idled too long and was closed by us, or by the server: be ready for the next request.
      if (!this.#closed) this.#topUp();
    }
    if (!this.#closed) this.#grow();
  }

  // Moving jobs and connections.

  #send(connection: Connection, job: Job): void {
    connection.send(job, this.#options.templates[job.request]!);
  }

  #finish(job: Job): void {
    const { owner } = job;
    if (owner) owner.ended(job);
    job.next = this.#spareJobs;
    this.#spareJobs = job;
  }

  #release(connection: Connection): void {
    if (connection.spent || this.#closed) return;
    const job = this.#waiting.shift();
    if (job) this.#send(connection, job);
    else this.#free.push(connection);
  }

  #takeFree(): Connection | null {
    while (this.#freeHead < this.#free.length) {
      const connection = this.#free[this.#freeHead++]!;
      if (this.#freeHead > 512) {
        this.#free = this.#free.slice(this.#freeHead);
        this.#freeHead = 0;
      }
      if (!connection.spent) return connection;
    }
    return null;
  }

  #serveOrGrow(): void {
    const connection = this.#takeFree();
    const job = connection ? this.#waiting.shift() : null;
    if (connection && job) this.#send(connection, job);
    else this.#grow();
  }

  // Opening connections.

  #grow(): void {
    while (
      !this.#closed &&
      this.#waiting.length > this.#dialling.size &&
      this.#dialling.size < MAX_CONNECTING
    ) {
      if (this.#connections.size + this.#dialling.size >= this.ceiling) {
        this.ceilingReached = true;
        return;
      }
      this.#dial(false);
    }
  }

  #topUp(): void {
    while (
      !this.#closed &&
      this.#dialling.size < MAX_CONNECTING &&
      this.#connections.size + this.#dialling.size < this.#floor
    ) {
      this.#dial(true);
    }
  }

  #dial(ahead: boolean): void {
    const begunUs = this.#clock.nowUs();
    const address = this.#book.next();
    if (address === null) {
      this.#lookUpThenDial(begunUs, ahead);
      return;
    }
    const giveUp = dial(this.#options.destination, address, (failure, dialled) => {
      this.#dialling.delete(giveUp);
      if (dialled && !this.#closed) {
        this.#recordDial(address, ahead, dialled);
        this.#opened(dialled.wire, address, begunUs);
      } else {
        dialled?.wire.socket.destroy();
        if (failure) this.#dialFailed(failure, begunUs, ahead);
      }
      if (ahead && !failure) this.#topUp();
      this.#checkSettled();
    });
    this.#dialling.add(giveUp);
  }

  #lookUpThenDial(begunUs: number, ahead: boolean): void {
    let given = false;
    const giveUp = () => {
      given = true;
      this.#dialling.delete(giveUp);
    };
    this.#dialling.add(giveUp);
    this.#book.resolve().then(
      () => {
        if (given) return;
        giveUp();
        this.#dial(ahead);
      },
      (error: unknown) => {
        if (given) return;
        giveUp();
        this.#dialFailed(failureOf(error, 'dns'), begunUs, ahead);
        this.#checkSettled();
      },
    );
  }

  #recordDial(address: string, ahead: boolean, { tcpUs, tlsUs }: Dialled): void {
    const nowUs = this.#clock.nowUs();
    this.#roundTrips.saw(address, tcpUs, nowUs);
    this.#recorder.connection({ address, ahead, dnsUs: -1, tcpUs, tlsUs }, nowUs);
    this.#recorder.roundTrip(address, this.#roundTrips.of(address), nowUs);
  }

  #opened(wire: Wire, address: string, begunUs: number): void {
    const connection = new Connection(
      wire,
      address,
      this.#roundTrips.of(address),
      this.#clock,
      this,
    );
    this.#connections.add(connection);
    this.opened++;
    this.peak = Math.max(this.peak, this.#connections.size);
    const job = this.#waiting.shift();
    if (!job) {
      this.#free.push(connection);
      return;
    }
    // A request sent again was already written: what it waits for now lies in its first byte.
    if (job.writtenUs < 0) job.connectUs = begunUs;
    this.#send(connection, job);
    this.#grow();
  }

  /**
   * While no connection is open at all, everything that already waited when this attempt began has
   * had its try and fails with it. While others are open, what waits will be served by them.
   */
  #dialFailed(failure: Failure, begunUs: number, ahead: boolean): void {
    this.connectsFailed++;
    if (this.#closed || this.#connections.size > 0) return;
    if (!ahead) this.#failWaiting(failure, begunUs);
    this.#grow();
  }

  #failWaiting(failure: Failure, begunUs: number): void {
    const failed: Job[] = [];
    for (let job = this.#waiting.head; job && job.takenUs <= begunUs; job = this.#waiting.head) {
      this.#waiting.shift();
      failed.push(job);
    }
    const nowUs = this.#clock.nowUs();
    for (const job of failed) {
      job.endUs = nowUs;
      job.connectUs = begunUs;
      this.#recordFailure(job, failure);
      this.#finish(job);
    }
  }

  #recordFailure(job: Job, failure: Failure): void {
    const detail = failure.detail === null ? null : this.#hide(failure.detail);
    this.#recorder.failed(job, failure.code, this.#hide(failure.message), detail);
  }

  #checkSettled(): void {
    if (!this.#settled || this.#dialling.size > 0) return;
    this.#settled();
    this.#settled = null;
  }
}
