/** Light in glass is a third slower than in the void. */
const LIGHT_KM_PER_MS = 200;

/** Cables follow coasts, roads and contracts: they are about this much longer than the great circle. */
const ROUTE_FACTOR = 1.5;

/** What no distance explains: the way to the nearest exchange and back, and everything that switches. */
const LAST_MILE_US = 2_000;

/**
 * A model, not a measurement: the round trip over fibre between two places so far apart, µs. It
 * grows with distance and is never shorter than light allows.
 */
export function fibreRoundTripUs(distanceKm: number): number {
  return Math.round(LAST_MILE_US + (2000 * distanceKm * ROUTE_FACTOR) / LIGHT_KM_PER_MS);
}
