import { afterEach, describe, expect, it } from 'vitest';
import { startTarget, type Target } from '../../bench/target-server.js';
import { LoadGuard } from '../../lib/load/load-guard.js';
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

describe('users that are held to a number of starts a second', () => {
  it('never start more, and say how many were held back', async () => {
    const server = await startTarget();
    targets.push(server);
    const load: Load = {
      kind: 'closed',
      pace: { kind: 'none' },
      stages: [{ name: null, warmup: false, durationUs: 2_000_000, fromUsers: 20, toUsers: 20 }],
    };
    const plan = planFor(server.url, load);
    const frozen = frozenFor({ ...plan, http: { ...plan.http, probe: false } });
    const clock = new RunClock();
    const guard = new LoadGuard({
      allowedHosts: ['127.0.0.1'],
      allowedNetworks: ['127.0.0.0/8'],
      run: 'held',
    });
    const shard = new Shard({
      frozen,
      ref: shardRefs(frozen, 0)[0]!,
      timeline: runTimeline(frozen),
      clock,
      pacer: new Pacer('timer', clock),
      env: {},
      userAgent: 'test',
      bounds: { guard, maxRate: 50, secrets: {} },
    });
    await shard.arm();
    clock.startAt(clock.wallMs());
    await shard.run();
    const { ok, scheduled } = shard.recorder.totals();
    // Without it there would be thousands.
    expect(ok).toBeGreaterThan(50);
    expect(ok).toBeLessThanOrEqual(100);
    expect(scheduled).toBe(ok);
    expect(shard.facts().held).toBeGreaterThanOrEqual(20);
    expect(server.count()).toBe(ok);
    shard.close();
  });
});
