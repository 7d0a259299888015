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
};

export const LOCAL_CONTROL_MS = 100;
/** This long without a successful read of control, and a worker falls silent by itself. */
export const LEASE_MS = 10_000;
