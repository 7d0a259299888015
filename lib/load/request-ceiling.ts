import { Agenda } from './agenda.js';
import type { Job } from './job.js';
import type { Pacer, Source } from './pacer.js';
import type { RunClock } from './run-clock.js';
import { StartCeiling } from './start-ceiling.js';

export interface RequestCeilingSetting {
  readonly perSecond: number;
  readonly clock: RunClock;
  readonly pacer: Pacer;
  /** What a request can come to on the wire, redirects included. */
  readonly mostSent: (request: number) => number;
  readonly submit: (job: Job) => void;
}

/**
 * Holds all requests of a worker to a number a second where code decides how many there are: a plan
 * with code in it says nothing of that, and a limit must hold whatever code does. They go in the
 * order in which they came; what one waits is seen as lag.
 */
export class RequestCeiling implements Source {
  /** Requests that had to wait. */
  held = 0;
  readonly #setting: RequestCeilingSetting;
  readonly #ceiling: StartCeiling;
  readonly #waiting = new Agenda<Job>();

  constructor(setting: RequestCeilingSetting) {
    this.#setting = setting;
    this.#ceiling = new StartCeiling(setting.perSecond);
  }

  get nextUs(): number {
    return this.#waiting.nextUs;
  }

  submit(job: Job): void {
    const { clock, pacer, mostSent, submit } = this.#setting;
    const nowUs = clock.nowUs();
    let atUs = nowUs;
    for (let left = mostSent(job.request); left > 0; left--) atUs = this.#ceiling.take(nowUs);
    if (atUs <= nowUs) {
      submit(job);
      return;
    }
    this.held++;
    this.#waiting.add(atUs, job);
    pacer.moved(atUs);
  }

  fire(): void {
    const { clock, submit } = this.#setting;
    for (let nowUs = clock.nowUs(); this.nextUs <= nowUs; nowUs = clock.nowUs()) {
      const job = this.#waiting.take()!;
      job.takenUs = nowUs;
      submit(job);
    }
  }

  /** Those that wait will not be sent any more. */
  giveUp(end: (job: Job) => void): void {
    for (let job = this.#waiting.take(); job; job = this.#waiting.take()) end(job);
  }
}
