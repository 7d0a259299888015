/** `progress.json`: the one small object that every live view reads. */
export interface Progress {
  readonly run: string;
  readonly phase: 'arming' | 'running' | 'finishing' | 'merging' | 'ended';
  /** µs since the run's start instant; negative before it. */
  readonly elapsedUs: number;
  readonly durationUs: number;
  /** Title of the stage now running. */
  readonly stage: string | null;
  readonly workers: {
    readonly planned: number;
    readonly ready: number;
    readonly reported: number;
    readonly lost: number;
  };
  /** Since the start, warm-up included. */
  readonly scheduled: number;
  readonly ended: number;
  readonly failed: number;
  /** Over the last seconds that fragments have told of: starts asked for, and good answers. */
  readonly rateAsked: number;
  readonly rateAchieved: number;
  /** Of good answers over the same seconds, µs; null where there were none. */
  readonly p50Us: number | null;
  readonly p99Us: number | null;
}
