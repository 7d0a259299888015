/** How patient an orchestrator is. */
export interface Timing {
  /** How often it looks. */
  readonly tickMs: number;
  /** An attempt without a claim by then is declared void. */
  readonly claimMs: number;
  /** An attempt that is not ready by then is declared void. */
  readonly readyMs: number;
  /** From the go to the first instant: every worker must have read the go by then. */
  readonly leadMs: number;
  /** How long before its start a later leg is armed. */
  readonly armMs: number;
  /** After the grace: the last uploads. */
  readonly uploadMs: number;
  /** After a stop: workers that have not reported by then have vanished. */
  readonly stopMs: number;
  /** The longest that it looks without a pause in which it may be replaced. */
  readonly sliceMs: number;
}

/** Load threads read control ten times a second from the folder beside them. */
export const LOCAL_TIMING: Timing = {
  tickMs: 100,
  claimMs: 20_000,
  readyMs: 60_000,
  leadMs: 500,
  armMs: 10_000,
  uploadMs: 60_000,
  stopMs: 15_000,
  sliceMs: Number.POSITIVE_INFINITY,
};

export const LOCAL_CONTROL_MS = 100;

/** Where the store is in S3 each look takes a while, and costs. */
export const DISTANT_TIMING: Timing = {
  ...LOCAL_TIMING,
  tickMs: 1_000,
  leadMs: 5_000,
  armMs: 15_000,
};

export const DISTANT_CONTROL_MS = 1_000;
/** A reading of control that takes longer is given up: the next one is due. */
export const CONTROL_READ_MS = 700;
/** This long without a successful read of control, and a worker falls silent by itself. */
export const LEASE_MS = 10_000;

/** Between two slices: long enough that a function which has to wait so long is put away. */
export const PAUSE_MS = 1_000;
/** So often merge is asked for a report before its orchestrator gives up. */
export const MOST_ASKED = 4;
