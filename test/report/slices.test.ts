import { describe, expect, test } from 'vitest';
import { buildReport } from '../../lib/report/build-report.js';
import { type Exchange, MS, openLoad, S, SimulatedRun, sliceOf } from './simulated-run.js';

describe('slices', () => {
  const run = () =>
    new SimulatedRun({
      regions: ['us-east-1', 'eu-west-1'],
      requests: ['GET /', 'POST /pay'],
      load: openLoad(
        { rate: 100, s: 2, warmup: true },
        { rate: 100, s: 4 },
        { rate: 100, s: 4, name: 'peak' },
      ),
    }).fill(1000, (i, { region }) => ({
      request: i % 2,
      latencyUs: (region === 'eu-west-1' ? 100 : 20) * MS + (i % 2) * 10 * MS,
    }));

  test('are the total, each region, request and stage, and each pair of them', () => {
    const cuts = run()
      .report()
      .slices.map(({ region, request, stage }) => [region, request, stage]);
    const regions = ['us-east-1', 'eu-west-1'];
    const requests = ['GET /', 'POST /pay'];
    // Two stages that ask for the same are told apart.
    const stages = ['100/s', '100/s (2)', 'peak'].filter((title) => title !== '100/s (2)');
    expect(cuts).toHaveLength(1 + 2 + 2 + 3 + 4 + 6 + 6);
    for (const region of regions) {
      for (const request of requests) expect(cuts).toContainEqual([region, request, null]);
      for (const stage of stages) expect(cuts).toContainEqual([region, null, stage]);
    }
  });

  test('of stages with the same title are told apart', () => {
    const titles = run()
      .report()
      .run.stages.map(({ title }) => title);
    expect(titles).toEqual(['100/s', '100/s (2)', 'peak']);
  });

  test('of a warm-up are in no other slice', () => {
    const report = run().report();
    const warm = sliceOf(report, { stage: '100/s' });
    expect(warm).toMatchObject({ warmup: true, seconds: 2, requests: { scheduled: 400 } });
    expect(sliceOf(report)).toMatchObject({
      warmup: false,
      seconds: 8,
      requests: { scheduled: 1600 },
    });
    expect(sliceOf(report, { request: 'GET /' }).requests.scheduled).toBe(800);
    expect(sliceOf(report, { region: 'eu-west-1' }).latency.count).toBe(800);
    expect(report.completeness.requests.scheduled).toBe(2000);
  });

  test('give times of merged histograms, never averages of percentiles', () => {
    const report = run().report();
    expect(sliceOf(report, { region: 'us-east-1' }).latency).toMatchObject({
      p50: 20.015,
      max: 30,
    });
    expect(sliceOf(report, { region: 'eu-west-1' }).latency).toMatchObject({ p50: 100.031 });
    expect(sliceOf(report).latency).toMatchObject({ count: 1600, mean: 65, p50: 30.015, max: 110 });
  });
});

describe('a percentile', () => {
  const latencyOf = (n: number, each: (i: number) => Partial<Exchange> = () => ({})) =>
    sliceOf(new SimulatedRun().fill(n, each).report()).latency;

  test('is given where ten lie on either side, to the sample', () => {
    expect(latencyOf(100)).toMatchObject({ p90: 20, needs: { p95: 200, p99: 1000 } });
    expect(latencyOf(99)).toMatchObject({ p90: null, needs: { p90: 100, p95: 200 } });
    expect(latencyOf(19)).toMatchObject({ p50: null, needs: { p50: 20 } });
    expect(latencyOf(10_000).needs).toEqual({ p9999: 100_000 });
  });

  test('is masked where more failed than it leaves out', () => {
    const failing = (n: number) => (i: number) => (i < n ? ({ outcome: 'failed' } as const) : {});
    expect(latencyOf(2000, failing(0)).masked).toBeUndefined();
    expect(latencyOf(2000, failing(20)).masked).toEqual(['p999', 'p9999']);
    expect(latencyOf(2000, failing(21)).masked).toEqual(['p99', 'p999', 'p9999']);
    expect(latencyOf(2000, failing(500)).masked).toEqual(['p90', 'p95', 'p99', 'p999', 'p9999']);
    // What the generator did not do says nothing about the target.
    expect(latencyOf(2000, (i) => (i < 40 ? { outcome: 'droppedGenerator' } : {})).masked).toBe(
      undefined,
    );
  });
});

