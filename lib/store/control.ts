import type { CostMemory, WatchMemory } from './watch-memory.js';

/**
 * `control.json`: what workers must obey. It only moves forward and is written only by
 * compare-and-set; an instant once written never changes, and `stop` is final.
 */
export interface Control {
  readonly schema: 'isochrone.control/1';
  /** The run's start instant, ms since the epoch; set once, by the first leg's go. */
  readonly startAtMs: number | null;
  readonly legs: readonly LegControl[];
  readonly stop: StopOrder | null;
}

export interface LegControl {
  readonly state: 'armed' | 'go';
  /** Attempts that must not send: `region/n.attempt`. Written before this leg's go only. */
  readonly void: readonly string[];
}

export interface StopOrder {
  readonly atMs: number;
  /** For people: who or what stopped it. */
  readonly cause: string;
  readonly by: 'interrupt' | 'terminate' | 'user' | 'abort-rule' | 'cost' | 'cancelled' | 'broken';
}

/** `state.json`: where the orchestrator is, and at last how it ended. */
export interface RunState {
  readonly schema: 'isochrone.state/1';
  readonly run: string;
  readonly name: string;
  readonly label: string | null;
  readonly target: string;
  readonly phase: 'arming' | 'running' | 'merging' | 'ended';
  readonly createdAtMs: number;
  readonly endedAtMs: number | null;
  readonly end: RunEnd | null;
  /** While it goes on: what another orchestrator must know to take over. */
  readonly watch: WatchMemory | null;
  /** Absent where nobody charges for it, and once there is a report, which says it all. */
  readonly spent?: CostMemory;
  /** The verdict's status and exit code, once there is a report. */
  readonly verdict: { readonly status: string; readonly exitCode: number } | null;
}

export type RunEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'stopped'; readonly order: StopOrder }
  | { readonly kind: 'cancelled'; readonly cause: string }
  | { readonly kind: 'broken'; readonly cause: string };
