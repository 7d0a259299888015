import { Connection, type ConnectionEvents } from './connection.js';
import type { Wire } from './dial.js';
import type { DiallerSetting } from './dialler.js';
import { Elsewhere } from './elsewhere.js';
import { Failure } from './failure.js';
import { FreeConnections } from './free-connections.js';
import { Job, JobQueue } from './job.js';
import { BodyRoom } from './kept-body.js';
import { Lane } from './lane.js';
import { type GrowthEvents, PoolGrowth } from './pool-growth.js';
import type { PoolSetting } from './pool-setting.js';
import { recordFailure, recordGivenUp, recordOk } from './record-job.js';
import type { RequestTemplate } from './request-template.js';
import { WaitingLine } from './waiting-line.js';

const STALE = 'a reused connection was closed by the server before it answered';

/** Of a connection that serves one request: nobody comes after. */
const NOBODYS = new Lane();
NOBODYS.close();

/**
 * The connections of one shard. A due request gets a free connection at once or waits in line, with
 * its scheduled instant; while requests wait, the pool grows up to its ceiling. Free connections
 * are used in turn, so that none ages while others work.
 */
export class Pool implements ConnectionEvents, GrowthEvents {
  readonly room: BodyRoom;

  readonly #setting: PoolSetting;
  readonly #growth: PoolGrowth;
  readonly #waiting = new WaitingLine();
  /** Of all pools beside each other: a job that ends elsewhere began here. */
  readonly #ended: JobQueue;
  readonly #connections = new Set<Connection>();
  readonly #free = new FreeConnections();
  #closed = false;
  /** Pools of all origins, this one's among them. */
  readonly #elsewhere: Elsewhere;
  /** Those elsewhere are swept, cut and closed with this one. */
  readonly #leads: boolean;

  /** `beside`: a pool whose requests lead here. */
  constructor(setting: PoolSetting, beside: Pool | null = null) {
    this.#setting = setting;
    this.room = beside ? beside.room : new BodyRoom();
    this.#ended = beside ? beside.#ended : new JobQueue();
    this.#leads = beside === null;
    const open = (reach: DiallerSetting) => new Pool({ ...setting, ...reach, floor: 0 }, this);
    this.#elsewhere = beside
      ? beside.#elsewhere
      : new Elsewhere(setting.elsewhere, this, setting, open);
    this.#growth = new PoolGrowth(setting, setting.floor, setting.ceiling, this);
  }

  get facts(): PoolGrowth['facts'] {
    return this.#growth.facts;
  }

  get ceiling(): number {
    return this.#growth.ceiling;
  }