test('latency is waiting and service, to the microsecond', () => {
  const run = new SimulatedRun().fill(100, (i) => ({
    lagUs: i,
    blockedUs: 3 * MS,
    latencyUs: 50 * MS + i,
  }));
  const { latency, service, phases } = sliceOf(run.report());
  expect(phases.wait.mean! + service.mean!).toBeCloseTo(latency.mean!, 2);
  expect(phases.wait.mean).toBe(3.05);
  expect(phases.wait.blocked).toMatchObject({ count: 100, max: 3 });
  expect(phases.wait.setup.count).toBe(0);
});

test('how many answers came sooner than a round trip is told', () => {
  const run = new SimulatedRun().fill(100, (i) => ({ roundTripUs: i < 10 ? 30 * MS : 5 * MS }));
  const report = run.report();
  expect(sliceOf(report).cutAtZero).toBeCloseTo(0.1);
  expect(report.findings).toMatchObject([{ id: 'not-separable', severity: 'info' }]);
});

describe('the rate', () => {
  test('is of good answers, by when they ended', () => {
    const run = new SimulatedRun({ load: openLoad({ rate: 100, s: 10 }) });
    // A target that answers fifty a second: half of what was asked for is still waiting at the end.
    for (let i = 0; i < 1000; i++) {
      const dueUs = i * 10 * MS;
      run.only.exchange({ dueUs, latencyUs: (i + 1) * 20 * MS - dueUs, blockedUs: i * 10 * MS });
    }
    expect(sliceOf(run.report()).rate).toBeCloseTo(50, 0);
  });

  test('is counted while every worker was alive', () => {
    const run = new SimulatedRun({ workers: 2 });
    const [alive, dying] = run.workers;
    for (let i = 0; i < 100; i++) alive!.exchange({ dueUs: i * 100 * MS });
    for (let i = 0; i < 100; i++) {
      if (i < 40) dying!.exchange({ dueUs: i * 100 * MS });
      else dying!.plan({ dueUs: i * 100 * MS });
      if (i === 39) dying!.flush(4 * S);
    }
    dying!.vanished = true;
    const slice = sliceOf(run.report());
    expect(slice.rate).toBeCloseTo(20, 0);
    expect(slice.rateWhy).toBe('local: over 4 s of 10 s, in which every worker was sending');
  });

  test('is null, with the reason, where that was never so', () => {
    const run = new SimulatedRun({ regions: ['us-east-1', 'eu-west-1'] });
    run.worker('us-east-1').exchange({ dueUs: S });
    run.worker('eu-west-1').vanished = true;
    const report = run.report();
    expect(sliceOf(report, { region: 'us-east-1' }).rate).toBeCloseTo(0.1);
    for (const slice of [sliceOf(report), sliceOf(report, { region: 'eu-west-1' })]) {
      expect(slice).toMatchObject({
        rate: null,
        rateWhy: 'at no time was every worker of eu-west-1 known to be sending',
      });
    }
  });

  test('of all regions is the sum of theirs', () => {
    const run = new SimulatedRun({ regions: ['us-east-1', 'eu-west-1'], workers: 2 }).fill(100);
    expect(sliceOf(run.report())).toMatchObject({ rate: 40, rateWhy: null });
  });

  test('of a fixed amount is over the time that it took', () => {
    const pace = { kind: 'none' } as const;
    const load = {
      kind: 'amount',
      name: null,
      requests: 50,
      users: 5,
      capUs: 600 * S,
      pace,
    } as const;
    const run = new SimulatedRun({ load });
    for (let i = 0; i < 50; i++) run.only.exchange({ dueUs: i * 50 * MS });
    run.only.flush(2_500 * MS, true);
    const { record, regions } = run.collected();
    const shards = record.shards.map((shard) => ({ ...shard, lastFragmentUs: 2_500 * MS }));
    const report = buildReport({ ...record, shards }, regions);
    expect(sliceOf(report)).toMatchObject({ rate: 20, rateWhy: null, seconds: 2.5 });
    expect(report.series[0]!.points).toHaveLength(3);
  });
});
