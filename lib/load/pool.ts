import { Connection, type ConnectionEvents } from './connection.js';
import type { Wire } from './dial.js';
import { type DialEvents, Dialler, type DiallerSetting } from './dialler.js';
import { Failure } from './failure.js';
import type { FirstAnswers } from './first-answers.js';
import { FreeConnections } from './free-connections.js';
import { Job, JobQueue } from './job.js';
import type { RequestTemplate } from './request-template.js';

export interface PoolSetting extends DiallerSetting {
  readonly templates: readonly RequestTemplate[];
  readonly firstAnswers: FirstAnswers;
  /** Kept open even when nothing needs them, and opened before the start. */
  readonly floor: number;
  /** Never more than these. */
  readonly ceiling: number;
  /** Takes out of a text what must not be stored. */
  readonly hide: (text: string) => string;
}

/**
 * The connections of one shard. A due request gets a free connection at once or waits in line, with
 * its scheduled instant; while requests wait, the pool grows up to its ceiling. Free connections
 * are used in turn, so that none ages while others work.
 */
export class Pool implements ConnectionEvents, DialEvents {
  readonly facts = { peak: 0, opened: 0, failed: 0, ceilingReached: false, replaced: 0 };

  readonly #setting: PoolSetting;
  readonly #dialler: Dialler;
  readonly #waiting = new JobQueue();
  readonly #ended = new JobQueue();
  readonly #connections = new Set<Connection>();
  readonly #free = new FreeConnections();
  #floor: number;
  #ceiling: number;
  #closed = false;
  #settled: (() => void) | null = null;

  constructor(setting: PoolSetting) {
    this.#setting = setting;
    this.#dialler = new Dialler(setting, this);
    this.#floor = setting.floor;
    this.#ceiling = setting.ceiling;
  }

  get ceiling(): number {
    return this.#ceiling;
  }

