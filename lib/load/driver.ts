import type { Job } from './job.js';
import type { Source } from './pacer.js';

/** What decides when a shard's iterations begin: a schedule of arrivals, or users. */
export interface Driver extends Source {
  /** Everything that it had to begin has begun, and nothing more will. */
  readonly done: boolean;
  /** How late the first iteration was taken up, µs; null until there was one. */
  readonly firstLagUs: number | null;
  /**
   * Ends the schedule: whatever was due before this instant and is not begun is handed to `end`,
   * already counted as scheduled, and nothing is begun any more.
   */
  giveUp(untilUs: number, end: (job: Job) => void): void;
}
