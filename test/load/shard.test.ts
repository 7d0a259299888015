import { afterEach, describe, expect, it } from 'vitest';
import { startTarget, type Target } from '../../bench/target-server.js';
import { runTimeline } from '../../lib/load/run-timeline.js';
import type { Shard } from '../../lib/load/shard.js';
import { COUNTERS } from '../../lib/measure/counters.js';
import type { FragmentContent } from '../../lib/measure/fragment-content.js';
import { Timeline } from '../../lib/measure/timeline.js';
import { forecast } from '../../lib/plan/forecast.js';
import type { Load } from '../../lib/plan/plan.js';
import { constantRate, frozenFor, planFor, requestOf } from '../support/load-plans.js';
import { type RemoteTarget, remoteTarget } from '../support/remote-target.js';
import { runShards } from '../support/shard-run.js';

const targets: (Target | RemoteTarget)[] = [];
afterEach(async () => {
  for (const target of targets.splice(0)) await target.close();
});

async function target(character: Parameters<typeof startTarget>[0] = {}): Promise<Target> {
  const made = await startTarget(character);
  targets.push(made);
  return made;
}

/** Its stalls must not stop us: in a process of its own. */
async function stalling(everyMs: number, forMs: number): Promise<RemoteTarget> {
  const made = await remoteTarget({ stall: { everyMs, forMs } });
  targets.push(made);
  return made;
}

function users(from: number, to: number, seconds: number): Load {
  return {
    kind: 'closed',
    pace: { kind: 'none' },
    stages: [
      { name: null, warmup: false, durationUs: seconds * 1e6, fromUsers: from, toUsers: to },
    ],
  };
}

const AT = Object.fromEntries(COUNTERS.map((name, index) => [name, index]));

function balance(content: FragmentContent): void {
  for (const { values } of content.rows) {
    const of = (name: string) => values[AT[name]!]!;
    // A window may hold ends of requests that were scheduled in another.
    const ended = of('ok') + of('failed') + of('cutDeadline') + of('cutStop');
    expect(of('scheduled')).toBe(ended + of('droppedGenerator') + of('droppedTarget'));
  }
}

describe('the open model', () => {
  it('sends each scheduled request once, in the stage and to the request that the plan says', async () => {
    const server = await target();
    const load: Load = {
      kind: 'open',
      stages: [
        { name: null, warmup: true, durationUs: 300_000, fromRate: 100, toRate: 100 },
        { name: 'ramp', warmup: false, durationUs: 500_000, fromRate: 0, toRate: 400 },
        { name: 'hold', warmup: false, durationUs: 500_000, fromRate: 400, toRate: 400 },
      ],
    };
    const plan = planFor(server.url, load, {
      requests: [requestOf('GET /a', { weight: 3 }), requestOf('POST /b')],
    });
    const frozen = frozenFor(plan, { workers: 3 });
    const shards = await runShards(frozen);
    const planned = forecast(frozen).starts![0]!;
    const seen = frozen.stages.map(() => [0, 0]);
    const timeline = new Timeline(runTimeline(frozen));
    for (const shard of shards) {
      const content = shard.flush(true);
      balance(content);
      for (const { window, request, values } of content.rows) {
        const stage = timeline.stageOfWindow[window]!;
        if (stage >= 0) seen[stage]![request]! += values[AT.ok!]!;
      }
    }
    expect(seen).toEqual(planned);
    expect(server.count()).toBe(planned.flat().reduce((a, b) => a + b));
  });

  it('keeps scheduled instants through a stall: what waited has its wait in its latency', async () => {
    const server = await stalling(300, 150);
    const plan = planFor(server.url, constantRate(200, 1), {
      http: { ...planFor('', users(1, 1, 1)).http, connections: 2 },
    });
    const [shard] = await runShards(frozenFor(plan));
    const { histograms } = shard!.flush(true);
    const of = (metric: string) =>
      histograms.find((entry) => entry.metric === metric && entry.span === 'block')!.histogram;
    expect(of('latency').count).toBe(200);
    // Two connections can hold two requests: the others' service is short, their latency is not.
    expect(of('latency').percentileUs(9000)).toBeGreaterThan(5 * of('service').percentileUs(9000));
  });

  it('cuts and drops what a slow target left, to the unit, and blames the target', async () => {
    const server = await target({ perSecond: 50 });
    const plan = planFor(server.url, constantRate(400, 1), {
      requests: [requestOf('GET /', { timeoutUs: 400_000 })],
      http: { ...planFor('', users(1, 1, 1)).http, connections: 4 },
    });
    const [shard] = await runShards(frozenFor(plan));
    const totals = shard!.recorder.totals();
    balance(shard!.flush(true));
    expect(totals.scheduled).toBe(400);
    expect(totals.droppedTarget).toBeGreaterThan(100);
    expect(totals.droppedGenerator).toBe(0);
    expect(server.count()).toBeGreaterThanOrEqual(totals.answered);
    expect(server.count()).toBeLessThanOrEqual(totals.sent + totals.resent);
  });

  it('stops at once, and owns up to what was due', async () => {
    const server = await target({ delayMs: 100 });
    const frozen = frozenFor(planFor(server.url, constantRate(300, 5)), { workers: 2 });
    const shards = await runShards(frozen, (running) => {
      setTimeout(() => {
        for (const shard of running) shard.stop();
      }, 600);
    });
    for (const shard of shards) {
      balance(shard.flush(true));
      const totals = shard.recorder.totals();
      expect(totals.cutStop).toBeGreaterThan(0);
      expect(shard.stoppedAtUs).toBeGreaterThan(590_000);
      expect(totals.scheduled).toBeLessThan(450);
    }
    // What was written before is still on its way to the server.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const heard = server.count();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.count()).toBe(heard);
  });
});

