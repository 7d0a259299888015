import { iterationAccounts, requestAccounts } from './accounts.js';
import type { Evidence } from './evidence.js';
import type { Report } from './report-schema.js';
import type { ShardFate } from './run-record.js';

type Completeness = Report['completeness'];

/** What was asked for, what became of it, and what is missing. */
export function completeness(evidence: Evidence): Completeness {
  const { record, collection, ledger, schedule } = evidence;
  const { expected, merged, duplicate, missing, unreadable } = collection;
  const account = evidence.account(schedule);
  return {
    workers: {
      planned: record.shards.length,
      reported: record.shards.filter(({ manifest }) => manifest !== null).length,
      missing: collection.shards
        .filter(({ whole }) => !whole)
        .map(({ fate, absent }) => ({
          region: fate.region,
          leg: fate.leg,
          n: fate.n,
          attempt: fate.attempt,
          lastSeen: lastSeen(record.startAtMs, fate),
          lastSeenSeconds: fate.lastFragmentUs === null ? null : fate.lastFragmentUs / 1e6,
          why: fate.manifest === null ? fate.cause : absentText(absent),
          lost: ledger.lostWith(fate),
        })),
      refused: record.refused
        .filter(({ ended }) => !ended)
        .map(({ region, leg, n, attempt, atMs, reason }) => ({
          ...{ region, leg, n, attempt },
          at: new Date(atMs).toISOString(),
          why: reason,
        })),
    },
    iterations: iterationAccounts(account),
    requests: requestAccounts(account),
    fragments: { expected, merged, duplicate, missing, unreadable },
  };
}

function absentText(absent: number): string {
  return absent === 1
    ? 'one piece of its measurements is missing or cannot be read'
    : `${absent} pieces of its measurements are missing or cannot be read`;
}

function lastSeen(startAtMs: number | null, { lastFragmentUs }: ShardFate): string | null {
  if (startAtMs === null || lastFragmentUs === null) return null;
  return new Date(startAtMs + lastFragmentUs / 1000).toISOString();
}
