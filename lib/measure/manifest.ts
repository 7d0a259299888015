import type { Counters } from './counters.js';

/** What a shard says when it ends. */
export interface Manifest {
  readonly schema: 'isochrone.manifest/1';
  readonly run: string;
  readonly region: string;
  readonly leg: number;
  readonly n: number;
  readonly attempt: number;
  readonly worker: WorkerFacts;
  /** Wall-clock instants, ms since the epoch, by the worker's own clock. */
  readonly armedAtMs: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Instant at which it obeyed a stop, µs from the run's start; null when it ran to its end. */
  readonly stoppedAtUs: number | null;
  /** All of the shard's counters, added up over its windows: must equal its fragments'. */
  readonly totals: Counters;
  readonly fragments: readonly { readonly seq: number; readonly sha256: string }[];
  /** How late the first arrival was taken up, µs; null when there was none. */
  readonly firstLagUs: number | null;
  /** Scheduled before the measured time and not yet begun when it started. */
  readonly backlogAtStart: number;
  /** Most connections open at once, and the ceiling that held them. */
  readonly connections: {
    readonly peak: number;
    readonly ceiling: number;
    readonly opened: number;
    readonly failed: number;
    readonly ceilingReached: boolean;
  };
}

export interface WorkerFacts {
  readonly node: string;
  readonly arch: string;
  readonly cores: number;
  readonly threads: number;
  readonly thread: number;
  readonly pacer: 'spin' | 'timer';
  readonly engine: string;
}
