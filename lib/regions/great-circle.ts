import type { Coordinates } from './cities.js';

const EARTH_RADIUS_KM = 6371;

/** The shortest way over the earth, by the haversine formula: exact for near and far alike. */
export function greatCircleKm([latA, lonA]: Coordinates, [latB, lonB]: Coordinates): number {
  const h =
    halfChord(latB - latA) +
    Math.cos(radians(latA)) * Math.cos(radians(latB)) * halfChord(lonB - lonA);
  // Of opposite points rounding can give more than 1.
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, h)));
}

function halfChord(degrees: number): number {
  return Math.sin(radians(degrees) / 2) ** 2;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
