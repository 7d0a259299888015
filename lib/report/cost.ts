import { type Bill, UsageTally } from '../cloud/bill.js';
import { LOG_BYTES, S3_ANSWER_BYTES, S3_REQUEST_BYTES } from '../cloud/overhead.js';
import { COUNTERS } from '../measure/counters.js';
import type { FunctionUse, S3Use } from '../measure/function-use.js';
import type { CloudSite } from '../plan/frozen-plan.js';
import { answerPrice, pricesAsOf } from '../regions/prices.js';
import type { Evidence } from './evidence.js';
import type { Report } from './report-schema.js';
import {
  FELL_SILENT,
  type RefusedDelivery,
  type RunRecord,
  type ShardFate,
  type Spending,
} from './run-record.js';

const OUT = COUNTERS.indexOf('bytesOut');
const IN = COUNTERS.indexOf('bytesIn');

/** What the run came to, by the lines of its estimate; null where nobody charges for it. */
export function cost({ record, measured }: Evidence): Report['cost'] {
  const { frozen, spending } = record;
  const { site } = frozen;
  if (!site || !spending) return null;
  const bytesOf = (counter: number) => (region: string) =>
    measured.rows(region).reduce((sum, { values }) => sum + values[counter]!, 0);
  const sent = bytesOf(OUT);
  const answered = bytesOf(IN);
  const tally = taken(record, site, spending, { sent, answered });
  const bill = tally.bill();
  const bytes = frozen.regions.reduce((sum, { name }) => sum + answered(name), 0);
  return {
    pricesAsOf: pricesAsOf(),
    usd: bill.usd,
    estimatedUsd: spending.estimate.usd,
    lines: bill.lines.map((line, i) => ({ ...line, estimated: estimated(spending.estimate, i) })),
    missing: [...bill.missing],
    unreported: startedWithoutWord(record).length,
    target: { bytes, usd: bytes * answerPrice(frozen.plan.targetAt) },
  };
}

interface Traffic {
  readonly sent: (region: string) => number;
  readonly answered: (region: string) => number;
}

function taken(
  record: RunRecord,
  site: CloudSite,
  { orchestrator, merges, legMs }: Spending,
  { sent, answered }: Traffic,
): UsageTally {
  const { home, nat, workerMb } = site;
  const tally = new UsageTally();
  const called = (region: string, invocations: number) => {
    tally.add(region, 'invocations', invocations);
    tally.add(region, 'bytesLogged', invocations * LOG_BYTES);
  };
  const passed = new Map<string, number>();
  for (const { name } of record.frozen.regions) {
    tally.add(name, 'bytesToTarget', sent(name));
    passed.set(name, sent(name) + answered(name));
  }
  for (const { region, used } of told(record)) {
    called(region, 1);
    if (!used) continue;
    tally.add(region, 'gbSeconds', gbSeconds(used));
    // It was read off before it was itself written.
    const s3 = { ...used.s3, puts: used.s3.puts + 1 };
    charge(tally, home, s3);
    const { out, back } = traffic(s3);
    passed.set(region, passed.get(region)! + out + back);
    if (region === home) continue;
    tally.add(region, 'bytesBetweenRegions', out);
    tally.add(home, 'bytesBetweenRegions', back);
  }
  for (const { region, leg } of startedWithoutWord(record)) {
    called(region, 1);
    tally.add(region, 'gbSeconds', ((legMs[leg] ?? 0) * workerMb) / 1024 / 1000);
  }
  if (nat) for (const [region, bytes] of passed) tally.add(region, 'bytesThroughNat', bytes);
  for (const used of [...merges, ...(orchestrator ? [orchestrator] : [])]) {
    tally.add(home, 'gbSeconds', gbSeconds(used));
    charge(tally, home, used.s3);
  }
  called(home, merges.length + (orchestrator?.invocations ?? 0));
  tally.add(home, 'operations', orchestrator?.operations ?? 0);
  return tally;
}

interface Told {
  readonly region: string;
  /** Absent where nobody counted it. */
  readonly used?: FunctionUse;
}

/** Workers that said something at their end: what they did, or why they did nothing. */
function told({ shards, refused }: RunRecord): readonly Told[] {
  return [...shards.flatMap(({ manifest }) => manifest ?? []), ...refused];
}

function startedWithoutWord({ shards, refused }: RunRecord): readonly ShardFate[] {
  const excused = new Set(refused.map(nameOf));
  return shards.filter(
    (fate) => fate.manifest === null && fate.cause === FELL_SILENT && !excused.has(nameOf(fate)),
  );
}

function nameOf({ region, leg, n, attempt }: RefusedDelivery | ShardFate): string {
  return `${region}/${leg}/${n}.${attempt}`;
}

function gbSeconds({ memoryMb, initMs, lifeMs }: FunctionUse): number {
  return (memoryMb * (initMs + lifeMs)) / 1024 / 1000;
}

function charge(tally: UsageTally, home: string, { puts, gets, lists }: S3Use): void {
  tally.add(home, 's3Writes', puts);
  tally.add(home, 's3Reads', gets);
  tally.add(home, 's3Lists', lists);
}

function traffic({ puts, gets, lists, bytesOut, bytesIn }: S3Use) {
  const asked = puts + gets + lists;
  return { out: bytesOut + asked * S3_REQUEST_BYTES, back: bytesIn + asked * S3_ANSWER_BYTES };
}

function estimated({ lines }: Bill, index: number) {
  const { quantity, usd } = lines[index]!;
  return { quantity, usd };
}
