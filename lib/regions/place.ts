import { AWS_REGIONS } from './aws-regions.js';
import { CITIES, type Coordinates } from './cities.js';

/** Every name of a place: regions of AWS, then cities. */
export const PLACES: readonly string[] = [...Object.keys(AWS_REGIONS), ...Object.keys(CITIES)];

/** Where a region of AWS or a city is, approximately; null for a name that is neither. */
export function coordinatesOf(place: string): Coordinates | null {
  const city = Object.hasOwn(AWS_REGIONS, place) ? AWS_REGIONS[place]! : place;
  return Object.hasOwn(CITIES, city) ? CITIES[city]! : null;
}

/** The city that stands for a region of AWS, as people write it: `Sao Paulo`; null for others. */
export function cityOf(region: string): string | null {
  if (!Object.hasOwn(AWS_REGIONS, region)) return null;
  const words = AWS_REGIONS[region]!.split('-');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}
