import type { FunctionUse } from '../measure/function-use.js';

/** Written once by the first delivery of a shard's attempt; whoever finds one leaves. */
export interface Claim {
  /** Made anew by each delivery, so that it knows its own claim when it reads one. */
  readonly nonce: string;
  readonly atMs: number;
}

/** The attempt has resolved, connected and warmed up, and waits for its leg's go. */
export interface Ready {
  readonly atMs: number;
}

/** Why a delivery did not take up its shard. */
export interface Refusal {
  readonly nonce: string;
  readonly atMs: number;
  /** For people. */
  readonly reason: string;
  /** What it had taken until then; absent where nobody charges for it. */
  readonly used?: FunctionUse;
  /** It had begun, and this is how it ended. */
  readonly ended?: true;
}
