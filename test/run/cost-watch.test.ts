import { describe, expect, test } from 'vitest';
import type { CloudSite, FrozenPlan } from '../../lib/plan/frozen-plan.js';
import { CLOUD_TIMING } from '../../lib/run/cloud-timing.js';
import { estimateOf } from '../../lib/run/cost-estimate.js';
import { Meter } from '../../lib/run/meter.js';
import { orchestrate } from '../../lib/run/orchestrate.js';
import { PAUSE_MS } from '../../lib/run/timing.js';
import type { LiveCost, Progress } from '../../lib/store/progress.js';
import { cloudOf } from '../support/cloud-lead.js';
import { replayed } from '../support/replayed-journal.js';
import { SimulatedCloud } from '../support/simulated-cloud.js';

const SITE: CloudSite = {
  home: 'eu-west-1',
  workerMb: 1769,
  orchestratorMb: 1024,
  mergeMb: 3008,
  nat: false,
  contact: null,
  mostUsd: null,
};

interface Told {
  readonly atMs: number;
  readonly phase: Progress['phase'];
  readonly cost: LiveCost;
}

/** Leads a run of two regions by the clock of a simulated cloud, each slice by a new invocation. */
async function led(
  minutes: number,
  { costUsd, site = {} }: { costUsd?: number; site?: Partial<CloudSite> } = {},
) {
  const { frozen: plain } = cloudOf(minutes / 60, 2, {
    regions: ['eu-west-1', 'us-east-1'].map((name) => ({ name, share: 1, workers: 1 })),
    ...(costUsd !== undefined && { limits: { costUsd } }),
  });
  const frozen: FrozenPlan = { ...plain, site: { ...SITE, ...site } };
  const cloud = new SimulatedCloud(frozen);
  const told: Told[] = [];
  const { result: end } = await replayed(
    (journal) => {
      const before = { ...cloud.store.asked };
      const meter = new Meter({
        memoryMb: 1024,
        initMs: 0,
        nowMs: () => cloud.time.nowMs(),
        requests: () => ({
          puts: cloud.store.asked.writes - before.writes,
          gets: cloud.store.asked.reads - before.reads,
          lists: cloud.store.asked.lists - before.lists,
          bytesOut: 0,
          bytesIn: 0,
        }),
      });
      return orchestrate(cloud.files, {
        freeze: async () => ({ frozen, refusal: null }),
        invoker: cloud,
        merger: cloud,
        clock: cloud.clock,
        journal,
        timing: CLOUD_TIMING,
        meter,
        onProgress: ({ cost, toldAtMs: atMs, phase }) => {
          if (cost) told.push({ atMs, phase, cost });
        },
      });
    },
    async (invoke) => {
      await invoke();
      cloud.time.pass(PAUSE_MS);
    },
  );
  const { startAtMs } = (await cloud.files.control.read())!;
  return { frozen, end, told, startAtMs: startAtMs!, estimate: estimateOf(frozen, frozen.site!) };
}

describe('what a run has cost so far', () => {
  test.each([
    ['in one leg', 5],
    ['in four legs', 32],
  ])('grows to about what was estimated, %s', async (_, minutes) => {
    const { told, estimate, frozen } = await led(minutes);
    expect(frozen.legs.length > 1).toBe(minutes > 9);
    const spent = told.map(({ cost }) => cost.spentUsd);
    for (let i = 1; i < spent.length; i++) expect(spent[i]).toBeGreaterThanOrEqual(spent[i - 1]!);
    const last = told.at(-1)!.cost;
    const all = last.spentUsd + last.leftUsd;
    expect(all / estimate.usd!).toBeGreaterThan(0.85);
    expect(all / estimate.usd!).toBeLessThan(1.1);
  });

  test('and what is left add up to about the same, from beginning to end', async () => {
    const { told, estimate } = await led(10);
    for (const { cost, phase } of told) {
      if (phase !== 'running') continue;
      const sum = (cost.spentUsd + cost.leftUsd) / estimate.usd!;
      expect(sum).toBeGreaterThan(0.85);
      expect(sum).toBeLessThan(1.25);
    }
  });

  test('is not told where a price is missing', async () => {
    expect((await led(2, { site: { home: 'mx-central-1' } })).told).toEqual([]);
  });
});

describe('a limit', () => {
  test('of the plan stops the run by itself, before it costs more', async () => {
    const free = await led(30);
    const costUsd = free.estimate.usd! / 2;
    const { end, told, startAtMs } = await led(30, { costUsd });
    expect(end).toMatchObject({ kind: 'stopped', order: { by: 'cost' } });
    if (end?.kind !== 'stopped') throw new Error('it was not stopped');
    expect(end.order.cause).toMatch(/^limits\.cost of \$0\.\d+: it has cost \$0\.\d+, and \$/);
    const ranMs = end.order.atMs - startAtMs;
    expect(ranMs).toBeGreaterThan(10 * 60_000);
    expect(ranMs).toBeLessThan(18 * 60_000);
    const last = told.at(-1)!.cost;
    expect(last.spentUsd).toBeLessThanOrEqual(costUsd);
    expect(last.spentUsd).toBeGreaterThan(costUsd * 0.85);
  });

  test('that the run does not reach changes nothing', async () => {
    const { end, told } = await led(5, { costUsd: 2 });
    expect(end).toEqual({ kind: 'complete' });
    expect(told.at(-1)!.cost.limitUsd).toBe(2);
  });

  test('of the deployment is kept like one of the plan: the smaller one counts', async () => {
    const { end } = await led(30, { costUsd: 2, site: { mostUsd: 0.02 } });
    expect(end).toMatchObject({ kind: 'stopped', order: { by: 'cost' } });
    if (end?.kind === 'stopped') {
      expect(end.order.cause).toContain('what this deployment admitted it with, $0.020');
    }
  });
});
