import { fibreRoundTripUs } from '../regions/fibre.js';
import { greatCircleKm } from '../regions/great-circle.js';
import { coordinatesOf, PLACES } from '../regions/place.js';
import { nearest } from './diagnostics.js';
import type { EmulatedDistance } from './frozen-plan.js';
import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import type { PlanRegion } from './plan.js';
import type { WrittenPlan } from './schema.js';

/** The region that this machine is; all others are other places. */
export const THIS_MACHINE = 'local';

export const NOTHING_TO_EMULATE = {
  message: 'there is no place whose distance could be emulated',
  help: 'name some: --from tokyo,eu-west-1, or in the plan from: [tokyo, eu-west-1]',
} as const;

/** Why a distance cannot be emulated: nobody knows the place, or where the target stands. */
export interface Unplaced {
  readonly unknown: 'region' | 'target';
  readonly message: string;
  readonly help: string;
}

/** How far away a region is made to seem. What the plan gives wins over what the map says. */
export function emulatedDistance(
  { name, emulation }: PlanRegion,
  targetAt: string | undefined,
): EmulatedDistance | Unplaced {
  const { rttUs = null, jitterUs = 0, loss = 0 } = emulation ?? {};
  if (rttUs !== null) return { roundTripUs: rttUs, jitterUs, loss };
  const here = coordinatesOf(name);
  if (here === null) return unknownRegion(name);
  if (targetAt === undefined) return UNKNOWN_TARGET;
  const there = coordinatesOf(targetAt);
  if (there === null) return unknownTarget(targetAt);
  return { roundTripUs: fibreRoundTripUs(greatCircleKm(here, there)), jitterUs, loss };
}

/** Where the plan, or `--at` over it, says that the target stands. */
export function readTargetAt(
  target: WrittenPlan['target'],
  flag: string | undefined,
  mistakes: Mistakes,
): string | undefined {
  const path: Path = flag === undefined ? ['target', 'at'] : ['at'];
  if (!mistakes.sound(path)) return undefined;
  const at = flag ?? (typeof target === 'object' ? target?.at : undefined);
  if (at === undefined || coordinatesOf(at) !== null) return at;
  const { message, help } = unknownTarget(at);
  mistakes.add(path, message, { help });
  return undefined;
}

/** Adds what stands in the way of emulating the plan's regions, each at its place. */
export function checkEmulation(
  from: WrittenPlan['from'],
  regions: readonly PlanRegion[],
  targetAt: string | undefined,
  mistakes: Mistakes,
): void {
  const distant = regions.filter(({ name }) => name !== THIS_MACHINE);
  if (distant.length === 0) {
    mistakes.add(['from'], NOTHING_TO_EMULATE.message, { help: NOTHING_TO_EMULATE.help });
  }
  for (const region of distant) {
    const found = emulatedDistance(region, targetAt);
    if (!('unknown' in found)) continue;
    if (found.unknown === 'region') {
      const listed = Array.isArray(from);
      const path = ['from', listed ? from.indexOf(region.name) : region.name];
      mistakes.add(path, found.message, { part: listed ? 'value' : 'key', help: found.help });
    } else if (mistakes.sound(['target']) && mistakes.sound(['at'])) {
      mistakes.add(['target'], found.message, { help: found.help });
    }
  }
}

function unknownRegion(name: string): Unplaced {
  const near = nearest(name, PLACES);
  return {
    unknown: 'region',
    message: `nobody knows where '${name}' is`,
    help: near
      ? `did you mean '${near}'?`
      : `known are AWS regions and large cities; any other needs its round trip: from: { ${name}: { rtt: 140ms } }`,
  };
}

function unknownTarget(at: string): Unplaced {
  const near = nearest(at, PLACES);
  return {
    unknown: 'target',
    message: `nobody knows where '${at}' is`,
    help: near ? `did you mean '${near}'?` : 'name an AWS region or a large city near it',
  };
}

const UNKNOWN_TARGET: Unplaced = {
  unknown: 'target',
  message: 'to emulate distances it must be known where the target stands',
  help: 'pass --at eu-central-1, or write target: { url: https://…, at: eu-central-1 }, or give each place its round trip: from: { tokyo: { rtt: 140ms } }',
};
