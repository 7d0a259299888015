import { UsageError } from '../errors.js';
import { arrivalsOf } from './arrivals.js';
import { emulatedDistance, NOTHING_TO_EMULATE, THIS_MACHINE } from './emulation.js';
import {
  type EmulatedDistance,
  type FrozenPlan,
  type FrozenRegion,
  type Leg,
  PROTOCOL,
} from './frozen-plan.js';
import type { OpenLoad, Plan, PlanRegion } from './plan.js';
import { drawArrivals } from './poisson.js';
import { Profile } from './profile.js';
import { peakUsers } from './sessions.js';
import { fewestForAll, shardCount } from './split.js';
import { stageSpans } from './stages.js';
import { longestPausesUs } from './starts.js';
import { Stripe } from './stripe.js';

/** What one worker is trusted with where nobody says how many there shall be. */
const MOST_STARTS_PER_SECOND = 1_000;
const MOST_USERS = 500;

const LONGEST_GRACE_US = 120_000_000;
const LONGEST_RUN_ID = 60;

export interface FreezeOptions {
  readonly run: string;
  readonly label: string | null;
  readonly createdAtMs: number;
  /** Unsigned 32-bit. */
  readonly seed: number;
  readonly where: FrozenPlan['where'];
  /** For every region that the plan gives no number; null: the fewest that can carry its share. */
  readonly workers?: number | null;
  /** Starts/s that one worker is allowed, where that is fewer than it could make. */
  readonly workerRate?: number;
  /** The longest that a leg may be; null: the run is one leg. */
  readonly legUs?: number | null;
  readonly allowUndecided: boolean;
  readonly accepted?: readonly string[];
}

/** Decides everything that is to be decided before the first request. Takes no clock. */
export function freezePlan(plan: Plan, options: FreezeOptions): FrozenPlan {
  const { run, label, createdAtMs, where, allowUndecided } = options;
  const seed = options.seed >>> 0;
  const stages = stageSpans(plan.load);
  const durationUs = stages.at(-1)?.endUs ?? 0;
  const frozen: FrozenPlan = {
    schema: 'isochrone.plan/1',
    protocol: PROTOCOL,
    run,
    label,
    createdAtMs,
    seed,
    where,
    plan,
    stages,
    durationUs,
    graceUs: Math.min(LONGEST_GRACE_US, wantedGraceUs(plan)),
    arrivalsPerSecond: arrivalsPerSecond(plan, seed),
    legs: legsOf(durationUs, options.legUs ?? durationUs),
    regions: regionsOf(plan, options),
    allowUndecided,
    accepted: options.accepted ?? [],
  };
  refuseWhatNobodyCanDo(frozen);
  return frozen;
}

/** `20260121-141503-checkout-7f3a`: sorts by time, `[a-z0-9-]`, at most 60 characters. */
export function newRunId(name: string, nowMs: number, randomHex: string): string {
  const at = new Date(nowMs).toISOString().replace(/[-:]/g, '').slice(0, 15).replace('T', '-');
  const room = LONGEST_RUN_ID - at.length - randomHex.length - 2;
  const plain = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, room)
    .replace(/^-|-$/g, '');
  return [at, plain, randomHex.toLowerCase()].filter((part) => part !== '').join('-');
}

/** The longest timeout of any request, and the longest pauses of a flow. */
function wantedGraceUs({ requests, flows = [] }: Plan): number {
  return (
    Math.max(...requests.map(({ timeoutUs }) => timeoutUs)) +
    Math.max(0, ...flows.map(longestPausesUs))
  );
}

function arrivalsPerSecond({ load, arrivals }: Plan, seed: number): readonly number[] | null {
  if (load.kind !== 'open') return null;
  const profile = new Profile(load.stages);
  const perSecond = arrivals === 'poisson' ? drawArrivals(profile, seed) : null;
  if (perSecond ? perSecond.every((count) => count === 0) : profile.count === 0) {
    throw new UsageError(
      `the load schedules no request at all in ${profile.durationUs / 1e6} s; raise its rate or let it run longer`,
    );
  }
  return perSecond;
}

function legsOf(durationUs: number, legUs: number): readonly Leg[] {
  return Array.from({ length: Math.ceil(durationUs / legUs) }, (_, index) => ({
    index,
    startUs: index * legUs,
    endUs: Math.min(durationUs, (index + 1) * legUs),
  }));
}

