import type { Counters } from './counters.js';
import type { FunctionUse } from './function-use.js';
import type { ClockOffset, Health } from './health.js';

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
  /** Instant at which it fell silent by itself, having lost sight of control. Absent: it never did. */
  readonly lapsedAtUs?: number;
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
    /** Idle ones that were closed, by the server or for having idled too long, and opened anew. */
    readonly replaced: number;
    /** Opened alone and closed at once, to tell the round trip; in none of the other numbers. */
    readonly probes: number;
  };
  /** Starts of users, and requests of plans with code, that a limit held back. Absent: it sets none. */
  readonly held?: number;
  /** Addresses at which something else than the target ends the connection. */
  readonly edges: readonly Edge[];
  /** Flows in code, and what they took of the thread. Absent: the plan has none. */
  readonly code?: readonly (CodeUse & { readonly logs: readonly string[] })[];
  readonly health: Health;
  /** Against the store's clock; null: the store did not say what time it is. */
  readonly clock: ClockOffset | null;
  /** Absent: it was carried out where nobody charges for it. */
  readonly used?: FunctionUse;
}

/** How long a flow's code kept the thread to itself. */
export interface CodeUse {
  readonly flow: string;
  /** How often it was given control. */
  readonly turns: number;
  readonly totalUs: number;
  readonly longestUs: number;
  /** Turns of 10 ms or more. */
  readonly hogs: number;
}

/** A proxy or CDN in front of the target, as the headers of its answers give it away. */
export interface Edge {
  readonly address: string;
  /** `Cloudflare`, or what it is where nobody knows its name: `a proxy`, `a cache`. */
  readonly name: string;
  /** The header that told. */
  readonly sign: string;
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
