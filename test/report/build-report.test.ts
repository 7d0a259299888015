import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { buildReport } from '../../lib/report/build-report.js';
import { type Report, reportJsonSchema, reportSchema } from '../../lib/report/report-schema.js';
import { expectGolden } from '../support/golden.js';
import { MS, openLoad, S, SimulatedRun, START_MS } from './simulated-run.js';

function twoRegions(): SimulatedRun {
  const run = new SimulatedRun({
    regions: ['us-east-1', 'eu-west-1'],
    requests: ['GET /', 'POST /hospital'],
    load: openLoad({ rate: 100, s: 2, warmup: true }, { rate: 200, s: 4, name: 'peak' }),
    objectives: [
      'p95 < 100ms in every region during peak',
      'ok p95 < 1s of "POST /hospital"',
      'errors < 1%',
      'rate > 300/s',
    ],
  });
  for (const worker of run.workers) {
    worker.recorder.connection(
      { address: '203.0.113.7:443', ahead: true, dnsUs: 3_100, tcpUs: 14_000, tlsUs: 29_500 },
      0,
    );
    worker.recorder.roundTrip('203.0.113.7:443', 14_000, S);
    worker.recorder.firstAnswer('203.0.113.7:443', 41_000, S);
  }
  return run.fill(1200, (i, { region }) => ({
    request: i % 3 === 0 ? 1 : 0,
    roundTripUs: 14 * MS,
    latencyUs: (region === 'eu-west-1' ? 90 : 30) * MS + ((i * 7919) % 1000) * 20,
    lagUs: (i * 31) % 200,
    ...(i % 97 === 0 ? ({ outcome: 'failed', code: 1503, message: 'HTTP 503' } as const) : {}),
  }));
}

/** A line for each thing, not for each number. */
function readable(report: Report): string {
  const lines = (list: readonly unknown[]) => list.map((item) => `  ${JSON.stringify(item)}`);
  return Object.entries(report)
    .map(([key, value]) =>
      Array.isArray(value)
        ? `${JSON.stringify(key)}: [\n${lines(value).join(',\n')}\n]`
        : `${JSON.stringify(key)}: ${JSON.stringify(value, null, 2)}`,
    )
    .join(',\n');
}

test('report.json has this form', () => {
  expectGolden('report/report.json', `{\n${readable(twoRegions().report())}\n}\n`);
});

test('the same run gives the same report, however often it is built', () => {
  const { record, regions } = twoRegions().collected();
  const first = JSON.stringify(buildReport(record, regions));
  expect(JSON.stringify(buildReport(record, regions))).toBe(first);
  expect(JSON.stringify(buildReport(record, [...regions].reverse()))).toBe(first);
});

test('every report, whatever became of the run, keeps to the schema that is shipped', () => {
  const validate = new Ajv({ strict: false }).compile(reportJsonSchema());
  const lost = twoRegions();
  lost.only.flush(3 * S);
  lost.only.vanished = true;
  const closed = twoRegions();
  closed.only.unplanned = true;
  closed.only.flush(3 * S);
  closed.only.vanished = true;
  const stopped = twoRegions();
  stopped.stop(3 * S, 'terminate');
  stopped.only.stoppedAtUs = 3 * S;
  const { record } = new SimulatedRun().collected();
  const never = buildReport(
    {
      ...record,
      startAtMs: null,
      endedAtMs: START_MS,
      end: { kind: 'cancelled', cause: 'no worker was ready' },
      shards: [],
      fragments: [],
    },
    [],
  );
  const reports = [twoRegions(), lost, closed, stopped, new SimulatedRun()].map((run) =>
    run.report(),
  );
  for (const report of [...reports, never]) {
    const plain: unknown = JSON.parse(JSON.stringify(report));
    expect(validate(plain), JSON.stringify(validate.errors)).toBe(true);
    expect(reportSchema.parse(plain)).toEqual(plain);
  }
});

test('measurements of another run, or of other requests, are refused', () => {
  const { record, regions } = twoRegions().collected();
  const [one] = regions;
  expect(() => buildReport(record, [{ ...one!, run: 'other' }])).toThrow(/cannot be reported as/);
  expect(() => buildReport(record, [{ ...one!, requests: ['GET /other'] }])).toThrow(
    /measured other requests/,
  );
});