function regionsOf(
  plan: Plan,
  { workers = null, workerRate = MOST_STARTS_PER_SECOND, where }: FreezeOptions,
): readonly FrozenRegion[] {
  const mostStarts = Math.min(workerRate, MOST_STARTS_PER_SECOND);
  const { load, regions } = plan;
  const stripe = new Stripe(regions.map(({ share }) => share));
  const shares = regions.reduce((sum, { share }) => sum + share, 0);
  if (where === 'emulated' && regions.every(({ name }) => name === THIS_MACHINE)) {
    throw new UsageError(`${NOTHING_TO_EMULATE.message}\n${NOTHING_TO_EMULATE.help}`);
  }
  return regions.map((region, index) => {
    const { name, share, workers: planned } = region;
    const asked = planned ?? workers;
    if (asked !== null && (!Number.isSafeInteger(asked) || asked < 1)) {
      throw new UsageError(`${asked} workers in ${name}: it must be a whole number from 1`);
    }
    const users = stripe.countBefore(peakUsers(load), index);
    const starts = load.kind === 'open' ? (peakRate(load) * share) / shares : 0;
    const needed = Math.ceil(Math.max(1, users / MOST_USERS, starts / mostStarts));
    const emulated = where === 'emulated' ? distanceOf(region, plan.targetAt) : null;
    return { name, share, workers: asked ?? needed, emulated };
  });
}

function distanceOf(region: PlanRegion, targetAt: string | undefined): EmulatedDistance | null {
  if (region.name === THIS_MACHINE) return null;
  const found = emulatedDistance(region, targetAt);
  if ('unknown' in found) throw new UsageError(`${found.message}\n${found.help}`);
  return found;
}

function peakRate({ stages }: OpenLoad): number {
  return Math.max(...stages.flatMap(({ fromRate, toRate }) => [fromRate, toRate]));
}

function refuseWhatNobodyCanDo(frozen: FrozenPlan): void {
  const { load, http } = frozen.plan;
  if (frozen.durationUs === 0) throw new UsageError('the load lasts no time at all');
  if (load.kind === 'amount' && frozen.legs.length > 1) {
    const legSeconds = frozen.legs[0]!.endUs / 1e6;
    throw new UsageError(
      `a fixed amount of requests must fit one leg: \`for: ${load.capUs / 1e6}s\` is longer than ${legSeconds} s`,
    );
  }
  if (load.kind === 'closed' && frozen.legs.length > 1 && frozen.where === 'aws' && !load.relog) {
    const legSeconds = frozen.legs[0]!.endUs / 1e6;
    throw new UsageError(
      `a worker on AWS lives for one leg of ${legSeconds} s, and a leg ends every session: let the load last ${legSeconds} s at most, or write \`relog: true\` beside \`load\`, and users begin anew in each leg`,
    );
  }
  if (frozen.legs.length > 1 && wantedGraceUs(frozen.plan) > LONGEST_GRACE_US) {
    throw new UsageError(
      `a worker waits ${LONGEST_GRACE_US / 1e6} s at most for what it began, and the longest timeout and the longest pauses of a flow add up to ${wantedGraceUs(frozen.plan) / 1e6} s: in a run of more than one leg, shorten them`,
    );
  }
  const shards = shardCount(frozen);
  const workers = `${shards} ${shards === 1 ? 'worker' : 'workers'}`;
  if (http.connections !== 'auto' && http.connections < shards) {
    throw new UsageError(
      `connections: ${http.connections} cannot be split over ${workers}; allow ${shards} or more, or use fewer workers`,
    );
  }
  const fewest = fewestForAll(frozen);
  for (const { count, noun } of dealt(frozen)) {
    if (count >= fewest) continue;
    throw new UsageError(
      `${count} ${noun}${count === 1 ? '' : 's'} over ${workers} by their shares leave some without any; ${fewest} are the fewest that reach all (or use fewer workers)`,
    );
  }
}

/** What is dealt to the shards; one that gets none of it would measure nothing. */
function dealt(frozen: FrozenPlan): readonly { readonly count: number; readonly noun: string }[] {
  const { load } = frozen.plan;
  if (load.kind === 'open') return [{ count: arrivalsOf(frozen).count, noun: 'request' }];
  const users = { count: peakUsers(load), noun: 'user' };
  return load.kind === 'closed' ? [users] : [users, { count: load.requests, noun: 'request' }];
}
