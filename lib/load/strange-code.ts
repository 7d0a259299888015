import type { FrozenPlan } from '../plan/frozen-plan.js';
import { codeFlowsOf } from '../plan/starts.js';

interface Lent {
  /** Digests of code that may be carried out. */
  readonly code?: readonly string[];
  /** Absent where the machine is the user's own. */
  readonly terms?: { readonly runsCode: boolean };
}

/**
 * Whoever can write to the store must not have their code carried out by who measures. A place that
 * was lent says for itself whether it trusts all who may start runs.
 */
export function strangeCode({ plan }: FrozenPlan, { code = [], terms }: Lent): string | null {
  for (const flow of codeFlowsOf(plan)) {
    if (terms?.runsCode) continue;
    if (terms) return `flow '${flow.name}' is code, which this worker does not carry out`;
    if (!code.includes(flow.code.sha256)) {
      return `flow '${flow.name}' is code that was not bundled by the command that leads the run`;
    }
  }
  return null;
}
