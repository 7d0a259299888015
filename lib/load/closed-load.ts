import type { Timeline } from '../measure/timeline.js';
import type { Pace } from '../plan/plan.js';
import { Agenda } from './agenda.js';
import type { Driver } from './driver.js';
import { type Job, JobQueue } from './job.js';
import type { Pacer } from './pacer.js';
import type { Pool } from './pool.js';
import type { RunClock } from './run-clock.js';
import type { Session } from './session.js';
import type { StartCeiling } from './start-ceiling.js';
import type { IterationOwner, Starter } from './starter.js';
import type { UserSchedule, UserSession } from './users.js';

interface ClosedOptions {
  readonly pace: Pace;
  /** Iterations that all users together may begin; null: as many as their time allows. */
  readonly amount: number | null;
  /** Every user brings a connection of its own, and takes it along when it leaves. */
  readonly ownConnections: boolean;
  /** Holds back users whose pace the answers set; null: nothing does. */
  readonly ceiling: StartCeiling | null;
}

/**
 * Closed model: users that send, wait for the answer, think, and send again. With `every` each
 * user has a schedule of its own, which does not move however slow the answers are.
 */
export class ClosedLoad implements Driver {
  firstLagUs: number | null = null;

  readonly #options: ClosedOptions;
  readonly #schedule: UserSchedule;
  readonly #timeline: Timeline;
  readonly #clock: RunClock;
  readonly #pool: Pool;
  readonly #starter: Starter;
  readonly #pacer: Pacer;
  readonly #sessions: readonly UserSession[];
  readonly #agenda = new Agenda<User>();
  #coming = 0;
  #present = new Set<User>();
  #begun = 0;
  #over = false;

  constructor(
    options: ClosedOptions,
    schedule: UserSchedule,
    timeline: Timeline,
    clock: RunClock,
    pool: Pool,
    starter: Starter,
    pacer: Pacer,
  ) {
    this.#options = options;
    this.#schedule = schedule;
    this.#sessions = schedule.sessions;
    this.#timeline = timeline;
    this.#clock = clock;
    this.#pool = pool;
    this.#starter = starter;
    this.#pacer = pacer;
  }

