import type { ShardRef } from '../plan/frozen-plan.js';

/** The event that starts a worker function: one attempt of a shard. */
export interface WorkerOrder {
  readonly protocol: number;
  readonly ref: ShardRef;
  /** Delivered later than this, it must not be taken up: ms since the epoch. */
  readonly notAfterMs: number;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,59}$/;

/**
 * Checks by hand what a worker is started with: events can be forged, and a schema library would
 * be half of its bundle. Returns what is wrong as text.
 */
export function readWorkerOrder(event: unknown): WorkerOrder | string {
  if (typeof event !== 'object' || event === null) return 'the event is no object';
  const { protocol, ref, notAfterMs } = event as Record<string, unknown>;
  if (typeof protocol !== 'number') return 'the event speaks no protocol of ours';
  if (typeof ref !== 'object' || ref === null) return 'the event names no shard';
  const { run, region, leg, n, attempt } = ref as Record<string, unknown>;
  if (typeof run !== 'string' || !NAME.test(run)) return 'the event names no run';
  if (typeof region !== 'string' || !NAME.test(region)) return 'the event names no region';
  if (!isIndex(leg) || !isIndex(n)) return 'the event names no worker of a leg';
  if (!isIndex(attempt) || attempt < 1) return 'the event names no attempt';
  if (typeof notAfterMs !== 'number' || !Number.isFinite(notAfterMs)) {
    return 'the event does not say until when it holds';
  }
  return { protocol, ref: { run, region, leg, n, attempt }, notAfterMs };
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
