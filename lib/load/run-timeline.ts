import { type TimelineSpec, timelineOf } from '../measure/timeline.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';

/** Room for what ends after the grace: a last sweep, a late timer. */
const SPARE_US = 10_000_000;

const SHORT_RUN_US = 15 * 60_000_000;
const SHORT_FLUSH_US = 5_000_000;
const LONG_FLUSH_US = 30_000_000;

/** How this run's time is cut: the same for every shard, and for the report. */
export function runTimeline(frozen: FrozenPlan): TimelineSpec {
  const { legs, stages, graceUs } = frozen;
  const legUs = legs.length > 1 ? legs[0]!.endUs : undefined;
  return timelineOf(stages, graceUs + SPARE_US, legUs);
}

/** How often a worker tells what it measured. */
export function fragmentEveryUs({ durationUs }: FrozenPlan): number {
  return durationUs <= SHORT_RUN_US ? SHORT_FLUSH_US : LONG_FLUSH_US;
}
