import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import { shardRefs } from '../plan/split.js';
import type { LegControl } from '../store/control.js';
import type { LegMemory, ShardMemory } from '../store/watch-memory.js';

export const ATTEMPTS = 2;
const UNKNOWN: ShardMemory = [0, 0, false, null];

/** A shard by its latest attempt, as the orchestrator sees it. */
export interface WatchedShard {
  ref: ShardRef;
  /** When it was asked for, ms since the epoch; 0: it was not yet. */
  startedAtMs: number;
  claimed: boolean;
  ready: boolean;
  /** Why it was not even accepted. */
  trouble: string | null;
  /** Has a manifest, or will never have one. */
  over: 'reported' | 'gone' | null;
}

/** The shards of a leg, as far as its control and a memory tell how they stand. */
export function watchedShards(
  frozen: FrozenPlan,
  leg: number,
  control: LegControl | undefined,
  memory: LegMemory | null,
): WatchedShard[] {
  return shardRefs(frozen, leg).map((ref, i) => {
    const own = `${ref.region}/${ref.n}.`;
    const before = (control?.void ?? []).filter((attempt) => attempt.startsWith(own)).length;
    const attempt = Math.min(before + 1, ATTEMPTS);
    const kept = memory?.shards[i] ?? UNKNOWN;
    const [, startedAtMs, ready, over] = kept[0] === attempt ? kept : UNKNOWN;
    return {
      ref: { ...ref, attempt },
      startedAtMs,
      claimed: false,
      ready,
      trouble: null,
      over: before >= ATTEMPTS ? 'gone' : over,
    };
  });
}

export function shardMemory({ ref, startedAtMs, ready, over }: WatchedShard): ShardMemory {
  return [ref.attempt, ready || over ? 0 : startedAtMs, ready, over];
}

/** Has not said that it is ready, and may yet. */
export function isOut({ ready, over }: WatchedShard): boolean {
  return !ready && over === null;
}

export function attemptName(ref: ShardRef): string {
  return `${ref.region}/${ref.leg}/${ref.n}.${ref.attempt}`;
}
