import { CLOUD_TIMING, longestLegUs } from '../../lib/run/cloud-timing.js';
import { orchestrate } from '../../lib/run/orchestrate.js';
import type { Journal } from '../../lib/run/ports.js';
import type { Timing } from '../../lib/run/timing.js';
import type { RunEnd } from '../../lib/store/control.js';
import { constantRate, frozenFor, planFor } from './load-plans.js';
import { SimulatedCloud } from './simulated-cloud.js';

/** A run on AWS from so many regions with one worker each. */
export function cloudOf(
  hours: number,
  regions: number,
  change: Parameters<typeof planFor>[2] = {},
): SimulatedCloud {
  const plan = planFor('https://shop.example.com', constantRate(regions * 3, hours * 3_600), {
    regions: Array.from({ length: regions }, (_, i) => ({
      name: `region-${i}`,
      share: 1,
      workers: 1,
    })),
    ...change,
  });
  const once = { where: 'aws', createdAtMs: Date.UTC(2026, 10, 21) } as const;
  const { graceUs } = frozenFor(plan, once);
  return new SimulatedCloud(frozenFor(plan, { ...once, legUs: longestLegUs(graceUs) }));
}

/** Leads the run of a cloud from its beginning, or from where another one left it. */
export function lead(
  cloud: SimulatedCloud,
  journal: Journal,
  timing: Timing = CLOUD_TIMING,
): Promise<RunEnd | null> {
  return orchestrate(cloud.files, {
    freeze: async () => ({ frozen: cloud.frozen, refusal: null }),
    invoker: cloud,
    merger: cloud,
    clock: cloud.clock,
    journal,
    timing,
  });
}
