import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Control } from '../store/control.js';
import type { Timing } from './timing.js';

/** Two attempts of 60 s to arm, then the lead. */
const ARM_MS = 130_000;
const UPLOAD_MS = 60_000;
/** Of the 15 minutes that a function lives, one is left for what nobody foresees. */
const LIFE_MS = 840_000;
const LONGEST_LEG_US = 540_000_000;
const LEG_STEP_US = 10_000_000;
/** How long after its last leg a run may still be merged before its share is free again. */
const MERGE_MS = 300_000;

/** How patient the orchestrator is with functions, as CLOUD's arithmetic has it. */
export const CLOUD_TIMING: Timing = {
  tickMs: 1_000,
  claimMs: 20_000,
  readyMs: 60_000,
  leadMs: 5_000,
  armMs: ARM_MS,
  uploadMs: UPLOAD_MS,
  stopMs: 15_000,
  sliceMs: 240_000,
};

/** A worker that has not been delivered by then is not to begin. */
export const NOT_AFTER_MS = 55_000;

/** The longest leg whose worker, from its start to its last upload, lives no longer than it may. */
export function longestLegUs(graceUs: number): number {
  const left = (LIFE_MS - ARM_MS - UPLOAD_MS) * 1000 - graceUs;
  const capped = Math.min(left, LONGEST_LEG_US);
  return Math.floor(capped / LEG_STEP_US) * LEG_STEP_US;
}

/** By when a run that begins to arm now is over, whatever happens: ms since the epoch. */
export function allLegsUntilMs(frozen: FrozenPlan, nowMs: number): number {
  return nowMs + ARM_MS + (frozen.durationUs + frozen.graceUs) / 1000 + UPLOAD_MS + MERGE_MS;
}

/** From then on a run that has not ended never will: ms since the epoch. */
export function lostFromMs(frozen: FrozenPlan, control: Control | null): number {
  const startMs = control?.startAtMs ?? frozen.createdAtMs + ARM_MS;
  const untilMs = startMs + (frozen.durationUs + frozen.graceUs) / 1000 + UPLOAD_MS;
  const stopMs = (control?.stop?.atMs ?? Number.POSITIVE_INFINITY) + CLOUD_TIMING.stopMs;
  return Math.min(untilMs, stopMs) + MERGE_MS;
}
