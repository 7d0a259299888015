import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { BUDGET_RUNS, legsOf, sumOf, type Written, writeShard } from '../../bench/budget.js';
import { synthetic } from '../../bench/synthetic-shard.js';
import { Timeline, timelineOf } from '../../lib/measure/timeline.js';

const SECOND = 1_000_000;
const [long, wide] = BUDGET_RUNS;

function times(written: Written, factor: number): Written {
  return {
    histograms: written.histograms * factor,
    bytes: written.bytes * factor,
    objects: written.objects * factor,
  };
}

function within(written: Written, limits: Written): void {
  for (const what of ['histograms', 'bytes', 'objects'] as const) {
    expect([what, written[what] <= limits[what]]).toEqual([what, true]);
    // Far below, the numbers would have been made up in another way than the budget.
    expect([what, written[what] > limits[what] / 10]).toEqual([what, true]);
  }
}

describe('what a run writes', () => {
  it('for 10 h from 30 regions with 100 requests stays within its budget', () => {
    // Full legs and the shorter last one; each leg fills half a block, like every other.
    const legs = legsOf(long!);
    const full = times(writeShard(long!, legs[1]!, 0), legs.length - 1);
    const all = sumOf([full, writeShard(long!, legs.at(-1)!, 0)]);
    within(times(all, long!.regions * long!.workers), long!.limits);
  });

  it('for 15 min by 1,000 workers with 20 requests stays within its budget', () => {
    const ten = Array.from({ length: 10 }, (_, n) =>
      legsOf(wide!).map((leg) => writeShard(wide!, leg, n)),
    );
    within(times(sumOf(ten.flat()), wide!.workers / 10), wide!.limits);
  });
});

describe('a shard of 100 requests at 1,000/s', () => {
  it('stays under 200 MB', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const held = (): number => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const spec = timelineOf([{ startUs: 0, endUs: 36_000 * SECOND, warmup: false }], 30 * SECOND);
    const shard = {
      region: 'eu',
      leg: 0,
      n: 0,
      timeline: new Timeline(spec),
      startUs: 0,
      endUs: 900 * SECOND,
      perSecond: 1_000,
      requests: 100,
      fragmentUs: 30 * SECOND,
    };
    const before = held();
    let most = 0;
    for (const content of synthetic(shard)) {
      const seq = content.shard?.seq ?? 0;
      // Blocks last 600 s: they are fullest just before they are told.
      if (seq === 18 || seq === 19 || seq === 29) most = Math.max(most, held() - before);
    }
    expect(most).toBeGreaterThan(5_000_000);
    expect(most).toBeLessThan(200_000_000);
  });
});
