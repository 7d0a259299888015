import { dealOf } from './deal.js';
import type { FrozenPlan, ShardRef } from './frozen-plan.js';
import type { Load, UserStage } from './plan.js';

/** One stay of a user within a leg: [comesUs, leavesUs), µs from the run's start. */
export interface UserSession {
  /** Counted over the whole run, from 0. */
  readonly user: number;
  readonly comesUs: number;
  readonly leavesUs: number;
}

/**
 * A shard's sessions in its leg, in the order in which they begin. A leg ends every session. With
 * `every`, a user goes on in the next leg where its own schedule has its next start, so that the
 * starts of all legs together are those of a run in one leg.
 */
export function userSessions(frozen: FrozenPlan, ref: ShardRef): readonly UserSession[] {
  const leg = frozen.legs[ref.leg]!;
  const { load } = frozen.plan;
  const pace = load.kind === 'open' ? null : load.pace;
  const sessions: UserSession[] = [];
  for (const stay of stays(frozen, ref)) {
    let comesUs = Math.max(stay.comesUs, leg.startUs);
    if (pace?.kind === 'every') {
      comesUs = stay.comesUs + starts(stay.comesUs, comesUs, pace.everyUs) * pace.everyUs;
    }
    const leavesUs = Math.min(stay.leavesUs, leg.endUs);
    if (comesUs < leavesUs) sessions.push({ user: stay.user, comesUs, leavesUs });
  }
  return sessions.sort((a, b) => a.comesUs - b.comesUs || a.user - b.user);
}

/** With `every`: how many iterations the schedules of a shard's users hold before an instant. */
export function startsBefore(frozen: FrozenPlan, ref: ShardRef, tUs: number): number {
  const { load } = frozen.plan;
  if (load.kind === 'open' || load.pace.kind !== 'every') {
    throw new Error('only users with `every` have a schedule');
  }
  const { everyUs } = load.pace;
  return stays(frozen, ref).reduce(
    (sum, { comesUs, leavesUs }) => sum + starts(comesUs, Math.min(tUs, leavesUs), everyUs),
    0,
  );
}

/** The most users that are there at once. */
export function peakUsers(load: Load): number {
  if (load.kind === 'open') return 0;
  if (load.kind === 'amount') return load.users;
  return load.stages.reduce((peak, stage) => Math.max(peak, stage.fromUsers, stage.toUsers), 0);
}

/** How many of comesUs, comesUs + everyUs, … are before an instant. */
function starts(comesUs: number, tUs: number, everyUs: number): number {
  return Math.max(0, Math.ceil((tUs - comesUs) / everyUs));
}

/** The stays of a shard's users in the whole run. */
function stays(frozen: FrozenPlan, ref: ShardRef): readonly UserSession[] {
  const { load } = frozen.plan;
  if (load.kind === 'open') throw new Error('an open model has no users');
  const deal = dealOf(frozen, ref);
  const users = Array.from({ length: deal.countBefore(peakUsers(load)) }, (_, i) => deal.nth(i));
  if (load.kind === 'amount') {
    return users.map((user) => ({ user, comesUs: 0, leavesUs: load.capUs }));
  }
  return users.flatMap((user) => staysOf(user, load.stages));
}

/**
 * User u is there while users(t), the ramp rounded down, exceeds u: while the ramp is at u + 1 or
 * above. So the last come leave first, and a user may come several times.
 */
function staysOf(user: number, stages: readonly UserStage[]): readonly UserSession[] {
  const found: UserSession[] = [];
  let startUs = 0;
  for (const stage of stages) {
    const within = presence(stage, user + 1);
    if (within) {
      const comesUs = startUs + within.fromUs;
      const leavesUs = startUs + within.toUs;
      const last = found.at(-1);
      if (last?.leavesUs === comesUs) found[found.length - 1] = { ...last, leavesUs };
      else found.push({ user, comesUs, leavesUs });
    }
    startUs += stage.durationUs;
  }
  return found;
}

/** When, within a stage, the ramp is at `level` or above. */
function presence(
  { fromUsers, toUsers, durationUs }: UserStage,
  level: number,
): { readonly fromUs: number; readonly toUs: number } | null {
  const fromStart = fromUsers >= level;
  const toEnd = toUsers >= level;
  if (fromStart && toEnd) return { fromUs: 0, toUs: durationUs };
  if (!fromStart && !toEnd) return null;
  const crossingUs = Math.floor(((level - fromUsers) * durationUs) / (toUsers - fromUsers));
  const fromUs = fromStart ? 0 : crossingUs;
  const toUs = toEnd ? durationUs : crossingUs;
  // Its own level may be reached for a single instant only.
  return fromUs < toUs ? { fromUs, toUs } : null;
}