describe('the closed model', () => {
  it('makes exactly the amount, with never more at once than there are users', async () => {
    const server = await target({ delayMs: 2 });
    const load: Load = {
      kind: 'amount',
      name: null,
      requests: 1_000,
      users: 100,
      capUs: 60e6,
      pace: { kind: 'none' },
    };
    const shards = await runShards(frozenFor(planFor(server.url, load), { workers: 3 }));
    expect(server.count()).toBe(1_000);
    expect(server.most()).toBeLessThanOrEqual(100);
    const sum = (of: (shard: Shard) => number) => shards.reduce((a, shard) => a + of(shard), 0);
    expect(sum((shard) => shard.recorder.totals().ok)).toBe(1_000);
    expect(sum((shard) => shard.facts().connections.peak)).toBe(100);
  });

  it('counts what an amount did not come to against the target', async () => {
    const server = await target({ delayMs: 100 });
    const load: Load = {
      kind: 'amount',
      name: null,
      requests: 100,
      users: 2,
      capUs: 500_000,
      pace: { kind: 'none' },
    };
    const [shard] = await runShards(frozenFor(planFor(server.url, load)));
    const totals = shard!.recorder.totals();
    balance(shard!.flush(true));
    expect(totals.scheduled).toBe(100);
    expect(totals.ok).toBe(server.count());
    expect(totals.droppedTarget).toBe(100 - totals.ok);
  });

  it('has one connection a user: they follow the ramp up and down', async () => {
    const server = await target({ delayMs: 5 });
    const load: Load = {
      kind: 'closed',
      pace: { kind: 'none' },
      stages: [
        { name: null, warmup: false, durationUs: 1e6, fromUsers: 0, toUsers: 20 },
        { name: null, warmup: false, durationUs: 1e6, fromUsers: 20, toUsers: 0 },
      ],
    };
    const seen: [number, number][] = [];
    await runShards(frozenFor(planFor(server.url, load)), (_shards, clock) => {
      const looking = setInterval(() => {
        const nowUs = clock.nowUs();
        if (nowUs > 1_900_000) clearInterval(looking);
        seen.push([nowUs, server.connections()]);
      }, 100);
    });
    expect(seen.length).toBeGreaterThan(10);
    for (const [atUs, open] of seen) {
      const asked = atUs < 1e6 ? (atUs / 1e6) * 20 : 40 - (atUs / 1e6) * 20;
      expect(Math.abs(open - asked)).toBeLessThanOrEqual(3);
    }
  });

  it('thinks between an answer and the next request', async () => {
    const server = await target();
    const load: Load = {
      ...users(4, 4, 1),
      pace: { kind: 'think', minUs: 9e4, maxUs: 11e4 },
    } as Load;
    await runShards(frozenFor(planFor(server.url, load)));
    expect(server.count()).toBeGreaterThanOrEqual(4 * 8);
    expect(server.count()).toBeLessThanOrEqual(4 * 12);
  });

  it('keeps the schedule of `every` through a stall, and counts latency from it', async () => {
    const server = await stalling(500, 350);
    const load: Load = { ...users(3, 3, 1.2), pace: { kind: 'every', everyUs: 100_000 } } as Load;
    const [shard] = await runShards(frozenFor(planFor(server.url, load)));
    const totals = shard!.recorder.totals();
    expect(totals).toMatchObject({ scheduled: 3 * 12, ok: 3 * 12 });
    const content = shard!.flush(true);
    const histogram = (metric: string) =>
      content.histograms.find((entry) => entry.metric === metric && entry.span === 'block')!;
    // Three iterations of each user fell due within the stall; the user was busy, nobody was late.
    expect(histogram('latency').histogram.countAbove(150_000)).toBeGreaterThanOrEqual(6);
    const blocked = content.histograms.find((entry) => entry.metric === 'blocked')!.histogram;
    expect(blocked.countAbove(100_000)).toBeGreaterThanOrEqual(3);
  });

  it('goes on when every connect is refused, and fails each iteration', async () => {
    const server = await target();
    await server.close();
    const load: Load = {
      ...users(2, 2, 0.3),
      pace: { kind: 'think', minUs: 1e4, maxUs: 1e4 },
    } as Load;
    const [shard] = await runShards(frozenFor(planFor(server.url, load)));
    const totals = shard!.recorder.totals();
    balance(shard!.flush(true));
    expect(totals.failed).toBeGreaterThan(10);
    expect(totals.failed).toBe(totals.unsent);
  });
});
