import { type Job, JobQueue } from './job.js';
import type { Lane } from './lane.js';

/** Jobs that wait for a connection, in the order in which they came. */
export class WaitingLine {
  readonly #jobs = new JobQueue();

  get length(): number {
    return this.#jobs.length;
  }

  get head(): Job | null {
    return this.#jobs.head;
  }

  push(job: Job): void {
    this.#jobs.push(job);
    if (job.visitor?.lane) job.visitor.lane.waiting++;
  }

  /** Puts back what must not lose its place. */
  unshift(job: Job): void {
    this.#jobs.unshift(job);
    if (job.visitor?.lane) job.visitor.lane.waiting++;
  }

  shift(): Job | null {
    const job = this.#jobs.shift();
    if (job?.visitor?.lane) job.visitor.lane.waiting--;
    return job;
  }

  /** The first that a connection may serve, which is of this visitor's alone, or of anybody's. */
  shiftFor(lane: Lane | null): Job | null {
    if (lane === null) return this.shift();
    if (lane.waiting === 0) return null;
    const job = this.#jobs.takeFor(lane);
    if (job) lane.waiting--;
    return job;
  }
}
