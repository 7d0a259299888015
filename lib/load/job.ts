import type { Outcome } from '../measure/recorder.js';
import type { Sample } from '../measure/sample.js';
import type { Lane } from './lane.js';
import type { RequestTemplate } from './request-template.js';
import type { Visitor } from './visitor.js';

/** Told when the job ended, whatever way; may submit the next one at once. */
export interface JobOwner {
  ended(job: Job): void;
  /** What of its own must not be stored or shown. */
  secrets?(): readonly string[];
}

/**
 * One request from its due instant to its end. Jobs are reused: at a thousand a second for hours,
 * what is not allocated need not be collected.
 */
export class Job implements Sample {
  request = 0;
  window = 0;
  dueUs = 0;
  takenUs = 0;
  connectUs = -1;
  writtenUs = -1;
  sentUs = -1;
  firstByteUs = -1;
  endUs = 0;
  bytesIn = 0;
  bytesOut = 0;
  roundTripUs = -1;
  serverTimeUs = -1;
  resent = false;
  owner: JobOwner | null = null;
  /** What it is sent as; null: as its request of the plan is. */
  template: RequestTemplate | null = null;
  /** For whom, where somebody sends more than one; null: for nobody who would be known again. */
  visitor: Visitor | null = null;
  /** One of several requests of an iteration, which is counted by the owner. */
  step = false;
  /** How it ended, where it is a step; null: not yet. */
  outcome: Outcome | null = null;
  /** Redirects followed so far. */
  hops = 0;
  /** Next in whatever queue holds it. */
  next: Job | null = null;

  begin(request: number, window: number, dueUs: number, takenUs: number, owner: JobOwner | null) {
    this.request = request;
    this.window = window;
    this.dueUs = dueUs;
    this.takenUs = takenUs;
    this.connectUs = -1;
    this.writtenUs = -1;
    this.sentUs = -1;
    this.firstByteUs = -1;
    this.endUs = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.roundTripUs = -1;
    this.serverTimeUs = -1;
    this.resent = false;
    this.owner = owner;
    this.template = null;
    this.visitor = null;
    this.step = false;
    this.outcome = null;
    this.hops = 0;
    this.next = null;
  }
}

/** First in, first out; jobs link to each other, so that a long queue costs no array. */
export class JobQueue {
  #head: Job | null = null;
  #tail: Job | null = null;
  length = 0;

  get head(): Job | null {
    return this.#head;
  }

  push(job: Job): void {
    job.next = null;
    if (this.#tail) this.#tail.next = job;
    else this.#head = job;
    this.#tail = job;
    this.length++;
  }

  /** The first that is for a visitor with these connections; null: there is none. */
  takeFor(lane: Lane): Job | null {
    let before: Job | null = null;
    for (let job = this.#head; job; before = job, job = job.next) {
      if (job.visitor?.lane !== lane) continue;
      if (before === null) return this.shift();
      before.next = job.next;
      if (this.#tail === job) this.#tail = before;
      job.next = null;
      this.length--;
      return job;
    }
    return null;
  }

  /** Puts back what must not lose its place. */
  unshift(job: Job): void {
    job.next = this.#head;
    this.#head = job;
    this.#tail ??= job;
    this.length++;
  }

  shift(): Job | null {
    const job = this.#head;
    if (!job) return null;
    this.#head = job.next;
    if (!this.#head) this.#tail = null;
    job.next = null;
    this.length--;
    return job;
  }
}
