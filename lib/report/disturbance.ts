import { msOf } from './distribution.js';
import type { Evidence } from './evidence.js';
import { count, percent, time } from './render/figures.js';
import type { Finding, ValidityVerdict } from './report-schema.js';

/** Checks that trip on a generator which did not get to work when it should have. */
const CHECKS: readonly ValidityVerdict['check'][] = [
  'lag',
  'event-loop',
  'busy',
  'offered',
  'start',
];
const LEAST_STEAL = 0.01;
const LEAST_PAUSE_US = 10_000;

/**
 * What kept the generator from its work, where a check says that something did: it explains, and
 * judges nothing.
 */
export function* disturbance(
  { record }: Evidence,
  checks: readonly ValidityVerdict[],
): Generator<Finding> {
  const tripped = checks.filter(
    ({ check, level, lowered }) => CHECKS.includes(check) && (level !== 'good' || lowered !== null),
  );
  if (tripped.length === 0) return;
  const healths = record.shards.flatMap(({ manifest }) => (manifest ? [manifest.health] : []));
  const steal = Math.max(0, ...healths.map((health) => health.steal ?? 0));
  const pauseUs = Math.max(0, ...healths.map(({ gc }) => gc.longestUs));
  const throttled = healths.reduce(
    (most, { throttled }) => (throttled && throttled.totalUs > most.totalUs ? throttled : most),
    { count: 0, totalUs: 0 },
  );
  const reasons = [
    steal >= LEAST_STEAL &&
      `the host of a machine gave ${percent(steal)} of its CPU time to others`,
    throttled.count > 0 &&
      `the CPU quota of a container was used up ${count(throttled.count)} times, and held it for ${time(msOf(throttled.totalUs))}`,
    pauseUs >= LEAST_PAUSE_US &&
      `garbage collection stopped a load thread for ${time(msOf(pauseUs))} at once`,
  ].filter((reason) => reason !== false);
  if (reasons.length === 0) return;
  const names = tripped.map(({ check }) => check).join(', ');
  yield {
    id: 'disturbed',
    severity: 'warning',
    text: `What may be behind ${names}: ${reasons.join('; ')}.`,
    evidence: {
      steal,
      throttledCount: throttled.count,
      throttledMs: msOf(throttled.totalUs),
      longestGcMs: msOf(pauseUs),
    },
  };
}
