import { isDeepStrictEqual } from 'node:util';
import type { Control, LegControl } from './control.js';

/** What a worker that has read `before` would be betrayed by in `after`; null when nothing. */
export function backwardStep(before: Control, after: Control): string | null {
  if (before.stop !== null && !isDeepStrictEqual(before, after)) {
    return 'it changes a run that was told to stop';
  }
  if (before.startAtMs !== null && after.startAtMs !== before.startAtMs) {
    return `it moves the start instant from ${before.startAtMs} to ${after.startAtMs}`;
  }
  if (after.legs.length < before.legs.length) return 'it removes a leg';
  for (const [index, leg] of after.legs.entries()) {
    if (leg.state === 'go' && after.startAtMs === null) {
      return `it lets leg ${index} go without a start instant`;
    }
    const problem = legBackwardStep(before.legs[index], leg);
    if (problem !== null) return `it ${problem} of leg ${index}`;
  }
  return null;
}

function legBackwardStep(before: LegControl | undefined, after: LegControl): string | null {
  if (before === undefined) return null;
  if (before.state === 'go' && after.state !== 'go') return 'takes back the go';
  if (before.void.some((attempt) => !after.void.includes(attempt))) {
    return 'revives a void attempt';
  }
  if (before.state === 'go' && after.void.length > before.void.length) {
    return 'voids an attempt after the go';
  }
  return null;
}
