import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Control, RunState } from '../store/control.js';
import type { RunFiles } from '../store/run-files.js';
import { lostFromMs } from './cloud-timing.js';

/** An orchestrator of this machine that has said nothing for this long is gone. */
const SILENT_MS = 30_000;

/** Whether an orchestrator that was last seen then is to be taken for gone. */
export function isSilent(seenAtMs: number, nowMs: number): boolean {
  return nowMs - seenAtMs >= SILENT_MS;
}

/** When the orchestrator last said how far it was; it does so every second. */
export async function lastSeenMs(files: RunFiles, state: RunState): Promise<number> {
  return (await files.progress.read())?.toldAtMs ?? state.createdAtMs;
}

/**
 * One in the cloud is put away and called again, and what merges its run says nothing meanwhile:
 * however silent, it has until its deadline, and some minutes to merge.
 */
export function isOverdue(
  frozen: FrozenPlan | null,
  control: Control | null,
  nowMs: number,
): boolean {
  return frozen?.where !== 'aws' || nowMs >= lostFromMs(frozen, control);
}

/** Whether nobody will ever end a run that has not ended. */
export async function isLost(files: RunFiles, state: RunState, nowMs: number): Promise<boolean> {
  if (!isSilent(await lastSeenMs(files, state), nowMs)) return false;
  const [frozen, control] = await Promise.all([files.plan.read(), files.control.read()]);
  return isOverdue(frozen, control, nowMs);
}
