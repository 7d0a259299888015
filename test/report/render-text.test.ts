import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { columns } from '../../lib/report/render/plain.js';
import { renderText } from '../../lib/report/render/text.js';
import { type Report, reportSchema } from '../../lib/report/report-schema.js';
import { expectGolden } from '../support/golden.js';
import { largeReport, smallReport } from '../support/sample-report.js';

const KEPT = 'isochrone-runs/runs/20261121-141503-checkout-7f3a';

test('the reports that these tests render are reports', () => {
  expect(reportSchema.parse(largeReport())).toEqual(largeReport());
  expect(reportSchema.parse(smallReport())).toEqual(smallReport());
});

describe.each([80, 120])('at %d columns', (width) => {
  test('a run of many regions, requests and stages', () => {
    expectGolden(
      `text-large-${width}.txt`,
      renderText(largeReport(), { width, color: false, kept: KEPT }),
    );
  });

  test('a run of one of each', () => {
    expectGolden(`text-small-${width}.txt`, renderText(smallReport(), { width, color: false }));
  });
});

test('no line is wider than the page, at any width from 60 on', () => {
  for (let width = 60; width <= 160; width += 7) {
    for (const report of [smallReport(), largeReport()]) {
      const text = renderText(report, { width, color: true, kept: KEPT });
      for (const line of text.split('\n')) expect(columns(line)).toBeLessThanOrEqual(width);
    }
  }
});

test('colour adds nothing but colour', () => {
  const painted = renderText(largeReport(), { width: 80, color: true });
  expect(painted).toContain('\u001b[31m');
  expect(stripVTControlCharacters(painted)).toBe(
    renderText(largeReport(), { width: 80, color: false }),
  );
});

test('nothing that a terminal obeys comes through from the target or the plan', () => {
  const hostile = 'a\u001b[2J\u001b]0;title\u0007\u009b31m\r\n\u202ereversed\u0000\u2028b';
  const text = renderText(withAllStrings(largeReport(), hostile), { width: 80, color: false });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
});

test('a percentile is withheld with what it needs, and the reason is given once', () => {
  const text = renderText(largeReport(), { width: 120, color: false });
  expect(text.match(/p99 needs 1,000 answers/g)).toHaveLength(1);
});

test('a percentile that failures cover is never a number', () => {
  const report = largeReport();
  const text = renderText(report, { width: 120, color: false });
  const [, regions = ''] = text.split('\nRegions during peak');
  const tokyo = regions.split('\n').find((line) => line.startsWith('  ap-northeast-1'));
  expect(tokyo).toMatch(/243 ms +errors +errors +errors +errors +5\.83 s$/);
});

test('without objectives nothing has passed, and failures are not praised', () => {
  const small = smallReport();
  const requests = { ...small.completeness.requests, ok: 4_500, failed: 1_500 };
  const failing = { ...small, completeness: { ...small.completeness, requests } };
  const text = renderText(failing, { width: 100, color: false });
  expect(text).toMatch(/^• DONE {2}shop: no objectives were set; 25 % of the requests failed\n/);
});

test('what was never sent, as no connection came free, is no less a failure', () => {
  const small = smallReport();
  const dropped = { generator: 0, target: 1_200 };
  const requests = { ...small.completeness.requests, ok: 4_500, failed: 300, dropped };
  const failing = { ...small, completeness: { ...small.completeness, requests } };
  const text = renderText(failing, { width: 100, color: false });
  expect(text).toMatch(/ {2}shop: no objectives were set; 25 % of the requests failed\n/);
});

test('the stage of a table is named where there is more than one', () => {
  const report = largeReport();
  const { stages, headline } = report.run;
  expect(renderText(report, { width: 120, color: false })).toMatch(/^Requests during peak {2}/m);
  const only = stages.filter(({ title }) => title === headline.stage);
  const short = { ...report, run: { ...report.run, stages: only } };
  expect(renderText(short, { width: 120, color: false })).toMatch(/^Requests {2}latency/m);
});

test('a run that measured nothing says so and shows no tables', () => {
  const small = smallReport();
  const none = {
    ...small,
    run: { ...small.run, startedAt: null, seconds: 0 },
    verdict: {
      ...small.verdict,
      status: 'cancelled' as const,
      cause: 'worker 0 of local did not become ready',
      validity: [],
    },
    workers: [],
  };
  const text = renderText(none, { width: 80, color: false });
  expect(text).toMatch(/^✗ CANCELLED {2}shop: worker 0 of local did not become ready\n/);
  expect(text).not.toContain('latency');
});

test('users that wait for their answers: the report says what that latency cannot see', () => {
  const small = smallReport();
  const run = { ...small.run, model: 'closed' as const, latencyFrom: 'ready' as const };
  const text = renderText({ ...small, run }, { width: 200, color: false });
  expect(text).toContain('blind to the load that a slow server held back');
  expect(text).not.toContain('asked');
});

/** The same report with every name and message replaced; what is one of a few words stays. */
function withAllStrings(report: Report, text: string): Report {
  const { run, errors, findings, slices, verdict } = report;
  return {
    ...report,
    run: { ...run, name: text, label: text, target: text, regions: [text, text], requests: [text] },
    slices: slices.map((slice) => (slice.region === null ? slice : { ...slice, region: text })),
    errors: errors.map((error) => ({ ...error, message: text, sample: text, request: text })),
    findings: findings.map((finding) => ({ ...finding, text })),
    verdict: {
      ...verdict,
      cause: text,
      objectives: verdict.objectives.map((o) => ({ ...o, text, sentence: text, worst: text })),
      validity: verdict.validity.map((v) => ({ ...v, meaning: text, remedy: text, region: text })),
    },
  };
}

test('a check that was accepted is shown, with what it is and what it counts as', () => {
  const small = smallReport();
  const validity = small.verdict.validity.map((check) =>
    check.check === 'lag'
      ? { ...check, measured: 0.03, level: 'good' as const, lowered: 'doubtful' as const }
      : check,
  );
  const report = { ...small, verdict: { ...small.verdict, validity } };
  const text = renderText(report, { width: 120, color: false });
  expect(text).toContain('Measurement  ✓ good\n');
  expect(text.replace(/\s+/g, ' ')).toContain(
    '~ lag: 3 % (doubtful above 1 %, invalid above 10 %); doubtful, accepted with --accept lag, and counts as good',
  );
});
