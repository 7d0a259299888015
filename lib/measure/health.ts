/**
 * How the load thread of a shard fared while the shard ran. The worst windows are of 10 s, or of
 * the whole time where that was shorter; null where it was under a second, too short to tell.
 */
export interface Health {
  /** How late the event loop came to instants 10 ms apart: the p99 of its worst window. */
  readonly delay: { readonly p99Us: number; readonly fromUs: number } | null;
  /** Share of a window that the loop spent on anything but waiting: that of its worst window. */
  readonly busy: { readonly share: number; readonly fromUs: number } | null;
  /** Of the thread's own heap. */
  readonly gc: { readonly count: number; readonly totalUs: number; readonly longestUs: number };
  /** Share of the machine's CPU time that its host gave to others; null: not told here. */
  readonly steal: number | null;
  /** How often and how long the container's CPU quota held the process; null: there is none. */
  readonly throttled: { readonly count: number; readonly totalUs: number } | null;
  /** The most that the process occupied, and the thread's heap. */
  readonly memory: { readonly rssBytes: number; readonly heapBytes: number };
}

/** Where a worker's clock stands against the store's, as far as that can be known. */
export interface ClockOffset {
  /** The worker's clock less the store's, ms; true within the uncertainty. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
  /** How far the offset moved until the end, ms; null: not known. */
  readonly driftMs: number | null;
}