  get open(): number {
    return this.#connections.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Connects under way. */
  get connecting(): number {
    return this.#growth.connecting;
  }

  /** A job to fill in, from those that have ended. */
  spare(): Job {
    return this.#ended.shift() ?? new Job();
  }

  /** Opens connections ahead; settles when each is open or has failed. */
  openAhead(): Promise<void> {
    return this.#growth.openAhead();
  }

  submit(job: Job): void {
    const connection = this.#free.takeFor(job.visitor, this);
    if (connection) this.#send(connection, job);
    else {
      this.#waiting.push(job);
      this.#growth.grow();
    }
  }

  /** A visitor is gone, and its connections with it. */
  leave(lane: Lane): void {
    for (const connection of lane.close()) this.#discard(connection);
  }

  /** Users come and go: one connection each, also while they think. */
  resize(ceiling: number): void {
    const growth = this.#growth;
    if (!this.#setting.apart) growth.floor = Math.max(0, growth.floor + ceiling - growth.ceiling);
    growth.ceiling = ceiling;
    // Where none is free, the newcomer's own request opens it and is seen to wait for it.
    if (this.#free.length > 0) growth.topUp();
    while (this.#connections.size > ceiling) {
      const connection = this.#free.take();
      if (!connection) break;
      this.#discard(connection);
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
    for (const pool of this.#led) pool.sweep();
  }

  /** Cuts what is in flight, and gives up what waits by the given cause. */
  cut(by: 'deadline' | 'stop'): void {
    this.#closed = true;
    const { clock, recorder } = this.#setting;
    const nowUs = clock.nowUs();
    const giveUp = (job: Job) => {
      job.endUs = nowUs;
      recordGivenUp(recorder, job, by);
    };
    for (const connection of this.#connections) {
      if (connection.job) giveUp(connection.job);
      connection.job = null;
    }
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) giveUp(job);
    for (const pool of this.#led) pool.cut(by);
  }

  close(): void {
    this.#closed = true;
    this.#growth.close();
    for (const connection of [...this.#connections]) connection.close();
    if (this.#leads) this.#elsewhere.close();
  }

  get #led(): readonly Pool[] {
    return this.#leads ? this.#elsewhere.pools : [];
  }

  // What connections tell.

  answered(connection: Connection, job: Job): void {
    const { recorder } = this.#setting;
    recordOk(recorder, job);
    if (connection.exchanges === 1 && !job.resent && job.hops === 0) {
      recorder.firstAnswer(connection.address, job.firstByteUs - job.writtenUs, job.endUs);
    }
    this.#release(connection);
    this.#finish(job);
  }

  failed(connection: Connection, job: Job, failure: Failure): void {
    const { idempotent } = this.#templateOf(job);
    const died = failure.code === 1220 || failure.code === 1201;
    const stale = died && job.firstByteUs < 0 && connection.exchanges > 1;
    if (stale && idempotent && !job.resent && !this.#closed) {
      job.resent = true;
      this.#again(job);
      return;
    }
    // What died twice did not die of age.
    this.#fail(connection, job, stale && !idempotent ? new Failure(1221, STALE) : failure);
  }

  unsent(_connection: Connection, job: Job): void {
    this.#again(job);
  }

  redirected(connection: Connection, job: Job, status: number, location: string): void {
    const at = this.#elsewhere.follow(job, this.#templateOf(job), status, location);
    if (at instanceof Failure) this.#fail(connection, job, at);
    else if (at === this && !connection.spent) this.#send(connection, job);
    else {
      this.#release(connection);
      at.#again(job);
    }
  }

  lost(connection: Connection): void {
    this.#connections.delete(connection);
    const idled = this.#free.remove(connection);
    if (this.#closed) return;
    // Be ready for the next request.
    if (idled) this.#growth.replace(connection.hungUpOn);
    this.#growth.grow();
  }

  // Moving jobs and connections.

  #send(connection: Connection, job: Job): void {
    if (job.visitor?.lane) connection.lane = job.visitor.lane;
    connection.send(job, this.#templateOf(job));
  }

  #fail(connection: Connection, job: Job, failure: Failure): void {
    const { recorder, hide } = this.#setting;
    recordFailure(recorder, job, failure, hide);
    this.#release(connection);
    this.#finish(job);
  }

  #templateOf(job: Job): RequestTemplate {
    return job.template ?? this.#setting.templates[job.request]!;
  }

  /** Its socket is lost a turn later only: until then others would be closed in its place. */
  #discard(connection: Connection): void {
    this.#connections.delete(connection);
    connection.close();
  }

  #finish(job: Job): void {
    job.owner?.ended(job);
    this.#ended.push(job);
  }

  #release(connection: Connection): void {
    if (connection.spent || this.#closed) return;
    const { lane } = connection;
    const job = lane?.closed ? null : this.#waiting.shiftFor(lane);
    if (job) this.#send(connection, job);
    else if (lane?.closed) connection.close();
    else this.#free.push(connection);
  }

  /** It keeps its place: at the head of the line. */
  #again(job: Job): void {
    const connection = this.#free.takeFor(job.visitor, this);
    if (connection) this.#send(connection, job);
    else {
      this.#waiting.unshift(job);
      this.#growth.grow();
    }
  }

  // Opening connections.

  opened(wire: Wire, address: string, begunUs: number): void {
    const { apart, clock, firstAnswers, roundTrips } = this.#setting;
    const roundTripUs = roundTrips.of(address, clock.monotonicAt(clock.nowUs()));
    const connection = new Connection(wire, address, roundTripUs, clock, firstAnswers, this);
    if (apart) connection.lane = NOBODYS;
    this.#connections.add(connection);
    const job = this.#waiting.shift();
    if (job) {
      // A request sent again was already written: what it waits for now lies in its first byte.
      if (job.writtenUs < 0) job.connectUs = Math.max(job.takenUs, begunUs);
      this.#send(connection, job);
    } else this.#free.push(connection);
  }

  /**
   * While no connection is open at all, everything that already waited when this attempt began has
   * had its try and fails with it. While others are open, what waits will be served by them, unless
   * they are for others alone: then each attempt was that of one request.
   */
  unreachable(failure: Failure, begunUs: number): boolean {
    const { head } = this.#waiting;
    const alone = this.#setting.apart === true || head?.visitor?.lane != null;
    if (this.#connections.size > 0 && !alone) return false;
    this.#failWaiting(failure, begunUs, this.#connections.size > 0 ? 1 : this.#waiting.length);
    return true;
  }

  #failWaiting(failure: Failure, begunUs: number, most: number): void {
    const failed: Job[] = [];
    for (let job = this.#waiting.head; job && failed.length < most; job = this.#waiting.head) {
      if (job.takenUs > begunUs) break;
      this.#waiting.shift();
      failed.push(job);
    }
    const { clock, recorder, hide } = this.#setting;
    const nowUs = clock.nowUs();
    for (const job of failed) {
      job.endUs = nowUs;
      job.connectUs = begunUs;
      recordFailure(recorder, job, failure, hide);
      this.#finish(job);
    }
  }
}
