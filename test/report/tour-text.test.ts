import { describe, expect, it, test } from 'vitest';
import { columns } from '../../lib/report/render/plain.js';
import { standstills } from '../../lib/report/render/standstills.js';
import { tourText } from '../../lib/report/render/tour-text.js';
import { type Report, reportSchema, type SeriesPoint } from '../../lib/report/report-schema.js';
import { expectGolden } from '../support/golden.js';
import { accounts, slice, smallReport, times } from '../support/sample-report.js';

const NEAR = 'eu-central-1';
const FAR = 'ap-southeast-2';

function point(start: number, p50: number | null, max: number | null): SeriesPoint {
  const counters = { scheduled: 36, ok: 36, failed: 0, cut: 0, dropped: 0 };
  return { start, ...counters, ended: 36, endedFailed: 0, p50, p99: null, max, heat: [] };
}

/** Of the region next door: each second's median and longest, ms. */
const SECONDS: readonly (readonly [number, number])[] = [
  [35, 420], // cold, and no standstill
  [33, 60],
  [20, 40],
  [10, 30],
  [11, 31],
  [580, 1_190],
  [400, 640],
  [10, 33],
  [12, 95],
  [600, 1_203],
];

/** What a tour finds: near and far, a standstill that one clock hides, a cold start, errors. */
function tourReport(): Report {
  const small = smallReport();
  const stages = [
    { name: null, title: '40/s', warmup: true, constant: true, start: 0, end: 3 },
    { name: 'peak', title: 'peak', warmup: false, constant: true, start: 3, end: 10 },
  ];
  const distanced = (region: string, median: number, distance: number, stalled: number) =>
    slice(median, 7, {
      region,
      stage: 'peak',
      requests: accounts(252),
      latency: times(252, median, { p90: stalled }),
      service: times(252, median, { p90: 52 }),
      distance: times(40, distance),
      processing: times(252, median - distance),
      cutAtZero: 0,
    });
  const cold = slice(35, 3, {
    region: NEAR,
    stage: '40/s',
    warmup: true,
    requests: accounts(36),
    latency: times(36, 35),
  });
  const total = accounts(624, 5);
  const error = {
    class: 'http 5xx',
    code: 1503,
    message: 'HTTP 503: the target is overloaded, restarting or not ready',
    first: 4,
    last: 9,
    request: 'POST /payments',
    sample: null,
  };
  return {
    ...small,
    run: {
      ...small.run,
      name: 'five regions',
      regions: [NEAR, FAR],
      requests: ['GET /', 'POST /payments'],
      stages,
      headline: { stage: 'peak', sentence: 'The longest stage of constant load.' },
    },
    verdict: {
      ...small.verdict,
      status: 'failed',
      exitCode: 99,
      objectives: [
        objective('errors < 2%', 'held'),
        objective('service p90 < 250ms in eu-central-1', 'held'),
        objective('p90 < 250ms in eu-central-1', 'missed'),
      ],
    },
    completeness: { ...small.completeness, requests: total },
    slices: [
      distanced(NEAR, 10.4, 2.1, 583),
      distanced(FAR, 263, 249, 820),
      cold,
      slice(120, 7, { stage: 'peak' }),
    ],
    series: [
      {
        region: NEAR,
        spanSeconds: 1,
        edges: [],
        points: SECONDS.map(([p50, max], start) => point(start, p50, max)),
      },
    ],
    errors: [
      { ...error, count: 3, region: NEAR },
      { ...error, count: 2, region: FAR },
    ],
  };
}

function objective(
  text: string,
  state: 'held' | 'missed',
): Report['verdict']['objectives'][number] {
  return {
    text,
    ok: state === 'held',
    state,
    unit: 'ms',
    comparison: '<',
    limit: 250,
    measured: 100,
    request: null,
    region: null,
    stage: null,
    worst: null,
    sentence: '',
  };
}

const OPTIONS = { width: 80, color: false, command: 'npx isochrone' };
const told = (report: Report) => tourText(report, OPTIONS).replace(/\s+/g, ' ');

test('the report that these tests explain is a report', () => {
  expect(reportSchema.parse(tourReport())).toEqual(tourReport());
});

test('a tour says what its report found, in plain words', () => {
  expectGolden('tour.txt', tourText(tourReport(), OPTIONS));
});

describe('the words of a tour', () => {
  it('fit the page', () => {
    for (let width = 64; width <= 120; width += 8) {
      const lines = tourText(tourReport(), { ...OPTIONS, width, color: true }).split('\n');
      for (const line of lines) {
        if (!line.includes('isochrone run')) expect(columns(line)).toBeLessThanOrEqual(width);
      }
    }
  });

  it('do not claim a wait that no clock shows', () => {
    const report = tourReport();
    const calm = report.slices.map((one) => ({ ...one, latency: { ...one.latency, p90: 60 } }));
    const text = told({ ...report, slices: calm });
    expect(text).not.toContain('would have hidden');
    expect(text).toContain('hardly any had to wait');
  });

  it('do not tell of standstills, slow starts and errors that there were not', () => {
    const report = tourReport();
    const text = told({
      ...report,
      series: [],
      slices: report.slices.filter(({ warmup }) => !warmup),
      errors: [],
    });
    expect(text).not.toMatch(/stands still|slow start|Errors/);
  });

  it('give no distance where none can be told', () => {
    const report = tourReport();
    const text = told({
      ...report,
      slices: report.slices.map((one) => ({ ...one, cutAtZero: 0.4 })),
    });
    expect(text).toMatch(/ap-southeast-2 263 ms – /);
    expect(text).not.toContain('mostly distance');
  });

  it('say so when the machine was too busy', () => {
    const report = tourReport();
    const verdict = { ...report.verdict, status: 'invalid' as const, exitCode: 4 };
    expect(told({ ...report, verdict })).toMatch(/too busy to measure well.*exit code 4;/);
  });

  it('are few where nothing was measured', () => {
    const text = told({ ...tourReport(), slices: [], series: [], errors: [] });
    expect(text).not.toMatch(/NaN|undefined|null/);
    expect(text).toContain('What to try next');
  });
});

describe('standstills', () => {
  it('are the seconds, after the warm-up, that were far slower than usual', () => {
    expect(standstills(tourReport(), NEAR)).toEqual([
      { start: 5, end: 7, longestMs: 1_190 },
      { start: 9, end: 10, longestMs: 1_203 },
    ]);
  });

  it('are none in a region that nothing is known of', () => {
    expect(standstills(tourReport(), FAR)).toEqual([]);
  });
});
