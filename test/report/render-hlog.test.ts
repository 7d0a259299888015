import { HistogramLogReader, listTags } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { buildReport } from '../../lib/report/build-report.js';
import { hlogLines } from '../../lib/report/render/hlog.js';
import { MS, openLoad, S, SimulatedRun, START_MS } from './simulated-run.js';

function twoRegions() {
  const run = new SimulatedRun({
    regions: ['us-east-1', 'eu-west-1'],
    requests: ['GET /', 'POST /a b,c%'],
    load: openLoad({ rate: 100, s: 2, warmup: true }, { rate: 200, s: 4, name: 'peak' }),
  });
  run.fill(1_200, (i, { region }) => ({
    request: i % 3 === 0 ? 1 : 0,
    latencyUs: (region === 'eu-west-1' ? 90 : 30) * MS + ((i * 7919) % 1000) * 20,
    lagUs: (i * 31) % 200,
    ...(i % 100 === 7 ? ({ outcome: 'failed' } as const) : {}),
  }));
  const { record, regions } = run.collected();
  const report = buildReport(record, regions);
  return { report, regions, log: [...hlogLines(report, regions)].join('') };
}

/** All intervals that the library reads, by tag. */
function readBack(log: string) {
  const reader = new HistogramLogReader(log, 64);
  const found = new Map<string, NonNullable<ReturnType<typeof reader.nextIntervalHistogram>>[]>();
  for (;;) {
    const histogram = reader.nextIntervalHistogram();
    if (histogram === null) return found;
    const tag = histogram.tag ?? '';
    found.set(tag, [...(found.get(tag) ?? []), histogram]);
  }
}

const count = (histograms: readonly { totalCount: number }[] = []) =>
  histograms.reduce((sum, { totalCount }) => sum + totalCount, 0);

test('the library of that format reads every good answer, by region and by request', () => {
  const { log } = twoRegions();
  const read = readBack(log);
  expect(listTags(log).sort()).toEqual([...read.keys()].sort());
  expect(read.size).toBe(2 * (2 + 3 * 2));
  for (const region of ['us-east-1', 'eu-west-1']) {
    for (const metric of ['latency', 'service']) {
      expect(count(read.get(`${region}/${metric}`))).toBe(1_188);
      expect(read.get(`${region}/${metric}`)).toHaveLength(6);
      expect(count(read.get(`${region}/${metric}/GET%20/`))).toBe(792);
      expect(count(read.get(`${region}/${metric}/POST%20/a%20b%2Cc%25`))).toBe(396);
    }
    expect(count(read.get(`${region}/failed/GET%20/`))).toBe(8);
    expect(count(read.get(`${region}/failed/POST%20/a%20b%2Cc%25`))).toBe(4);
  }
});

test('a flow has its whole iterations, by stage, and no latency of its own', () => {
  const run = new SimulatedRun({
    flows: { pay: ['POST /token', 'POST /pay'] },
    load: openLoad({ rate: 10, s: 2, warmup: true }, { rate: 10, s: 4 }),
  });
  for (const s of [1, 3, 4]) run.only.flow(0, s * S, 'ok', 'ok');
  run.only.flow(0, 5 * S, 'ok', 'failed');
  const { record, regions } = run.collected();
  const read = readBack([...hlogLines(buildReport(record, regions), regions)].join(''));
  const iterations = read.get('local/iteration/flow%20pay') ?? [];
  expect(iterations.map(({ totalCount }) => totalCount)).toEqual([1, 2]);
  // Both of its steps took 100 ms; a histogram's value is a range.
  expect(iterations[1]?.minNonZeroValue).toBeGreaterThan(199 * MS);
  expect([...read.keys()].filter((tag) => tag.includes('flow'))).toHaveLength(1);
});

test('each interval has its instants, and the percentiles of our own histogram', () => {
  const { log, regions } = twoRegions();
  const windows = readBack(log).get('eu-west-1/latency') ?? [];
  windows.forEach((histogram, i) => {
    expect(histogram.startTimeStampMsec).toBeCloseTo(START_MS + i * 1_000, 3);
    expect(histogram.endTimeStampMsec).toBeCloseTo(START_MS + (i + 1) * 1_000, 3);
    const own = regions[1]?.histograms.find(
      ({ span, index, metric }) => span === 'window' && index === i && metric === 'latency',
    )?.histogram;
    expect(histogram.totalCount).toBe(own?.count);
    for (const p of [50, 90, 99]) {
      expect(histogram.getValueAtPercentile(p)).toBe(own?.percentileUs(p * 100));
    }
  });
  const stages = readBack(log).get('us-east-1/service/GET%20/') ?? [];
  expect(stages.map((one) => Math.round(one.endTimeStampMsec - START_MS) / 1_000)).toEqual([2, 6]);
});

test('intervals come in the order of time, as readers of a stretch expect', () => {
  const starts = twoRegions()
    .log.split('\n')
    .filter((line) => line.startsWith('Tag='))
    .map((line) => Number(line.split(',')[1]));
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
});

test('a request that ends after the last stage lies in the time behind it', () => {
  const run = new SimulatedRun({ load: openLoad({ rate: 10, s: 2 }) });
  run.only.begin({ dueUs: 2 * S + 5 });
  run.only.finish({ dueUs: 2 * S + 5 });
  const { record, regions } = run.collected();
  const report = buildReport(record, regions);
  const read = readBack([...hlogLines(report, regions)].join(''));
  expect(read.get('local/latency')?.[0]?.startTimeStampMsec).toBeCloseTo(START_MS + 2_000, 3);
  expect(count(read.get('local/latency/GET%20/'))).toBe(1);
});
