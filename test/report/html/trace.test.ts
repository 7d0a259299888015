import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../../lib/report/html/html.js';
import { compact, Trace } from '../../../lib/report/html/trace.js';
import type { Report } from '../../../lib/report/report-schema.js';
import {
  ancestor,
  elementsOf,
  type PageElement,
  parsePage,
  textsOf,
} from '../../support/page-tree.js';
import { largeReport, smallReport } from '../../support/sample-report.js';
import { scenarioReport } from '../scenario-report.js';
import {
  shopReport,
  thirtyRegions,
  tinyReport,
  troubledReport,
  usersReport,
} from './page-reports.js';
import { figuresOf, isTrue, sectionOf, valueAt } from './traced.js';

const MADE: readonly (readonly [string, Report])[] = [
  ['eight regions', shopReport()],
  ['thirty regions', thirtyRegions()],
  ['fifty requests', tinyReport()],
  ['a broken run', troubledReport()],
  ['users who wait', usersReport()],
  ['flows and checks', scenarioReport()],
];
/** Written by hand: what they say does not add up. */
const WRITTEN: readonly (readonly [string, Report])[] = [
  ['a passed run of one stage', smallReport()],
  ['a failed run of several of everything', largeReport()],
];

describe.each([...MADE, ...WRITTEN])('of %s', (_, report) => {
  const page = parsePage(renderHtml(report));
  const figures = figuresOf(page);

  test('every figure is what report.json says at the place that it names', () => {
    expect(figures.length).toBeGreaterThan(60);
    const wrong = figures.filter((figure) => !isTrue(report, figure));
    expect(wrong.map((figure) => `${figure.pointers[0]}: ${figure.text}`).slice(0, 20)).toEqual([]);
  });

  test('no number is shown that names no place', () => {
    const traced = new Set(figures.map(({ element }) => element));
    const names = namesOf(report);
    const found: string[] = [];
    for (const [text, element] of textsOf(page)) {
      const known =
        ancestor(element, (one) => traced.has(one) || one.name === 'svg') !== null ||
        element.name === 'title';
      if (known) continue;
      if (/\d/.test(without(text, names))) found.push(`${sectionOf(element)}: ${text.trim()}`);
    }
    expect(found).toEqual([]);
  });
});

describe.each(MADE)('of %s', (_, report) => {
  const page = parsePage(renderHtml(report));
  const figures = figuresOf(page);

  test('every number in a chart stands in a table beside it, or belongs to a scale', () => {
    const names = namesOf(report);
    const found: string[] = [];
    for (const section of elementsOf(page)) {
      if (section.name !== 'section') continue;
      const beside = figures.filter(({ element }) => ancestor(element, (one) => one === section));
      const told = new Set(beside.map(({ text }) => text));
      for (const [text, element] of textsOf(section)) {
        if (element.name !== 'text' && element.name !== 'tspan') continue;
        if (isScale(text, element)) continue;
        for (const number of numbersIn(without(text, names))) {
          if (!told.has(number)) found.push(`${sectionOf(element)}: ${number} of “${text}”`);
        }
      }
    }
    expect(found).toEqual([]);
  });

  test('every table of slices adds up to what stands below it', () => {
    const scheduled = figures.filter(({ pointers }) =>
      pointers[0]?.endsWith('/requests/scheduled'),
    );
    const tables = [...elementsOf(page)].filter(
      ({ name, attributes }) => name === 'table' && attributes.get('class')?.includes('slices'),
    );
    expect(tables.length).toBeGreaterThan(2);
    for (const table of tables) {
      const cells = scheduled.filter(({ element }) => ancestor(element, (at) => at === table));
      const of = (part: string) =>
        cells.filter(({ element }) => ancestor(element, (at) => at.name === part));
      const number = ({ pointers }: (typeof cells)[number]) =>
        Number(valueAt(report, pointers[0]!));
      const isWarmup = ({ element }: (typeof cells)[number]) =>
        element.parent?.attributes.get('class') === 'warmup';
      const [measured, whole] = of('tfoot').map(number);
      const rows = of('tbody');
      // Of a warm-up stage the sum is about warm-up; anywhere else warm-up is not in it.
      const counted = rows.every(isWarmup) ? rows : rows.filter((row) => !isWarmup(row));
      expect(sum(counted.map(number))).toBe(measured);
      if (whole === undefined) continue;
      expect(whole).toBe(report.completeness.requests.scheduled);
      expect(sum(counted.map(number)) + warmupOf(report)).toBe(whole);
    }
  });

  test('what is drawn over time adds up to what was asked for, less what was lost', () => {
    const { requests } = report.completeness;
    const [all, ...apart] = report.series;
    const of = (series: Report['series'][number]) => sum(series.points.map((one) => one.scheduled));
    expect(of(all!)).toBe(sum(apart.map(of)));
    expect(of(all!) + (requests.lost ?? 0)).toBe(requests.scheduled);
  });

  test('the kinds of errors add up to what failed, and what was never sent for want of a connection', () => {
    const times = figures.filter(({ pointers }) =>
      /^\/errors\/\d+\/count$/.test(pointers[0] ?? ''),
    );
    const kinds = times.filter(({ op }) => op === 'sum');
    const counted = kinds.flatMap(({ pointers }) =>
      pointers.map((at) => Number(valueAt(report, at))),
    );
    const { failed, dropped } = report.completeness.requests;
    expect(sum(counted)).toBe(failed + dropped.target);
  });
});

