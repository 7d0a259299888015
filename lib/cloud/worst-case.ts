import { reservedConcurrency } from './settings.js';

/** How many workers of a deployment may run at once in one region, whoever starts them. */
export interface Reach {
  readonly region: string;
  readonly workers: number;
  /** Kept for them alone; otherwise it is all that the account has there. */
  readonly reserved: boolean;
  /** Whether AWS tells what the account has there; otherwise it is what is usual. */
  readonly told: boolean;
}

/** What AWS wants to stay free for all functions of an account that have nothing reserved. */
const LEFT_FREE = 100;

/** Where workers can have a limit of their own. `kept` is what they have reserved already. */
export function reachOf(
  region: string,
  maxWorkers: number,
  account: { readonly limit: number; readonly unreserved: number },
  kept: number | null,
): Reach {
  const wanted = reservedConcurrency(maxWorkers);
  const free = account.unreserved + (kept ?? 0);
  if (free - wanted >= LEFT_FREE) return { region, workers: wanted, reserved: true, told: true };
  return { region, workers: free, reserved: false, told: true };
}

/**
 * Requests/s that events forged by whoever may start workers can have sent at worst, as long as they
 * are sent: such a worker heeds its own limit, and knows of no other.
 */
export function worstRate(reaches: readonly Reach[], maxWorkerRate: number): number {
  return reaches.reduce((sum, { workers }) => sum + workers * maxWorkerRate, 0);
}
