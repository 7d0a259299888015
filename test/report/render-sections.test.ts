import { describe, expect, test } from 'vitest';
import { renderText } from '../../lib/report/render/text.js';
import type { Report, SeriesPoint, Slice } from '../../lib/report/report-schema.js';
import { largeReport, slice, smallReport, times } from '../support/sample-report.js';

const text = (report: Report, width = 100) => renderText(report, { width, color: false });

/** The lines of one section, without its title. */
function section(report: Report, title: string, width = 100): string[] {
  const [, rest = ''] = `\n${text(report, width)}`.split(new RegExp(`\n${title}(?: {2}[^\n]*)?\n`));
  return (rest.split('\n\n')[0] ?? '').split('\n');
}

test('sections stand in the order of the page', () => {
  const large = withPoints(distant(largeReport()), [1, 2, 3]);
  const titles = [
    ...['Objectives', 'Measurement', 'peak', 'Findings', 'Distance and processing'],
    ...['A first visit', 'Where the time went', 'Over time', 'Regions during peak'],
    ...['Requests during peak', 'Stages', 'Errors', 'Accounts', 'Workers', 'How it was measured'],
  ];
  const lines = text(large).split('\n');
  const places = titles.map((title) => lines.findIndex((line) => line.startsWith(title)));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

/** Each region of the headline with its own round trip. */
function distant(report: Report, over: Partial<Slice> = {}): Report {
  const trips = [4, 80, 150];
  return {
    ...report,
    slices: report.slices.map((one) => {
      const i = report.run.regions.indexOf(one.region ?? '');
      if (i < 0) return one;
      return {
        ...one,
        distance: times(40, trips[i] ?? 1),
        processing: times(one.requests.ok, 18),
        cutAtZero: 0,
        ...over,
      };
    }),
  };
}

describe('distance and processing', () => {
  test('each region with its round trip, and its share of what half of the requests take', () => {
    const [head, ...rows] = section(distant(largeReport()), 'Distance and processing');
    expect(head).toMatch(/distance +processing +its p99 +latency p50 +distance is$/);
    expect(rows[0]).toMatch(/us-east-1 +4\.00 ms +18\.0 ms +99\.0 ms +21\.4 ms +19 %$/);
    expect(rows[2]).toMatch(/ap-northeast-1 +150 ms +18\.0 ms +99\.0 ms +243 ms +62 %$/);
  });

  test('where they cannot be told apart neither is claimed, and it is said', () => {
    const report = distant(largeReport(), { cutAtZero: 0.2 });
    const rows = section(report, 'Distance and processing').slice(1);
    expect(rows[0]).toMatch(/us-east-1 +– +– +– +21\.4 ms +–$/);
    expect(rows.at(-1)).toContain('cannot be told apart');
  });

  test('a single region has it where the time went', () => {
    expect(text(distant(smallReport()))).not.toContain('Distance and processing');
  });
});

function point(start: number, p99: number | null, failed = 0): SeriesPoint {
  const counters = { scheduled: 100, ok: 100 - failed, failed, cut: 0, dropped: 0 };
  const ends = { ended: 100, endedFailed: failed };
  const [p50, max] = p99 === null ? [10, 40] : [p99 / 2, 2 * p99];
  return { start, ...counters, ...ends, p50, p99, max, heat: [] };
}

function withPoints(
  report: Report,
  p99s: readonly (number | null)[],
  failed: readonly number[] = [],
): Report {
  const end = report.run.stages.at(-1)?.end ?? 0;
  const spanSeconds = end / p99s.length;
  const points = p99s.map((p99, i) => point(i * spanSeconds, p99, failed[i]));
  const regions = report.run.regions.map((region, r) => ({
    region,
    spanSeconds,
    edges: [],
    points: p99s.map((p99, i) => point(i * spanSeconds, p99 === null ? null : p99 * (r + 1))),
  }));
  return { ...report, series: [{ region: null, spanSeconds, edges: [], points }, ...regions] };
}

describe('over time', () => {
  test('each line is drawn from 0 to its own highest, with where stages begin', () => {
    const small = smallReport();
    const p99s = Array.from({ length: 60 }, (_, i) => i + 1);
    const lines = section(withPoints(small, p99s), 'Over time');
    expect(lines).toEqual([
      `  p50     ${bars(60)}  up to 30.0 ms`,
      `  p99     ${bars(60)}  up to 60.0 ms`,
      '  stages  │200/s',
    ]);
  });

  test('what failed is drawn where it failed, and nowhere else', () => {
    const failed = Array.from({ length: 70 }, (_, i) => (i === 35 ? 50 : 0));
    const p99s = failed.map(() => 8);
    const [line] = section(withPoints(smallReport(), p99s, failed), 'Over time').filter((one) =>
      one.startsWith('  failed'),
    );
    expect(line).toMatch(/^ {2}failed {37}█ +up to 50 %$/);
  });

  test('spans of few answers show their longest instead of a p99', () => {
    const lines = section(withPoints(smallReport(), [null, null]), 'Over time');
    expect(lines[1]).toMatch(/^ {2}max +█+ +up to 40\.0 ms$/);
  });

  test('of many regions the slowest are shown, and it is said', () => {
    const large = largeReport();
    const regions = Array.from({ length: 12 }, (_, i) => `r-${String(i).padStart(2, '0')}`);
    const many = withPoints({ ...large, run: { ...large.run, regions } }, [1, 2, 3, 4]);
    const lines = section(many, 'Over time');
    expect(lines.filter((line) => line.startsWith('  r-')).map((line) => line.slice(2, 6))).toEqual(
      ['r-09', 'r-10', 'r-11'],
    );
    expect(lines.at(-1)).toBe('  the 3 slowest regions: p99, each against its own highest');
  });

  test('a run of one span has no course', () => {
    expect(text(withPoints(smallReport(), [3]))).not.toContain('Over time');
  });
});

/** Of values that rise evenly from one bar to the next. */
function bars(length: number): string {
  const levels = '▁▂▃▄▅▆▇█';
  return Array.from({ length }, (_, i) => levels[Math.ceil(((i + 1) / length) * 8) - 1]).join('');
}

describe('workers', () => {
  test('of one region in lines', () => {
    expect(section(smallReport(), 'Workers')).toEqual([
      '  connections: 30 opened, at most 30 at once; 5 probes of the round trip',
      "  begun at most 100 µs late, by the worker's own clock",
      '  load threads: busy 21.4 %, loop late by 1.31 ms (p99), 41 garbage collections of up to 2.14 ms,',
      '  105 MB of memory',
    ]);
  });

  test('of several regions by region, the worst of each; one without any has none', () => {
    const large = largeReport();
    const [first, second] = large.workers;
    const slow = { ...first!, health: { ...first!.health, busy: { share: 0.93, from: 1 } } };
    const off = { ...second!, clock: { offset: -250, uncertainty: 10, drift: null } };
    const lines = section({ ...large, workers: [first!, slow, off] }, 'Workers');
    expect(lines[1]).toMatch(/us-east-1 +2 +93 % +1\.31 ms +2\.14 ms +0 % +105 MB +0 µs$/);
    expect(lines[2]).toMatch(/eu-west-1 +1 +21\.4 % .* 240 ms$/);
    expect(lines[3]).toMatch(/ap-northeast-1 +0$/);
  });
});

test('nothing of what a section says is measured where there is nothing to say', () => {
  const none = { ...smallReport(), workers: [], slices: [slice(1, 0)] };
  expect(text(none)).not.toMatch(/^Workers|^Over time|^Distance/m);
});