/** Scales, and the signs that lead from a place to what is said of it. */
function isScale(text: string, { attributes }: PageElement): boolean {
  const look = attributes.get('class') ?? '';
  return (
    /\bt-(?:axis|mark)\b/.test(look) || /^\d(?::|$)|of the answers of|other regions/.test(text)
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function warmupOf({ slices }: Report): number {
  return slices
    .filter(({ region, request, warmup }) => region === null && request === null && warmup)
    .reduce((sum, { requests }) => sum + requests.scheduled, 0);
}

/** What a plan calls things may hold digits, and so may what stands for it. */
function namesOf(report: Report): string[] {
  const { run } = report;
  const cost = report.cost === null ? [] : [report.cost.pricesAsOf, ...report.cost.missing];
  return [
    ...run.regions,
    ...run.requests,
    ...(run.flows ?? []),
    ...run.stages.map(({ title }) => title),
    ...report.verdict.objectives.map(({ text }) => text),
    ...report.errors.flatMap(({ class: name, message }) => [name, message.replace(/\s+/g, ' ')]),
    ...report.connections.map(({ address }) => address),
    ...report.workers.flatMap(({ engine, node, arch }) => [engine, node.replace(/^v/, ''), arch]),
    ...cost,
    run.id,
    run.name,
    run.target,
    run.targetAt ?? '',
    run.label ?? '',
  ]
    .filter((name) => /\d/.test(name))
    .sort((a, b) => b.length - a.length);
}

/** Headings of columns, and of what the page is about, are words though they hold digits. */
const WORDS =
  /HTTP\/1\.1|\bS3\b|\bp(?:50|75|90|95|99)(?:\.\d+)?\b|p99\.9\d?|\d+ (?:cores?|load threads?)|24 most|\d+ busiest/g;

function without(text: string, names: readonly string[]): string {
  return names.reduce((left, name) => left.replaceAll(name, ''), text).replaceAll(WORDS, '');
}

function numbersIn(text: string): string[] {
  return text.match(/[<>]?\d[\d,.]*(?: ?(?:µs|ms|s|%|\/s))?/g) ?? [];
}

test('a place that report.json does not have is a bug, not a blank', () => {
  const trace = new Trace(smallReport());
  expect(() => trace.figure('/run/nothing', 'text')).toThrow(/report.json has no \/run\/nothing/);
  expect(() => trace.figure('/slices/99/rate', 'rate')).toThrow(/has no/);
});

test('places that differ in one index are told as one', () => {
  expect(compact(['/errors/0/count', '/errors/12/count'])).toEqual(['/errors/{0,12}/count']);
  expect(compact(['/errors/0/count', '/errors/1/first'])).toEqual([
    '/errors/0/count',
    '/errors/1/first',
  ]);
  expect(compact(['/run/seed'])).toEqual(['/run/seed']);
});
