import type { FrozenPlan } from './frozen-plan.js';
import { PoissonArrivals } from './poisson.js';
import { type Arrivals, Profile } from './profile.js';

const profiles = new WeakMap<FrozenPlan, Profile>();
const schedules = new WeakMap<FrozenPlan, Arrivals>();

/** The asked rates of an open plan; the same object for all shards of a thread. */
export function profileOf(frozen: FrozenPlan): Profile {
  let profile = profiles.get(frozen);
  if (!profile) {
    const { load } = frozen.plan;
    if (load.kind !== 'open') throw new Error('only an open model has arrivals');
    profile = new Profile(load.stages);
    profiles.set(frozen, profile);
  }
  return profile;
}

/** All arrivals of an open plan; the same object for all shards of a thread. */
export function arrivalsOf(frozen: FrozenPlan): Arrivals {
  let arrivals = schedules.get(frozen);
  if (!arrivals) {
    const { arrivalsPerSecond, seed } = frozen;
    const profile = profileOf(frozen);
    arrivals = arrivalsPerSecond ? new PoissonArrivals(profile, seed, arrivalsPerSecond) : profile;
    schedules.set(frozen, arrivals);
  }
  return arrivals;
}
