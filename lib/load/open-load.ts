import type { Timeline } from '../measure/timeline.js';
import type { Driver } from './driver.js';
import type { Job } from './job.js';
import type { RunClock } from './run-clock.js';
import type { ArrivalCursor } from './schedule.js';
import type { Starter } from './starter.js';

/**
 * Open model: everything due is sent, whatever has come back. What cannot be sent at once waits
 * in the pool with its scheduled instant; the schedule is never moved.
 */
export class OpenLoad implements Driver {
  nextUs: number;
  firstLagUs: number | null = null;

  readonly #cursor: ArrivalCursor;
  readonly #timeline: Timeline;
  readonly #clock: RunClock;
  readonly #starter: Starter;
  #window = 0;

  constructor(cursor: ArrivalCursor, timeline: Timeline, clock: RunClock, starter: Starter) {
    this.#cursor = cursor;
    this.#timeline = timeline;
    this.#clock = clock;
    this.#starter = starter;
    this.nextUs = cursor.advance() ? cursor.dueUs : Number.POSITIVE_INFINITY;
  }

  get done(): boolean {
    return this.nextUs === Number.POSITIVE_INFINITY;
  }

  fire(): void {
    for (let nowUs = this.#clock.nowUs(); this.nextUs <= nowUs; nowUs = this.#clock.nowUs()) {
      this.firstLagUs ??= nowUs - this.nextUs;
      this.#starter.submit(this.#take(nowUs));
    }
  }

  giveUp(untilUs: number, end: (job: Job) => void): void {
    while (this.nextUs < untilUs) {
      const job = this.#take(untilUs);
      job.endUs = untilUs;
      end(job);
    }
    this.nextUs = Number.POSITIVE_INFINITY;
  }

  #take(nowUs: number): Job {
    const cursor = this.#cursor;
    const dueUs = cursor.dueUs;
    while (dueUs >= this.#timeline.windows[this.#window]!.endUs) this.#window++;
    const job = this.#starter.begin(cursor.start, this.#window, dueUs, nowUs, null);
    this.nextUs = cursor.advance() ? cursor.dueUs : Number.POSITIVE_INFINITY;
    return job;
  }
}
