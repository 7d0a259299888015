import type { EmulatedDistance } from '../plan/frozen-plan.js';
import { hash, STREAM, uniform } from '../plan/random.js';

/** A lost SYN is sent again after a second (RFC 6298), a lost packet of an exchange far sooner. */
const LOST_CONNECT_US = 1_000_000;
const LEAST_LOST_EXCHANGE_US = 200_000;

/** Each shard draws on its own: two with one seed would lose the same packets. */
export function shardSeed(seed: number, region: number, leg: number, n: number): number {
  return hash(hash(seed, STREAM.emulation, region, leg), STREAM.emulation, n, 0);
}

/** How long the n-th connect of a shard waits, µs: a round trip, and a second more if it is lost. */
export function connectWaitUs({ roundTripUs, loss }: EmulatedDistance, seed: number, n: number) {
  const lost = uniform(seed, STREAM.connectLoss, n, 0) < loss;
  return lost ? roundTripUs + LOST_CONNECT_US : roundTripUs;
}

/** How long the n-th exchange of a shard waits, µs. */
export function exchangeWaitUs(distance: EmulatedDistance, seed: number, n: number): number {
  const { roundTripUs, jitterUs, loss } = distance;
  const laterUs = Math.floor(jitterUs * uniform(seed, STREAM.jitter, n, 0));
  const lost = uniform(seed, STREAM.exchangeLoss, n, 0) < loss;
  const againUs = lost ? Math.max(LEAST_LOST_EXCHANGE_US, 2 * roundTripUs) : 0;
  return roundTripUs + laterUs + againUs;
}
