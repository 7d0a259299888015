import { msOf } from './distribution.js';
import type { Evidence } from './evidence.js';
import { count, time } from './render/figures.js';
import type { Finding, ValidityVerdict } from './report-schema.js';

const MOST_LOGS = 20;
const HELD_BY: readonly ValidityVerdict['check'][] = ['lag', 'event-loop', 'busy'];

/** Flows in code that kept a worker to themselves, and what code had to say. */
export function* codeFlows(
  { record }: Evidence,
  checks: readonly ValidityVerdict[],
): Generator<Finding> {
  const all = record.shards.flatMap(({ manifest }) => manifest?.code ?? []);
  const harmful = checks.some(({ check, level }) => HELD_BY.includes(check) && level !== 'good');
  for (const flow of new Set(all.map((one) => one.flow))) {
    const own = all.filter((one) => one.flow === flow);
    const hogs = own.reduce((sum, one) => sum + one.hogs, 0);
    const longest = msOf(Math.max(...own.map(({ longestUs }) => longestUs)));
    if (hogs > 0) {
      const times = hogs === 1 ? 'once' : `${count(hogs)} times`;
      yield {
        id: 'code-hogs',
        severity: harmful ? 'serious' : 'warning',
        text: `The code of flow ${flow} kept its worker to itself for 10 ms or more ${times}, at worst for ${time(longest)}: whatever was due or came in meanwhile was late. Compute less at a time, or outside the flow.`,
        evidence: { flow, hogs, longest },
      };
    }
    const logs = own.flatMap((one) => one.logs).slice(0, MOST_LOGS);
    if (logs.length > 0) {
      yield {
        id: 'code-log',
        severity: 'info',
        text: `Flow ${flow} says: ${logs.join(' · ')}`,
        evidence: { flow, lines: logs.length },
      };
    }
  }
}