  get open(): number {
    return this.#connections.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Connects under way. */
  get connecting(): number {
    return this.#dialler.size;
  }

  /** A job to fill in, from those that have ended. */
  spare(): Job {
    return this.#ended.shift() ?? new Job();
  }

  /** Opens connections ahead; settles when each is open or has failed. */
  async openAhead(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
      this.#topUp();
      this.#checkSettled();
    });
  }

  submit(job: Job): void {
    const connection = this.#free.take();
    if (connection) {
      this.#send(connection, job);
      return;
    }
    this.#waiting.push(job);
    this.#grow();
  }

  /** Users come and go: one connection each, also while they think. */
  resize(ceiling: number): void {
    this.#floor = Math.max(0, this.#floor + ceiling - this.#ceiling);
    this.#ceiling = ceiling;
    // Where none is free, the newcomer's own request opens it and is seen to wait for it.
    if (this.#free.length > 0) this.#topUp();
    while (this.#connections.size > this.#ceiling) {
      const connection = this.#free.take();
      if (!connection) break;
      // Its socket is lost a turn later only: until then others would be closed in its place.
      this.#connections.delete(connection);
      connection.close();
    }
  }

  /** Ends exchanges that have taken too long and replaces what has idled too long. */
  sweep(): void {
    const { clock, roundTrips } = this.#setting;
    const nowUs = clock.nowUs();
    const monotonicUs = clock.monotonicAt(nowUs);
    for (const connection of this.#connections) {
      connection.roundTripUs = roundTrips.of(connection.address, monotonicUs);
      if (connection.job) {
        if (nowUs >= connection.deadlineUs) connection.timeOut();
      } else if (connection.stale(nowUs)) {
        connection.close();
      }
    }
  }

  /** Cuts what is in flight, and gives up what waits by the given cause. */
  cut(by: 'deadline' | 'stop'): void {
    this.#closed = true;
    const nowUs = this.#setting.clock.nowUs();
    for (const connection of this.#connections) {
      const { job } = connection;
      if (!job) continue;
      connection.job = null;
      job.endUs = nowUs;
      this.#setting.recorder.cut(job, by);
    }
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) {
      job.endUs = nowUs;
      // What waits here waits because no connection came free or could be opened.
      if (by === 'stop') this.#setting.recorder.cut(job, 'stop');
      else this.#setting.recorder.dropped(job, 'target');
    }
  }

  close(): void {
    this.#closed = true;
    this.#dialler.close();
    for (const connection of [...this.#connections]) connection.close();
  }

  // What connections tell.

  answered(connection: Connection, job: Job): void {
    const { recorder } = this.#setting;
    recorder.ok(job);
    if (connection.exchanges === 1 && !job.resent) {
      recorder.firstAnswer(connection.address, job.firstByteUs - job.writtenUs, job.endUs);
    }
    this.#release(connection);
    this.#finish(job);
  }

  failed(connection: Connection, job: Job, failure: Failure): void {
    const template = this.#setting.templates[job.request]!;
    const stale =
      job.firstByteUs < 0 &&
      connection.exchanges > 1 &&
      (failure.code === 1220 || failure.code === 1201);
    if (stale && template.idempotent && !job.resent && !this.#closed) {
      job.resent = true;
      this.#again(job);
      return;
    }
    // What died twice did not die of age.
    const told =
      stale && !template.idempotent
        ? new Failure(1221, 'a reused connection was closed by the server before it answered')
        : failure;
    this.#recordFailure(job, told);
    this.#release(connection);
    this.#finish(job);
  }

  unsent(_connection: Connection, job: Job): void {
    this.#again(job);
  }

  lost(connection: Connection): void {
    this.#connections.delete(connection);
    const idled = this.#free.remove(connection);
    if (this.#closed) return;
    if (idled) {
      // Closed by us or by the server: be ready for the next request.
      this.facts.replaced++;
      if (connection.hungUpOn) this.#dialler.rest();
      this.#topUp();
    }
    this.#grow();
  }

  // Moving jobs and connections.

  #send(connection: Connection, job: Job): void {
    connection.send(job, this.#setting.templates[job.request]!);
  }

  #finish(job: Job): void {
    job.owner?.ended(job);
    this.#ended.push(job);
  }

  #release(connection: Connection): void {
    if (connection.spent || this.#closed) return;
    const job = this.#waiting.shift();
    if (job) this.#send(connection, job);
    else this.#free.push(connection);
  }

  /** It keeps its place: at the head of the line. */
  #again(job: Job): void {
    const connection = this.#free.take();
    if (connection) {
      this.#send(connection, job);
      return;
    }
    this.#waiting.unshift(job);
    this.#grow();
  }

  // Opening connections.

  opened(wire: Wire, address: string, begunUs: number): void {
    const { clock, firstAnswers, roundTrips } = this.#setting;
    const roundTripUs = roundTrips.of(address, clock.monotonicAt(clock.nowUs()));
    const connection = new Connection(wire, address, roundTripUs, clock, firstAnswers, this);
    this.#connections.add(connection);
    this.facts.opened++;
    this.facts.peak = Math.max(this.facts.peak, this.#connections.size);
    const job = this.#waiting.shift();
    if (job) {
      // A request sent again was already written: what it waits for now lies in its first byte.
      if (job.writtenUs < 0) job.connectUs = Math.max(job.takenUs, begunUs);
      this.#send(connection, job);
      this.#grow();
    } else {
      this.#free.push(connection);
    }
    this.#topUp();
    this.#checkSettled();
  }

  /**
   * While no connection is open at all, everything that already waited when this attempt began has
   * had its try and fails with it. While others are open, what waits will be served by them.
   */
  dialFailed(failure: Failure, begunUs: number, ahead: boolean): void {
    this.facts.failed++;
    if (this.#connections.size === 0) {
      if (!ahead) this.#failWaiting(failure, begunUs);
      this.#grow();
    }
    this.#checkSettled();
  }

  #grow(): void {
    while (!this.#dialler.full && this.#waiting.length > this.#dialler.size) {
      if (this.#connections.size + this.#dialler.size >= this.#ceiling) {
        this.facts.ceilingReached = true;
        return;
      }
      this.#dialler.dial(false);
    }
  }

  #topUp(): void {
    if (this.#dialler.resting) return;
    while (!this.#dialler.full && this.#connections.size + this.#dialler.size < this.#floor) {
      this.#dialler.dial(true);
    }
  }

  #failWaiting(failure: Failure, begunUs: number): void {
    const failed: Job[] = [];
    for (let job = this.#waiting.head; job && job.takenUs <= begunUs; job = this.#waiting.head) {
      this.#waiting.shift();
      failed.push(job);
    }
    const nowUs = this.#setting.clock.nowUs();
    for (const job of failed) {
      job.endUs = nowUs;
      job.connectUs = begunUs;
      this.#recordFailure(job, failure);
      this.#finish(job);
    }
  }

  #recordFailure(job: Job, failure: Failure): void {
    const { hide, recorder } = this.#setting;
    const detail = failure.detail === null ? null : hide(failure.detail);
    recorder.failed(job, failure.code, hide(failure.message), detail);
  }

  #checkSettled(): void {
    if (!this.#settled || this.#dialler.size > 0) return;
    this.#settled();
    this.#settled = null;
  }
}
