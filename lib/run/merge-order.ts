import type { RunEnd } from '../store/control.js';
import type { Place } from '../store/run-files.js';

/** What the merge function is asked to do. */
export type MergeOrder =
  | { readonly kind: 'place'; readonly run: string; readonly place: Place }
  | { readonly kind: 'run'; readonly run: string; readonly end: RunEnd }
  /** Whoever led the run will do so no more. */
  | { readonly kind: 'lost'; readonly run: string; readonly status: string };

/** EventBridge's news of a durable execution that ended, or an order; null: neither. */
export function readMergeOrder(event: unknown): MergeOrder | null {
  if (typeof event !== 'object' || event === null) return null;
  const { kind, detail } = event as { kind?: unknown; detail?: unknown };
  if (kind === 'place' || kind === 'run' || kind === 'lost') return event as MergeOrder;
  if (typeof detail !== 'object' || detail === null) return null;
  const { status, durableExecutionName: run } = detail as Record<string, unknown>;
  if (typeof status !== 'string' || typeof run !== 'string') return null;
  return ['FAILED', 'TIMED_OUT', 'STOPPED'].includes(status) ? { kind: 'lost', run, status } : null;
}