  get nextUs(): number {
    if (this.#over) return Number.POSITIVE_INFINITY;
    return Math.min(this.#agenda.nextUs, this.#nextComesUs);
  }

  get done(): boolean {
    return this.#over || (this.#present.size === 0 && this.#coming === this.#sessions.length);
  }

  get #nextComesUs(): number {
    return this.#sessions[this.#coming]?.comesUs ?? Number.POSITIVE_INFINITY;
  }

  fire(): void {
    for (let nowUs = this.#clock.nowUs(); this.nextUs <= nowUs; nowUs = this.#clock.nowUs()) {
      if (this.#nextComesUs <= this.#agenda.nextUs) this.#welcome(nowUs);
      else this.#agenda.take()?.turn(nowUs);
      if (this.#over) return;
    }
  }

  giveUp(untilUs: number, end: (job: Job) => void): void {
    if (this.#over) return;
    this.#over = true;
    for (const user of this.#present) {
      for (let job = user.owed.shift(); job; job = user.owed.shift()) end(settled(job, untilUs));
    }
    const { pace, amount } = this.#options;
    if (pace.kind === 'every') {
      // What was due and not even taken up: also of users whose coming was missed.
      for (const session of this.#sessions.slice(this.#coming)) {
        if (session.comesUs < untilUs) this.#present.add(this.#user(session));
      }
      for (const user of this.#present) {
        while (user.dueUs < Math.min(untilUs, user.stay.leavesUs)) {
          if (!this.#allows()) break;
          end(settled(this.#job(user, user.dueUs, untilUs), untilUs));
          user.dueUs += pace.everyUs;
        }
      }
    } else if (amount !== null) {
      // Users were too slow for the amount: what they did not come to counts against the target.
      const atUs = untilUs - 1;
      while (this.#begun < amount) end(settled(this.#job(null, atUs, atUs), atUs));
    }
    this.#present.clear();
  }

  // Called by users.

  get pace(): Pace {
    return this.#options.pace;
  }

  thinkUs(user: number, iteration: number): number {
    return this.#schedule.thinkUs(user, iteration);
  }

  /** Whether another iteration may begin. */
  allows(): boolean {
    return !this.#over && this.#allows();
  }

  at(instantUs: number, user: User): void {
    this.#agenda.add(instantUs, user);
    this.#pacer.moved(instantUs);
  }

  /** When an iteration that could begin now may begin. */
  mayBegin(nowUs: number): number {
    const { ceiling, pace } = this.#options;
    return ceiling && pace.kind !== 'every' ? ceiling.take(nowUs) : nowUs;
  }

  /** Counts the iteration as scheduled; the caller submits it, now or later. */
  take(user: User, dueUs: number, nowUs: number): Job {
    this.firstLagUs ??= nowUs - dueUs;
    return this.#job(user, dueUs, nowUs);
  }

  submit(job: Job): void {
    this.#starter.submit(job);
  }

  nowUs(): number {
    return this.#clock.nowUs();
  }

  leave(user: User): void {
    if (!this.#present.delete(user)) return;
    if (user.session) this.#starter.leave(user.session);
    if (this.#options.ownConnections && !this.#over) this.#pool.resize(this.#pool.ceiling - 1);
  }

  #allows(): boolean {
    const { amount } = this.#options;
    return amount === null || this.#begun < amount;
  }

  #welcome(nowUs: number): void {
    const session = this.#sessions[this.#coming++]!;
    const user = this.#user(session);
    this.#present.add(user);
    if (this.#options.ownConnections && session.comesUs > this.#schedule.firstUs) {
      this.#pool.resize(this.#pool.ceiling + 1);
    }
    user.turn(nowUs);
  }

  #user(stay: UserSession): User {
    return new User(this, stay, this.#starter.welcome(stay.user));
  }

  #job(user: User | null, dueUs: number, takenUs: number): Job {
    const start = this.#schedule.startOf(this.#begun++);
    const window = this.#timeline.windowAt(dueUs);
    return this.#starter.begin(start, window, dueUs, takenUs, user);
  }
}

function settled(job: Job, atUs: number): Job {
  job.endUs = Math.max(atUs, job.dueUs);
  return job;
}

class User implements IterationOwner {
  readonly stay: UserSession;
  readonly session: Session | null;
  /** The next iteration's due instant; with `every`, the schedule's. */
  dueUs: number;
  /** Due while this user was still waiting for an answer: `every` only. */
  readonly owed = new JobQueue();
  readonly #load: ClosedLoad;
  #busy = false;
  /** The instant that it waits for was given to it. */
  #held = false;
  #iterations = 0;

  constructor(load: ClosedLoad, stay: UserSession, session: Session | null) {
    this.#load = load;
    this.stay = stay;
    this.session = session;
    this.dueUs = stay.comesUs;
  }

  /** Its instant has come: to begin an iteration, or to leave. */
  turn(nowUs: number): void {
    const load = this.#load;
    if (this.dueUs >= this.stay.leavesUs || !load.allows()) {
      this.#leaveWhenIdle();
      return;
    }
    if (!this.#held) {
      const atUs = load.mayBegin(nowUs);
      if (atUs > nowUs) {
        // Until then this user is as one who still thinks.
        this.#held = true;
        this.dueUs = atUs;
        load.at(Math.min(atUs, this.stay.leavesUs), this);
        return;
      }
    }
    this.#held = false;
    const job = load.take(this, this.dueUs, nowUs);
    this.#iterations++;
    if (load.pace.kind === 'every') {
      this.dueUs += load.pace.everyUs;
      load.at(Math.min(this.dueUs, this.stay.leavesUs), this);
    }
    if (this.#busy) {
      this.owed.push(job);
      return;
    }
    this.#busy = true;
    load.submit(job);
  }

  ended({ endUs }: { readonly endUs: number }): void {
    const load = this.#load;
    this.#busy = false;
    const owed = this.owed.shift();
    if (owed) {
      this.#busy = true;
      load.submit(owed);
      return;
    }
    if (load.pace.kind === 'every') {
      this.#leaveWhenIdle();
      return;
    }
    if (load.pace.kind === 'none') {
      this.dueUs = endUs;
      this.turn(load.nowUs());
      return;
    }
    this.dueUs = endUs + load.thinkUs(this.stay.user, this.#iterations - 1);
    load.at(Math.min(this.dueUs, this.stay.leavesUs), this);
  }

  #leaveWhenIdle(): void {
    const over = this.dueUs >= this.stay.leavesUs || !this.#load.allows();
    if (over && !this.#busy && this.owed.length === 0) this.#load.leave(this);
  }
}
