import type { Manifest } from '../measure/manifest.js';
import type { Recorder } from '../measure/recorder.js';
import type { Job } from './job.js';
import type { Source } from './pacer.js';
import type { Pool } from './pool.js';
import { recordCut, recordDropped } from './record-job.js';
import type { Session } from './session.js';

/** Whose iterations they are: told when each of them ended, and may begin the next one at once. */
export interface IterationOwner {
  ended(iteration: { readonly endUs: number }): void;
  /** What it keeps from one iteration to the next; null: nothing. */
  readonly session: Session | null;
}

/** Begins what a shard's load is made of. Drivers decide when and for whom; this decides what. */
export interface Starter {
  /** What the pacer has to look after besides; null: nothing. */
  readonly source: Source | null;
  /** What flows in code took of the thread; undefined: there are none. */
  readonly code: Manifest['code'];
  /** Requests that had to wait, as a limit is set to what code sends. */
  readonly held: number;
  /** What a user keeps from its coming to its leaving; null: nothing. */
  welcome(user: number): Session | null;
  leave(session: Session): void;
  /** Counts the shard's next iteration as scheduled; its first request waits to be submitted. */
  begin(
    start: number,
    window: number,
    dueUs: number,
    takenUs: number,
    owner: IterationOwner | null,
  ): Job;
  submit(job: Job): void;
  /** Begun, and given up before it was submitted. */
  cut(job: Job, by: 'deadline' | 'stop'): void;
  dropped(job: Job, cause: 'generator' | 'target'): void;
  /** Ends what is still under way, once the pool has given up the requests of it. */
  giveUp(by: 'deadline' | 'stop'): void;
}

/** Plain requests alone: an iteration is one of them, and costs nothing beside it. */
export class PlainStarter implements Starter {
  readonly source = null;
  readonly code = undefined;
  readonly held = 0;
  readonly #pool: Pool;
  readonly #recorder: Recorder;

  constructor(pool: Pool, recorder: Recorder) {
    this.#pool = pool;
    this.#recorder = recorder;
  }

  welcome(): null {
    return null;
  }

  leave(): void {}

  begin(
    start: number,
    window: number,
    dueUs: number,
    takenUs: number,
    owner: IterationOwner | null,
  ): Job {
    const job = this.#pool.spare();
    job.begin(start, window, dueUs, takenUs, owner);
    this.#recorder.scheduled(window, start);
    return job;
  }

  submit(job: Job): void {
    this.#pool.submit(job);
  }

  cut(job: Job, by: 'deadline' | 'stop'): void {
    recordCut(this.#recorder, job, by);
  }

  dropped(job: Job, cause: 'generator' | 'target'): void {
    recordDropped(this.#recorder, job, cause);
  }

  giveUp(): void {}
}
