import { describe, expect, test } from 'vitest';
import { UsageTally } from '../../lib/cloud/bill.js';
import type { FunctionUse } from '../../lib/measure/function-use.js';
import type { CloudSite } from '../../lib/plan/frozen-plan.js';
import { buildReport } from '../../lib/report/build-report.js';
import { renderText } from '../../lib/report/render/text.js';
import type { Report } from '../../lib/report/report-schema.js';
import type { Spending } from '../../lib/report/run-record.js';
import { expectGolden } from '../support/golden.js';
import { sampleCost } from '../support/sample-cost.js';
import { smallReport } from '../support/sample-report.js';
import { SimulatedRun } from './simulated-run.js';

const textOf = (cost: Report['cost']) =>
  renderText({ ...smallReport(), cost }, { width: 80, color: false });

describe('the cost in the text report', () => {
  test('stands beside what was estimated, line by line', () => {
    const text = textOf(sampleCost(['eu-west-1', 'us-east-1']));
    const from = text.indexOf('\nCost');
    expectGolden('text-cost-80.txt', text.slice(from + 1, text.indexOf('\n\n', from + 1) + 1));
  });

  test('is not made up where a price is missing, or workers left no account', () => {
    const text = textOf({ ...sampleCost(['eu-west-1', 'mx-central-1']), unreported: 2 });
    expect(text).toMatch(/Lambda time +2,407 GB-s +– +–/);
    expect(text).toMatch(/in all +– +–/);
    expect(text).toContain('no price is known of Lambda time in mx-central-1');
    expect(text).toContain('2 workers left no account');
  });

  test('is not there of a run that cost nothing', () => {
    expect(textOf(null)).not.toContain('Cost');
  });
});

const SITE: CloudSite = {
  home: 'eu-west-1',
  workerMb: 1024,
  orchestratorMb: 1024,
  mergeMb: 2048,
  nat: false,
  contact: null,
  mostUsd: null,
};
const USE: FunctionUse = {
  memoryMb: 1024,
  initMs: 500,
  lifeMs: 19_500,
  s3: { puts: 9, gets: 40, lists: 0, bytesOut: 20_000, bytesIn: 8_000 },
};
const SPENDING: Spending = {
  estimate: new UsageTally().bill(),
  orchestrator: { ...USE, s3: { ...USE.s3, lists: 100 }, invocations: 4, operations: 9 },
  merges: [
    { ...USE, memoryMb: 2048, lifeMs: 1_500 },
    { ...USE, memoryMb: 2048, lifeMs: 1_500 },
  ],
  legMs: [30_000],
};

function reportOf({ site = SITE, lost = 0 }: { site?: CloudSite; lost?: number } = {}) {
  const run = new SimulatedRun({ regions: ['eu-west-1', 'us-east-1'], workers: 2 }).fill(10);
  run.workers.slice(0, lost).forEach((worker) => {
    worker.vanished = true;
  });
  const { record, regions } = run.collected();
  const shards = record.shards.map((fate) => ({
    ...fate,
    manifest: fate.manifest && { ...fate.manifest, used: USE },
  }));
  const frozen = { ...record.frozen, site };
  return buildReport({ ...record, frozen, shards, spending: SPENDING }, regions);
}

describe('what a run came to', () => {
  const quantities = (report: Report) =>
    Object.fromEntries(report.cost!.lines.map(({ item, quantity }) => [item, quantity]));

  test('is what its workers, its orchestrator and merge say that they took', () => {
    const report = reportOf();
    expect(quantities(report)).toMatchObject({
      // Four workers and an orchestrator of 20 s and 1 GB, two merges of 2 s and 2 GB.
      gbSeconds: 5 * 20 + 2 * 2 * 2,
      invocations: 4 + 4 + 2,
      operations: 9,
      // A manifest is not in its own account.
      s3Writes: 4 * 10 + 9 + 18,
      s3Reads: 7 * 40,
      s3Lists: 100,
      bytesToTarget: 4 * 10 * 150,
      bytesThroughNat: 0,
      bytesLogged: 10 * 1_000,
    });
    expect(report.cost).toMatchObject({ missing: [], unreported: 0 });
    expect(report.cost!.usd).toBeCloseTo(
      report.cost!.lines.reduce((sum, { usd }) => sum + usd!, 0),
      12,
    );
  });

  test('has data between regions only of workers that are not at home', () => {
    const each = 20_000 + 50 * 2_000 + 8_000 + 50 * 600;
    expect(quantities(reportOf()).bytesBetweenRegions).toBe(2 * each);
  });

  test('tells apart what the owner of the target pays', () => {
    expect(reportOf().cost!.target).toEqual({
      bytes: 40_000,
      usd: expect.closeTo(40_000 * 0.09e-9),
    });
  });

  test('counts what passes NAT in both directions', () => {
    const passed = quantities(reportOf({ site: { ...SITE, nat: true } })).bytesThroughNat;
    expect(passed).toBe(4 * (10 * (150 + 1_000) + 20_000 + 50 * 2_000 + 8_000 + 50 * 600));
  });

  test('reckons a worker that fell silent as if it had lived to the end of its leg', () => {
    const report = reportOf({ lost: 1 });
    expect(report.cost!.unreported).toBe(1);
    expect(quantities(report).gbSeconds).toBe(4 * 20 + 30 + 2 * 2 * 2);
  });

  test('is nothing where nobody charges for it', () => {
    expect(new SimulatedRun().fill(10).report().cost).toBeNull();
  });
});
