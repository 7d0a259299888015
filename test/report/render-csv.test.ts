import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { csvText, renderCsv } from '../../lib/report/render/csv.js';
import { expectGolden } from '../support/golden.js';
import { largeReport, smallReport } from '../support/sample-report.js';
import { scenarioReport } from './scenario-report.js';
import { sliceOf } from './simulated-run.js';

/** As strict as the parser gets: RFC 4180, every record as long as the first. */
function read(csv: string): Record<string, string>[] {
  return parse(csv, { bom: true, columns: true, recordDelimiter: '\r\n', relaxQuotes: false });
}

test('a row for each slice, with the numbers of report.json', () => {
  const report = largeReport();
  const rows = read(renderCsv(report));
  expect(rows).toHaveLength(report.slices.length);
  report.slices.forEach((slice, i) => {
    expect(rows[i]).toMatchObject({
      run: report.run.id,
      region: slice.region ?? '',
      request: slice.request ?? '',
      stage: slice.stage ?? '',
      warmup: String(slice.warmup),
      scheduled: String(slice.requests.scheduled),
      dropped_target: String(slice.requests.dropped.target),
      rate_per_s: slice.rate === null ? '' : String(slice.rate),
      service_p50_ms: String(slice.service.p50),
      blocked_max_ms: String(slice.phases.wait.blocked.max),
      distance_count: '',
    });
  });
});

test('a percentile that is withheld, or that failures cover, is an empty cell', () => {
  const report = largeReport();
  const rows = read(renderCsv(report));
  const masked = rows.find(({ region }) => region === 'ap-northeast-1');
  expect(masked).toMatchObject({ latency_p50_ms: '243', latency_p90_ms: '', latency_p99_ms: '' });
  const few = rows.find(({ request }) => request?.startsWith('GET /patients'));
  expect(few).toMatchObject({ latency_p95_ms: '208', latency_p99_ms: '' });
});

test('a flow has rows with its iterations, and the requests of its steps', () => {
  const report = scenarioReport();
  const rows = read(renderCsv(report));
  const of = (request: string) =>
    rows.find((row) => row.request === request && row.region === '' && row.stage === 'peak');
  const { iterations, iteration, requests } = sliceOf(report, {
    request: 'flow pay',
    stage: 'peak',
  });
  expect(iterations.dropped.target).toBeGreaterThan(0);
  expect(of('flow pay')).toMatchObject({
    scheduled: String(requests.scheduled),
    iterations_scheduled: String(iterations.scheduled),
    iterations_ok: String(iterations.ok),
    iterations_failed: String(iterations.failed),
    iterations_dropped_target: String(iterations.dropped.target),
    iterations_lost: '0',
    iteration_count: String(iterations.ok),
    iteration_p50_ms: String(iteration?.p50),
    // More failed than it leaves out.
    iteration_p99_ms: '',
  });
  expect(of('POST /payments')).toMatchObject({ iterations_scheduled: '0', iteration_p50_ms: '' });
});

test('the file', () => {
  expectGolden('formats/small.csv', renderCsv(smallReport()));
});

describe('a text cell', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'=1"],
    ['\r=1', "'=1"],
    ['"=1', '\'"=1'],
    ['＝1', "'＝1"],
    ['a;=1', "a;'=1"],
    ['a; "@b', 'a;\' "@b'],
    ['GET /a?b=1&c=-1', 'GET /a?b=1&c=-1'],
    ['a-b', 'a-b'],
    ['say "hi", twice', 'say "hi", twice'],
    ['two\r\nlines', 'two lines'],
    ['', ''],
  ])('%j is read back as %j', (text, expected) => {
    const [, cell] = parse(csvText([['a', text]]), { recordDelimiter: '\r\n' })[0] as string[];
    expect(cell).toBe(expected);
  });
});

test('numbers stay numbers, whatever their sign, and what is not known is empty', () => {
  expect(csvText([[-1.5, 0, null, true, 1e-7]])).toBe('-1.5,0,,true,1e-7\r\n');
});

test('there is a byte order mark where there is more than ASCII, and nowhere else', () => {
  expect(csvText([['GET /']])).toBe('"GET /"\r\n');
  expect(csvText([['GET /ä']])).toBe('\ufeff"GET /ä"\r\n');
});
