import { Pacer } from '../../lib/load/pacer.js';
import { RunClock } from '../../lib/load/run-clock.js';
import { runTimeline } from '../../lib/load/run-timeline.js';
import { scenarioMeans } from '../../lib/load/scenario.js';
import { Shard, type ShardBounds } from '../../lib/load/shard.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import { shardRefs } from '../../lib/plan/split.js';

/** Every shard of the plan on this thread, from its own start instant to its end. */
export async function runShards(
  frozen: FrozenPlan,
  during: (shards: readonly Shard[], clock: RunClock) => void = () => {},
  bounds?: ShardBounds,
): Promise<readonly Shard[]> {
  const clock = new RunClock();
  const pacer = new Pacer('spin', clock);
  const means = await scenarioMeans(frozen.plan, null);
  const shards = shardRefs(frozen, 0).map(
    (ref) =>
      new Shard({
        frozen,
        ref,
        timeline: runTimeline(frozen),
        clock,
        pacer,
        means,
        bounds,
        env: {},
        userAgent: 'test',
      }),
  );
  await Promise.all(shards.map((shard) => shard.arm()));
  clock.startAt(clock.wallMs());
  const running = shards.map((shard) => shard.run());
  during(shards, clock);
  await Promise.all(running);
  return shards;
}
