import { expect, test } from 'vitest';
import { CURVE_HUNDREDTHS } from '../../lib/report/curves.js';
import { PERCENTILE_KEYS, PERCENTILES } from '../../lib/report/report-schema.js';
import { MS, openLoad, SimulatedRun } from './simulated-run.js';

function run(count: number, failing = 0) {
  return new SimulatedRun({
    regions: ['us-east-1', 'eu-west-1'],
    load: openLoad({ rate: 100, s: 2, warmup: true }, { rate: 100, s: 20, name: 'peak' }),
  })
    .fill(count, (i) => ({
      latencyUs: (10 + ((i * 7919) % 1000)) * MS,
      ...(i % 100 < failing
        ? ({ outcome: 'failed', code: 1503, message: 'HTTP 503' } as const)
        : {}),
    }))
    .report();
}

test('every percentile that has a name is a point of the curves', () => {
  for (const key of PERCENTILE_KEYS) expect(CURVE_HUNDREDTHS).toContain(PERCENTILES[key]);
});

test('a curve says what the headline slice of its region says', () => {
  const report = run(2200);
  expect(report.curves.map(({ region }) => region)).toEqual([null, 'us-east-1', 'eu-west-1']);
  for (const { region, points } of report.curves) {
    const slice = report.slices.find(
      (one) => one.region === region && one.request === null && one.stage === 'peak',
    );
    for (const key of PERCENTILE_KEYS) {
      const point = points.find(({ percentile }) => percentile === PERCENTILES[key] / 100);
      expect([region, key, point?.latency ?? null]).toEqual([region, key, slice?.latency[key]]);
      expect([region, key, point?.service ?? null]).toEqual([region, key, slice?.service[key]]);
    }
  }
});

test('a curve rises, and ends where the sample no longer supports it', () => {
  const [all] = run(2200).curves;
  const latencies = all!.points.map(({ latency }) => latency!);
  expect(latencies).toEqual(latencies.toSorted((a, b) => a - b));
  const last = all!.points.at(-1)!.percentile;
  expect(last).toBeGreaterThanOrEqual(99);
  expect(last).toBeLessThan(99.9);
});

test('a curve ends before the percentiles that failures reach into', () => {
  const [all] = run(2200, 6).curves;
  expect(all!.points.length).toBeGreaterThan(5);
  expect(all!.points.at(-1)!.percentile).toBeLessThanOrEqual(94);
});
