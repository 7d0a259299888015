import { expect, test } from 'vitest';
import { renderHtml } from '../../../lib/report/html/html.js';
import type { Report } from '../../../lib/report/report-schema.js';
import { expectGolden } from '../../support/golden.js';
import { elementsOf, type PageElement, parsePage, textOf } from '../../support/page-tree.js';
import { largeReport } from '../../support/sample-report.js';
import { scenarioReport } from '../scenario-report.js';
import { shopReport, tinyReport, troubledReport, usersReport } from './page-reports.js';

test.each([
  ['tiny', tinyReport],
  ['troubled', troubledReport],
  ['shop', shopReport],
  ['users', usersReport],
  ['scenario', scenarioReport],
  ['large', largeReport],
] satisfies readonly (readonly [string, () => Report])[])(
  'the page of the %s run says',
  (name, report) => {
    expectGolden(`page/${name}.txt`, readable(parsePage(renderHtml(report()))));
  },
);

function sectionsOf(report: Report): (string | undefined)[] {
  const elements = [...elementsOf(parsePage(renderHtml(report)))];
  return elements.flatMap(({ name, attributes }) =>
    name === 'section' ? [attributes.get('id')] : [],
  );
}

test('its sections come in the order of what a reader needs', () => {
  expect(sectionsOf(shopReport())).toEqual([
    ...['verdict', 'validity', 'findings', 'headline', 'map', 'distance', 'phases'],
    ...['percentiles', 'time', 'regions-over-time', 'slices', 'errors', 'accounts'],
    ...['workers', 'method', 'plan'],
  ]);
  expect(sectionsOf(scenarioReport())).toEqual([
    ...['verdict', 'validity', 'findings', 'headline', 'map', 'distance', 'phases'],
    ...['percentiles', 'time', 'regions-over-time', 'flows', 'slices', 'errors', 'checks'],
    ...['accounts', 'workers', 'method', 'plan'],
  ]);
});

/** So many rows of a table are shown: that more are there is known from the count. */
const MOST_ROWS = 12;

/** What a reader reads, a line for each thing; charts by what they say of themselves. */
function readable(page: PageElement): string {
  const lines: string[] = [];
  const say = (element: PageElement, indent: string): void => {
    for (const child of element.children) {
      if (typeof child === 'string') continue;
      const text = () => textOf(child).replace(/\s+/g, ' ').trim();
      if (['script', 'style', 'head'].includes(child.name)) continue;
      if (child.name === 'section') lines.push('');
      if (child.name === 'svg') {
        // Of three widths one says it all.
        if (!/-wide$/.test(child.attributes.get('id') ?? '')) continue;
        const said = (name: string) =>
          child.children
            .filter((one) => typeof one !== 'string' && one.name === name)
            .map((one) => textOf(one as PageElement));
        lines.push(`${indent}[${said('title')[0]}] ${said('desc')[0]}`);
      } else if (child.name === 'table') lines.push(...tableLines(child, indent));
      else if (['h1', 'h2', 'h3', 'p', 'li', 'summary', 'pre', 'dt', 'dd'].includes(child.name)) {
        const block = [...elementsOf(child)].some(({ name }) => name === 'table' || name === 'p');
        if (block) {
          const own = bare(child).replace(/\s+/g, ' ').trim();
          if (own !== '') lines.push(`${indent}${mark(child)}${own}`);
          say(child, indent);
        } else if (text() !== '') lines.push(`${indent}${mark(child)}${text()}`);
      } else say(child, child.name === 'details' ? `${indent}  ` : indent);
    }
  };
  say(page, '');
  return `${lines.join('\n').trim()}\n`;
}

/** Without what has lines of its own. */
function bare({ children }: PageElement): string {
  const own = children.filter(
    (child) => typeof child === 'string' || !['details', 'p', 'pre', 'div'].includes(child.name),
  );
  return own.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

function mark({ name }: PageElement): string {
  return { h1: '# ', h2: '## ', h3: '### ', li: '- ', summary: '> ', dd: '  ' }[name] ?? '';
}

function tableLines(table: PageElement, indent: string): string[] {
  const rows = [...elementsOf(table)].filter(({ name }) => name === 'tr');
  const lines = rows.map((row) => {
    const cells = row.children.filter((cell) => typeof cell !== 'string');
    return `${indent}| ${cells.map((cell) => textOf(cell).replace(/\s+/g, ' ').trim()).join(' | ')}`;
  });
  if (lines.length <= MOST_ROWS) return lines;
  return [...lines.slice(0, MOST_ROWS), `${indent}| … ${lines.length - MOST_ROWS} further rows`];
}
