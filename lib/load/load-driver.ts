import type { Timeline } from '../measure/timeline.js';
import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import type { Plan } from '../plan/plan.js';
import { requestShare } from '../plan/split.js';
import { ClosedLoad } from './closed-load.js';
import type { Driver } from './driver.js';
import { OpenLoad } from './open-load.js';
import type { Pacer } from './pacer.js';
import type { Pool } from './pool.js';
import type { RunClock } from './run-clock.js';
import { openSchedule } from './schedule.js';
import type { StartCeiling } from './start-ceiling.js';
import type { Starter } from './starter.js';
import { userSchedule } from './users.js';

interface DriverSetting {
  readonly frozen: FrozenPlan;
  readonly ref: ShardRef;
  readonly timeline: Timeline;
  readonly clock: RunClock;
  readonly pacer: Pacer;
  readonly pool: Pool;
  readonly starter: Starter;
  /** null: nobody sets one. */
  readonly ceiling: StartCeiling | null;
}

/** What makes a shard's part of the plan's load. */
export function driverOf(setting: DriverSetting): Driver {
  const { frozen, ref, timeline, clock, pacer, pool, starter, ceiling } = setting;
  const { load, http } = frozen.plan;
  if (load.kind === 'open') {
    return new OpenLoad(openSchedule(frozen, ref), timeline, clock, starter);
  }
  const options = {
    pace: load.pace,
    amount: requestShare(frozen, ref),
    ownConnections: http.connections === 'auto',
    ceiling,
  };
  const schedule = userSchedule(frozen, ref);
  return new ClosedLoad(options, schedule, timeline, clock, pool, starter, pacer);
}

/**
 * How long users think, where the estimate of what they held back can be made: not where a schedule
 * sets the pace, and not where a flow's requests are no iterations.
 */
export function meanThinkUs({ load, flows }: Plan): number | null {
  if (load.kind === 'open' || load.pace.kind === 'every' || flows) return null;
  return load.pace.kind === 'think' ? (load.pace.minUs + load.pace.maxUs) / 2 : 0;
}
