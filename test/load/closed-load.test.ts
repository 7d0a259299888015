import { afterEach, describe, expect, it } from 'vitest';
import { startTarget, type Target } from '../../bench/target-server.js';
import { Pacer } from '../../lib/load/pacer.js';
import { RunClock } from '../../lib/load/run-clock.js';
import { runTimeline } from '../../lib/load/run-timeline.js';
import { Shard } from '../../lib/load/shard.js';
import type { Load } from '../../lib/plan/plan.js';
import { shardRefs } from '../../lib/plan/split.js';
import { frozenFor, planFor } from '../support/load-plans.js';

const targets: Target[] = [];
afterEach(async () => {
  for (const target of targets.splice(0)) await target.close();
});

describe('a user that thinks', () => {
  it('keeps a connection of its own meanwhile: there are as many as users, up and down', async () => {
    const server = await startTarget();
    targets.push(server);
    const stage = (fromUsers: number, toUsers: number) => ({
      name: null,
      warmup: false,
      durationUs: 600_000,
      fromUsers,
      toUsers,
    });
    const load: Load = {
      kind: 'closed',
      // Answers come at once: hardly ever is more than one of them in flight.
      pace: { kind: 'think', minUs: 100_000, maxUs: 150_000 },
      stages: [stage(0, 30), stage(30, 0)],
    };
    const frozen = frozenFor(planFor(server.url, load));
    const clock = new RunClock();
    const shard = new Shard({
      frozen,
      ref: shardRefs(frozen, 0)[0]!,
      timeline: runTimeline(frozen),
      clock,
      pacer: new Pacer('timer', clock),
      env: {},
      userAgent: 'test',
    });
    await shard.arm();
    clock.startAt(clock.wallMs());
    const seen: { atUs: number; open: number }[] = [];
    const looking = setInterval(() => {
      seen.push({ atUs: clock.nowUs(), open: server.connections() });
    }, 50);
    await shard.run();
    clearInterval(looking);
    expect(seen.length).toBeGreaterThan(10);
    for (const { atUs, open } of seen) {
      const asked = Math.max(0, 30 - Math.abs(30 - (atUs / 600_000) * 30));
      expect(Math.abs(open - asked), `at ${atUs} µs`).toBeLessThanOrEqual(10);
    }
    expect(shard.facts().connections.peak).toBeLessThanOrEqual(30);
    expect(shard.recorder.totals().failed).toBe(0);
  });
});
