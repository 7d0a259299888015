import { accounts } from './checks/accounts.js';
import { busy } from './checks/busy.js';
import { clockOffset } from './checks/clock-offset.js';
import { connections } from './checks/connections.js';
import { eventLoop } from './checks/event-loop.js';
import { fragments } from './checks/fragments.js';
import type { Judged } from './checks/judged.js';
import { lag } from './checks/lag.js';
import { offered } from './checks/offered.js';
import { start } from './checks/start.js';
import { support } from './checks/support.js';
import type { Evidence } from './evidence.js';
import type { ObjectiveVerdict, ValidityLevel, ValidityVerdict } from './report-schema.js';

/**
 * Whether the measurement itself can be trusted. Each check looks at the generator and its
 * workers; a slow or failing target trips none of them.
 */
export function validity(
  evidence: Evidence,
  objectives: readonly ObjectiveVerdict[],
): ValidityVerdict[] {
  const { accepted } = evidence.record.frozen;
  return [
    lag(evidence),
    eventLoop(evidence),
    busy(evidence),
    offered(evidence),
    start(evidence),
    clockOffset(evidence),
    fragments(evidence),
    accounts(evidence),
    connections(evidence),
    support(objectives),
  ].map((check) => lower(check, accepted));
}

export function worstLevel(checks: readonly ValidityVerdict[]): ValidityLevel {
  const levels = checks.map(({ level }) => level);
  if (levels.includes('invalid')) return 'invalid';
  return levels.includes('doubtful') ? 'doubtful' : 'good';
}

const LOWER = { invalid: 'doubtful', doubtful: 'good' } as const;

/** By one level, for a user who knows why it is not good; a bug is nobody's to accept. */
function lower(check: Judged, accepted: readonly string[]): ValidityVerdict {
  const { level } = check;
  if (level === 'good' || check.check === 'accounts' || !accepted.includes(check.check)) {
    return { ...check, lowered: null };
  }
  return { ...check, level: LOWER[level], lowered: level };
}
