import type { OrchestratorUse } from '../measure/function-use.js';

/**
 * What an orchestrator knows of a run beside what stands in the store anyway: kept in `state.json`,
 * so that another one can take over at any point. It is some tens of kilobytes however long the run
 * is, as every viewer reads that object. All of it may be lost or old, and the run still ends as it
 * should.
 */
export interface WatchMemory {
  /** Legs before this one are over, and nothing of them is looked for any more. */
  readonly from: number;
  /** How their workers ended, in the order of the plan's regions. */
  readonly past: readonly PastWorkers[];
  /** Of the others, those that were armed. */
  readonly legs: readonly LegMemory[];
  /** Workers that have told their last, where abort rules want to know. */
  readonly finals: number;
  /** null: nobody listened yet. */
  readonly told: ToldMemory | null;
}

/** What a run on AWS has taken so far, as its orchestrator reckons it. */
export interface CostMemory {
  /** Up to when, ms since the epoch. */
  readonly atMs: number;
  /** How long workers have lived, all of a region together, in the order of the plan. */
  readonly workerMs: readonly number[];
  readonly orchestrator: OrchestratorUse;
}

/** Workers of one region in all legs that are over. */
export interface PastWorkers {
  readonly ready: number;
  readonly reported: number;
  readonly lost: number;
}

export interface LegMemory {
  readonly leg: number;
  /** Its places were handed to merge. */
  readonly merging: boolean;
  /** In the order of `shardRefs`. */
  readonly shards: readonly ShardMemory[];
}

export type ShardMemory = readonly [
  attempt: number,
  /** When the attempt was asked for, ms since the epoch; 0: it was not, or that matters no more. */
  startedAtMs: number,
  ready: boolean,
  over: 'reported' | 'gone' | null,
];

/** What fragments have told so far, and which these are: a fragment counts once. */
export interface ToldMemory {
  /** How many legs were fired: the places of these are listened to, or were. */
  readonly opened: number;
  readonly places: readonly PlaceMemory[];
  /** How far each worker has told that may still tell more: `region/leg/n.attempt`. */
  readonly tellers: readonly (readonly [name: string, cutAtUs: number, over: boolean])[];
  /** How long a point of every series is, µs. */
  readonly stepUs: number;
  readonly all: TallyMemory;
  /** In the order of the plan. */
  readonly regions: readonly RegionMemory[];
}

/** Which fragments of a place were told. */
export interface PlaceMemory {
  readonly region: string;
  readonly leg: number;
  /** No more will come. */
  readonly over: boolean;
  /** By `n.attempt`: all before this seq, but for what is missed. */
  readonly next: Readonly<Record<string, number>>;
  /** `n.attempt/seq` of what may yet come behind later ones. */
  readonly missed: readonly string[];
}

interface RegionMemory extends TallyMemory {
  /** How far workers of legs that are over have told, µs. */
  readonly pastUs: number;
}

export interface TallyMemory {
  readonly scheduled: number;
  readonly starts: number;
  readonly startsDropped: number;
  readonly ended: number;
  readonly failed: number;
  readonly latency: TimesMemory;
  readonly lag: TimesMemory;
  readonly lagUntilUs: number;
  readonly series: SeriesMemory;
}

/** The highest time, µs; then, after the index of the first, the counts of rough buckets. */
export type TimesMemory = readonly number[];

export interface SeriesMemory {
  /** p99 of each point that no answer changes any more, µs; of an open one, of its settled part. */
  readonly settled: readonly (number | null)[];
  /** From this point on the others may change: what is known of their times. */
  readonly from: number;
  readonly open: readonly (TimesMemory | null)[];
}
