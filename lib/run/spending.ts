import { addS3, type FunctionUse, type OrchestratorUse } from '../measure/function-use.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Spending } from '../report/run-record.js';
import type { CostMemory } from '../store/watch-memory.js';
import { estimatedBill } from './cost-estimate.js';
import { reportWrites } from './expected-requests.js';
import { expectedTimes } from './expected-times.js';

interface Accounts {
  readonly merges: readonly FunctionUse[];
  /** Of whoever makes the report, until now. */
  readonly own: FunctionUse | null;
  /** The orchestrator looks every second whether that is done. */
  readonly awaited: boolean;
  readonly nowMs: number;
}

/** Its step: the pause before it belongs to the slice before. */
const MERGE_OPERATIONS = 1;

/** What a run took besides its workers; null where nobody charges for it. */
export function spendingOf(
  frozen: FrozenPlan,
  spent: CostMemory | null,
  { merges, own, awaited, nowMs }: Accounts,
): Spending | null {
  const estimate = estimatedBill(frozen);
  if (estimate === null) return null;
  const waitedS = awaited && spent ? Math.max(0, nowMs - spent.atMs) / 1000 : 0;
  const last = { puts: reportWrites(frozen), gets: 1, lists: 0, bytesOut: 0, bytesIn: 0 };
  return {
    estimate,
    orchestrator: spent && waited(spent.orchestrator, waitedS, awaited),
    merges: own ? [...merges, { ...own, s3: addS3(own.s3, last) }] : merges,
    legMs: expectedTimes(frozen, 'likely').legs.map(
      ({ initS, aheadS, loadS, endingS }) => (initS + aheadS + loadS + endingS) * 1000,
    ),
  };
}

function waited(use: OrchestratorUse, seconds: number, awaited: boolean): OrchestratorUse {
  if (!awaited) return use;
  const looks = Math.round(seconds);
  const s3 = { puts: 0, gets: looks, lists: Math.round(looks / 2), bytesOut: 0, bytesIn: 0 };
  return {
    ...use,
    lifeMs: use.lifeMs + seconds * 1000,
    s3: addS3(use.s3, s3),
    invocations: use.invocations + 1,
    operations: use.operations + MERGE_OPERATIONS,
  };
}
