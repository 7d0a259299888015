import { greatCircleKm } from '../regions/great-circle.js';
import { coordinatesOf } from '../regions/place.js';
import type { Evidence } from './evidence.js';

/** Something nearer than the target that ends a region's connections to one address. */
export interface EdgeFound {
  readonly region: string;
  readonly address: string;
  readonly name: string;
  /** The header that gave it away, or `round trip`. */
  readonly sign: string;
}

/** Places are known to within about a hundred kilometres, and there are two of them. */
const UNSURE_KM = 200;
const LIGHT_KM_PER_US = 0.299792458;

/** Light itself takes longer, there and back over such a distance: no target that far answered. */
export function soonerThanLight(roundTripUs: number, kilometres: number): boolean {
  return roundTripUs < (2 * (kilometres - UNSURE_KM)) / LIGHT_KM_PER_US;
}

/** By the headers of answers, else by a round trip that no signal to the target could have made. */
export function edges(evidence: Evidence): EdgeFound[] {
  const { measured, record, schedule } = evidence;
  return schedule.regions.flatMap((region) => {
    const kilometres = kilometresTo(evidence, region);
    const signs = record.shards.flatMap(({ region: of, manifest }) =>
      of === region ? (manifest?.edges ?? []) : [],
    );
    const addresses = measured.content(region)?.addresses ?? [];
    return addresses.flatMap((address, subject): EdgeFound[] => {
      const told = signs.find((sign) => sign.address === address);
      if (told) return [{ region, ...told }];
      const seen = measured.histogram('roundTrip', [region], [subject], schedule.stages);
      if (kilometres === null || seen.count === 0) return [];
      return soonerThanLight(seen.minUs, kilometres)
        ? [{ region, address, name: 'something nearer than the target', sign: 'round trip' }]
        : [];
    });
  });
}

/** null: not known, or not really so far. */
function kilometresTo({ record: { frozen } }: Evidence, name: string): number | null {
  const region = frozen.regions.find((one) => one.name === name);
  const { targetAt } = frozen.plan;
  if (!region || region.emulated || targetAt === undefined) return null;
  const here = coordinatesOf(name);
  const there = coordinatesOf(targetAt);
  return here && there ? greatCircleKm(here, there) : null;
}
