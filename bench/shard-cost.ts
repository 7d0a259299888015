import { Pacer } from '../lib/load/pacer.js';
import { RunClock } from '../lib/load/run-clock.js';
import { runTimeline } from '../lib/load/run-timeline.js';
import { scenarioMeans } from '../lib/load/scenario.js';
import { Shard } from '../lib/load/shard.js';
import { encodeFragment } from '../lib/measure/fragment.js';
import { freezePlan } from '../lib/plan/freeze.js';
import type { Plan } from '../lib/plan/plan.js';

/** What a client did while it was measured. */
export interface Cost {
  readonly requests: number;
  readonly cpuUs: number;
}

/** What this plan costs the process that makes its load; it must last longer than both times. */
export async function shardCost(plan: Plan, warmMs: number, measureMs: number): Promise<Cost> {
  const frozen = freezePlan(plan, {
    run: 'bench',
    label: null,
    createdAtMs: 0,
    seed: 1,
    where: 'local',
    workers: null,
    legUs: null,
    allowUndecided: true,
  });
  const clock = new RunClock();
  const shard = new Shard({
    frozen,
    ref: { run: 'bench', region: 'local', leg: 0, n: 0, attempt: 1 },
    timeline: runTimeline(frozen),
    clock,
    pacer: new Pacer('timer', clock),
    env: {},
    userAgent: 'isochrone',
    means: await scenarioMeans(plan, null),
  });
  await shard.arm();
  clock.startAt(clock.wallMs());
  const running = shard.run();
  // Fragments are cut and encoded as in a run, five times as often.
  const cutting = setInterval(() => encodeFragment(shard.flush(false)), 1_000);
  await pause(warmMs);
  const before = { ...shard.recorder.totals(), cpu: process.cpuUsage() };
  await pause(measureMs);
  const spent = process.cpuUsage(before.cpu);
  const { ok, failed } = shard.recorder.totals();
  clearInterval(cutting);
  shard.stop();
  await running;
  if (failed > 0) throw new Error(`${failed} requests failed: nothing is learnt from that`);
  return { requests: ok - before.ok, cpuUs: spent.user + spent.system };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
