import { UsageTally } from '../../lib/cloud/bill.js';
import type { Report } from '../../lib/report/report-schema.js';

/** What some run on AWS in these regions came to, and had been reckoned to come to. */
export function sampleCost(regions: readonly string[]): NonNullable<Report['cost']> {
  const tally = new UsageTally();
  const before = new UsageTally();
  for (const region of regions) {
    tally.add(region, 'gbSeconds', 1_203.4);
    before.add(region, 'gbSeconds', 1_310);
    tally.add(region, 'bytesToTarget', 12_345_678);
    before.add(region, 'bytesToTarget', 12_000_000);
  }
  tally.add('eu-west-1', 's3Reads', 2_345);
  before.add('eu-west-1', 's3Reads', 2_400);
  before.add('eu-west-1', 'operations', 9);
  const [bill, estimate] = [tally.bill(), before.bill()];
  return {
    pricesAsOf: '2025-06-30',
    usd: bill.usd,
    estimatedUsd: estimate.usd,
    lines: bill.lines.map((line, i) => {
      const { quantity, usd } = estimate.lines[i]!;
      return { ...line, estimated: { quantity, usd } };
    }),
    missing: [...bill.missing],
    unreported: 0,
    target: { bytes: 480_000_000, usd: 0.0432 },
  };
}
