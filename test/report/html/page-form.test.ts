import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { PAGE_SCRIPT, PAGE_STYLE } from '../../../lib/report/html/assets.js';
import { renderHtml } from '../../../lib/report/html/html.js';
import { plain } from '../../../lib/report/render/plain.js';
import type { Report } from '../../../lib/report/report-schema.js';
import { elementsOf, type PageElement, parsePage, textOf } from '../../support/page-tree.js';
import { largeReport, smallReport } from '../../support/sample-report.js';
import { scenarioReport } from '../scenario-report.js';
import { hostileReport } from './hostile-report.js';
import { shopReport, tinyReport, troubledReport, usersReport } from './page-reports.js';

const never = (report: Report): Report => ({
  ...report,
  run: { ...report.run, startedAt: null, seconds: 0 },
  verdict: { ...report.verdict, status: 'cancelled', cause: 'no worker was ready', validity: [] },
});
const REPORTS: readonly (readonly [string, Report])[] = [
  ['eight regions', shopReport()],
  ['fifty requests', tinyReport()],
  ['a broken run', troubledReport()],
  ['users who wait', usersReport()],
  ['a run that never began', never(tinyReport())],
  ['a report written by hand', largeReport()],
  ['flows and checks', scenarioReport()],
  ['hostile answers', hostileReport()],
  ['hostile flows and checks', hostileReport(scenarioReport())],
];

describe.each(REPORTS)('the page of %s', (_, report) => {
  const text = renderHtml(report);
  const page = parsePage(text);
  const elements = [...elementsOf(page)];
  const attributes = elements.flatMap(({ name, attributes }) =>
    [...attributes].map(([key, value]) => ({ name, key, value })),
  );

  test('allows nothing but its own script and style, by their digests', () => {
    const policy = elements
      .find(({ attributes }) => attributes.get('http-equiv') === 'Content-Security-Policy')
      ?.attributes.get('content');
    const digest = (name: string) =>
      elements
        .filter((one) => one.name === name && !one.attributes.has('type'))
        .map((one) => `'sha256-${createHash('sha256').update(textOf(one)).digest('base64')}'`);
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${digest('script').join(' ')}`,
      `style-src ${digest('style').join(' ')}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  test('asks for nothing from anywhere, and carries no code in attributes', () => {
    const addresses = attributes.filter(({ key }) => /^(href|src|xlink:href|action)$/.test(key));
    expect(addresses.filter(({ value }) => !/^(#|data:image\/png;base64,)/.test(value))).toEqual(
      [],
    );
    expect(attributes.filter(({ key }) => /^on|^style$|^srcdoc$/i.test(key))).toEqual([]);
    expect(text).not.toMatch(/@import|url\((?!#)/);
  });

  test('has each id once, and every reference to one leads somewhere', () => {
    const ids = attributes.filter(({ key }) => key === 'id').map(({ value }) => value);
    expect(ids.filter((id, i) => ids.indexOf(id) < i)).toEqual([]);
    const wanted = attributes.flatMap(({ key, value }) => {
      if (key === 'aria-labelledby') return value.split(' ');
      if (key === 'href' && value.startsWith('#')) return [value.slice(1)];
      return [...value.matchAll(/url\(#([^)]+)\)/g)].map(([, id = '']) => id);
    });
    expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('has a title and a description for every chart, and a table or a list beside it', () => {
    for (const chart of elements.filter(({ name }) => name === 'svg')) {
      const named = (name: string) =>
        chart.children.some((one) => typeof one !== 'string' && one.name === name);
      expect([chart.attributes.get('id'), named('title'), chart.attributes.get('role')]).toEqual([
        chart.attributes.get('id'),
        true,
        'img',
      ]);
      let section: PageElement | null = chart;
      while (section && section.name !== 'section') section = section.parent;
      const inside = [...elementsOf(section!)].map(({ name }) => name);
      expect(inside.includes('table') || inside.includes('dl')).toBe(true);
    }
  });

  test('has headings that go down one step at a time', () => {
    const levels = elements
      .filter(({ name }) => /^h[1-6]$/.test(name))
      .map(({ name }) => Number(name[1]));
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.filter((level, i) => i > 0 && level > levels[i - 1]! + 1)).toEqual([]);
  });
});

test.each([
  ['a run', hostileReport()],
  ['flows and checks', hostileReport(scenarioReport())],
])('what a hostile target says in %s is text, wherever it is shown', (_, report) => {
  const text = renderHtml(report);
  const page = parsePage(text);
  const plainly = parsePage(renderHtml(smallReport()));
  const kinds = new Set(
    [...elementsOf(parsePage(renderHtml(shopReport()))), ...elementsOf(plainly)].map(
      ({ name }) => name,
    ),
  );
  kinds.add('pre');
  const injected = [...elementsOf(page)].filter(({ name }) => !kinds.has(name));
  expect(injected.map(({ name }) => name)).toEqual([]);
  expect([...elementsOf(page)].filter(({ name }) => name === 'script')).toHaveLength(3);
  expect(textOf(page).includes('<script>alert(1)</script>')).toBe(true);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
  expect(text.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)).toBe(
    null,
  );
});

test('what is embedded as data is data, and the same that went in', () => {
  const report = hostileReport(scenarioReport());
  const page = parsePage(renderHtml(report));
  const block = [...elementsOf(page)].find(({ attributes }) => attributes.get('id') === 'names');
  const names = JSON.parse(textOf(block!)) as { requests: string[]; flows: string[] };
  expect(names.requests).toEqual(report.run.requests.map(plain));
  expect(names.requests.join()).toContain('</script>');
  expect(names.flows).toEqual(report.run.flows?.map(plain));
});

test('the script and the style are those of their sources: node scripts/page-assets.mjs', () => {
  const script = fileURLToPath(new URL('../../../scripts/page-assets.mjs', import.meta.url));
  const made = spawnSync(process.execPath, [script, '--print'], { encoding: 'utf8' });
  expect(made.stdout).toContain(JSON.stringify(PAGE_SCRIPT));
  expect(made.stdout).toContain(JSON.stringify(PAGE_STYLE));
});
