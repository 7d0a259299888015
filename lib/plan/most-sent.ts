import type { Plan } from './plan.js';
import { requestCountsOf, startsOf } from './starts.js';

/** What a request can come to on the wire: itself, and every redirect that may be followed. */
export function mostSentFor({ requests, http }: Plan, request: number): number {
  return 1 + (requests[request]?.followRedirects ?? http.followRedirects ?? 0);
}

/**
 * What an iteration can come to where every step is reached and every redirect is followed that may
 * be: limits on load hold for what a target can make of it, not for what it usually does. What the
 * code of a flow sends nobody knows: it counts as one request here, and whoever carries it out holds
 * each of its requests to the limit.
 */
export function mostSentBy(plan: Plan): number {
  return Math.max(...sentByStart(plan).map(({ sent }) => sent));
}

/** The mean of that by the weights. */
export function mostSentEach(plan: Plan): number {
  const starts = sentByStart(plan);
  const sum = starts.reduce((total, { weight, sent }) => total + weight * sent, 0);
  return sum / starts.reduce((total, { weight }) => total + weight, 0);
}

function sentByStart(plan: Plan): { readonly weight: number; readonly sent: number }[] {
  return startsOf(plan).map(({ weight, subject }) => {
    let sent = 0;
    for (const [request, count] of requestCountsOf(plan, subject)) {
      sent += count * mostSentFor(plan, request);
    }
    return { weight, sent };
  });
}
