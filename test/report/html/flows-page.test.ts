import { expect, test } from 'vitest';
import { renderHtml } from '../../../lib/report/html/html.js';
import type { Report } from '../../../lib/report/report-schema.js';
import {
  ancestor,
  elementsOf,
  type PageElement,
  parsePage,
  textOf,
} from '../../support/page-tree.js';
import { scenarioReport } from '../scenario-report.js';
import { openLoad, S, SimulatedRun } from '../simulated-run.js';
import { shopReport } from './page-reports.js';

function sectionOf(report: Report, id: string): PageElement | undefined {
  return [...elementsOf(parsePage(renderHtml(report)))].find(
    ({ name, attributes }) => name === 'section' && attributes.get('id') === id,
  );
}

const said = (element: PageElement) => textOf(element).replace(/\s+/g, ' ').trim();

/** What the first cells of a section's rows say. */
function heads(section: PageElement): string[] {
  return [...elementsOf(section)].flatMap((row) => {
    if (row.name !== 'tr' || ancestor(row, ({ name }) => name === 'tbody') === null) return [];
    return said(row.children[0] as PageElement);
  });
}

function withChecks(checks: Report['checks']): Report {
  return { ...shopReport(), checks };
}

test('where there are no flows and nothing is checked neither is spoken of', () => {
  expect(sectionOf(shopReport(), 'flows')).toBeUndefined();
  expect(sectionOf(shopReport(), 'checks')).toBeUndefined();
  expect(said(sectionOf(shopReport(), 'accounts')!)).not.toContain('iterations');
});

test('no table of requests has a row of a flow, and no table of flows one of a request', () => {
  const report = scenarioReport();
  const slices = sectionOf(report, 'slices')!;
  const { regions, requests, stages } = report.run;
  const names = heads(slices);
  expect(names.filter((name) => name.startsWith('flow '))).toEqual([]);
  // During each stage, of all measured time, and of each region.
  const cuts = stages.length + 1 + regions.length;
  for (const request of requests) {
    expect(names.filter((name) => name === request)).toHaveLength(cuts);
  }
  const flows = heads(sectionOf(report, 'flows')!);
  expect(flows.slice(0, 3)).toEqual(['flow pay', 'flow browse', 'flow search']);
  expect(flows).toHaveLength(3 * (1 + stages.length + 1 + regions.length));
  expect(flows.filter((name) => !/^flow (pay|browse|search)/.test(name))).toEqual([]);
});

test('checks that did not always hold come first, the worst of them at the top, with a sign and a word', () => {
  const section = sectionOf(
    withChecks([
      { request: 'GET /', text: 'status 200', passed: 90, failed: 10 },
      { request: 'GET /', text: 'size < 10kB', passed: 100, failed: 0 },
      { request: 'POST /cart', text: 'status 201', passed: 0, failed: 30 },
    ]),
    'checks',
  )!;
  expect(heads(section)).toEqual([
    '✗failed: status 201 POST /cart',
    '✗failed: status 200 GET /',
    '✓held: size < 10kB GET /',
  ]);
  expect(said(section)).toContain('✗ 2 of 3 did not always hold, warm-up included');
  expect(said(section)).toContain('30100 %');
  expect(said(section)).not.toContain('code');
});

test('where all checks held that is said, and of very many the worst are shown', () => {
  const many = Array.from({ length: 300 }, (_, i) => ({
    request: 'GET /',
    text: `thing ${i}`,
    passed: 5,
    failed: 0,
  }));
  expect(said(sectionOf(withChecks(many), 'checks')!)).toContain('✓ all of 300 held');
  many[299]!.failed = 1;
  const section = sectionOf(withChecks(many), 'checks')!;
  expect(heads(section)).toHaveLength(100);
  expect(heads(section)[0]).toBe('✗failed: thing 299 GET /');
  expect(said(section)).toContain('Further ones, which failed less often, stand in report.json.');
});

test('what code never began is in no row of a request, and the page says so', () => {
  const run = new SimulatedRun({
    flows: { search: ['POST /search'] },
    inCode: ['search'],
    load: openLoad({ rate: 10, s: 10 }),
  });
  for (let s = 0; s < 8; s++) run.only.flow(0, s * S, 'ok');
  const note = 'never began counts as one request for each iteration';
  expect(said(sectionOf(run.report(), 'slices')!)).not.toContain(note);
  run.only.flow(0, 9 * S, 'droppedTarget');
  expect(said(sectionOf(run.report(), 'slices')!)).toContain(note);
});

test('percentiles of iterations that too few support are withheld, and it is said why', () => {
  const run = new SimulatedRun({
    flows: { pay: ['POST /pay'] },
    load: openLoad({ rate: 1, s: 30 }),
  });
  for (let s = 0; s < 25; s++) run.only.flow(0, s * S, 'ok');
  const text = said(sectionOf(run.report(), 'flows')!);
  expect(text).toContain('flow pay252500000 %100 ms–––100 ms');
  expect(text).toContain('A – stands where fewer than ten iterations lie beyond');
});
