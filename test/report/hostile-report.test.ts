import { parse } from 'csv-parse/sync';
import { HistogramLogReader, listTags } from 'hdr-histogram-js';
import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../lib/report/html/html.js';
import { annotations } from '../../lib/report/render/annotations.js';
import { renderCsv } from '../../lib/report/render/csv.js';
import { hlogLines } from '../../lib/report/render/hlog.js';
import { renderJson } from '../../lib/report/render/json.js';
import { renderJunit } from '../../lib/report/render/junit.js';
import { renderMarkdown } from '../../lib/report/render/markdown.js';
import { columns, plain } from '../../lib/report/render/plain.js';
import { renderText } from '../../lib/report/render/text.js';
import type { Report } from '../../lib/report/report-schema.js';
import { HOSTILE, OBEYED, prefixed, uncoloured } from '../support/hostile-text.js';
import { junitOffences } from '../support/junit-schema.js';
import { runnerCommands } from '../support/runner-commands.js';
import { largeReport } from '../support/sample-report.js';
import { parseXml, type XmlElement } from '../support/strict-xml.js';
import { scenarioReport } from './scenario-report.js';
import { openLoad, S, SimulatedRun } from './simulated-run.js';

// What is asked of each format: that it is built as the same report is with harmless names, so that
// nothing of what a target says has become a part of it, and that the reader's own grammar agrees.
const REPORTS = [
  ['a run of several of everything', largeReport()],
  ['flows and checks', scenarioReport()],
] as const;
const EACH = REPORTS.flatMap(([of, report]) => {
  const harmless = prefixed(report, 'some words ');
  return Object.entries(HOSTILE).map(
    ([name, text]) => [name, of, prefixed(report, text), harmless] as const,
  );
});

describe.each(EACH)('%s in %s', (_, __, hostile, harmless) => {
  test.each([60, 100])('text of %d columns: only our own colours', (width) => {
    const text = renderText(hostile, { width, color: true, kept: hostile.run.name });
    expect(uncoloured(text)).not.toMatch(OBEYED);
    expect(runnerCommands(text)).toEqual([]);
    for (const line of text.split('\n')) expect(columns(line)).toBeLessThanOrEqual(width);
  });

  test('JSON: the same data, of which a terminal obeys nothing', () => {
    const json = renderJson(hostile);
    expect(JSON.parse(json)).toEqual(hostile);
    expect(json).not.toMatch(OBEYED);
    expect(runnerCommands(json)).toEqual([]);
  });

  test('Markdown: the same elements, and no others', () => {
    const markdown = renderMarkdown(hostile);
    expect(tagsOf(markdown)).toEqual(tagsOf(renderMarkdown(harmless)));
    const cells = cellsOf(markdown);
    cellsOf(renderMarkdown(harmless)).forEach((cell, i) => {
      if (!cell.includes('some words')) expect(cells[i]).toBe(cell);
    });
    expect(markdown).not.toMatch(OBEYED);
    expect(runnerCommands(markdown)).toEqual([]);
  });

  // That it is no markup either is asked in test/report/html.
  test('HTML: nothing that a terminal obeys', () => {
    const page = renderHtml(hostile);
    expect(OBEYED.exec(page.replaceAll('\t', ' '))?.[0]).toBeUndefined();
    expect(runnerCommands(page)).toEqual([]);
  });

  test('JUnit: the same elements, with the text as it was', () => {
    const xml = renderJunit(hostile);
    const root = parseXml(xml);
    expect(junitOffences(root)).toEqual([]);
    expect(shapeOf(root)).toEqual(shapeOf(parseXml(renderJunit(harmless))));
    const [suite] = root.children;
    expect(suite?.attributes.package).toBe(plain(hostile.run.name).replace(/[\ufffe\uffff]/g, ''));
    expect(runnerCommands(xml)).toEqual([]);
  });

  test('CSV: the same cells, no formulas, numbers as they were', () => {
    const csv = renderCsv(hostile);
    const [cells, expected] = [csv, renderCsv(harmless)].map(
      (text) => parse(text, { bom: true, recordDelimiter: '\r\n' }) as string[][],
    );
    expect(cells).toHaveLength(expected?.length ?? 0);
    cells?.forEach((record, i) => {
      record.forEach((cell, j) => {
        if (/^some words/.test(expected?.[i]?.[j] ?? '')) {
          expect(cell).not.toMatch(/(^|;)[\s"]*[=+\-@＝＋－＠]/);
        } else expect(cell).toBe(expected?.[i]?.[j]);
      });
    });
    expect(csv.replace(/^\ufeff/, '').replaceAll('\r\n', '')).not.toMatch(OBEYED);
    expect(runnerCommands(csv)).toEqual([]);
  });

  test('annotations: as many, each with the properties that we gave it', () => {
    const lineOf = () => ({ file: `${hostile.run.name}/plan.yaml`, line: 3 });
    const lines = annotations(hostile, lineOf);
    const commands = runnerCommands(lines.join('\n'));
    const expected = runnerCommands(annotations(harmless, lineOf).join('\n'));
    expect(lines).toHaveLength(expected.length);
    expect(commands.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
    commands.forEach(({ properties, text }, i) => {
      expect(Object.keys(properties)).toEqual(Object.keys(expected[i]?.properties ?? {}));
      expect(text).toBe(plain(text));
    });
  });
});

test.each(Object.entries(HOSTILE))(
  'an .hlog with %s in its names has the same intervals',
  (_, text) => {
    const logOf = (prefix: string) => {
      const region = `${prefix}eu-west-1`;
      const requests = [`${prefix}GET /`, `${prefix}GET /b`];
      const run = new SimulatedRun({
        regions: [region],
        requests,
        flows: { [`${prefix}pay`]: [`${prefix}POST /pay`] },
        load: openLoad({ rate: 10, s: 2 }),
      });
      run.only.flow(0, S, 'ok');
      const { regions } = run.fill(20, (i) => ({ request: i % 2 })).collected();
      return [...hlogLines(largeReport(), regions)].join('');
    };
    const log = logOf(text);
    expect(listTags(log)).toHaveLength(9);
    expect(log).not.toMatch(OBEYED);
    expect(runnerCommands(log)).toEqual([]);
    const counts = (of: string) => {
      const reader = new HistogramLogReader(of, 64);
      const found: number[] = [];
      for (let one = reader.nextIntervalHistogram(); one; one = reader.nextIntervalHistogram()) {
        expect(one.tag).not.toMatch(/[\s,]/);
        found.push(one.totalCount);
      }
      return found;
    };
    expect(counts(log)).toEqual(counts(logOf('x')));
  },
);

/** All tags of a Markdown text as a browser gets them, with their attributes. */
function tagsOf(markdown: string): readonly string[] {
  return shown(markdown).match(/<[^>]*>/g) ?? [];
}

function cellsOf(markdown: string): readonly string[] {
  return [...shown(markdown).matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = '']) => cell);
}

function shown(markdown: string): string {
  return marked.parse(markdown, { async: false, gfm: true });
}

/** Elements and the names of their attributes. */
function shapeOf({ name, attributes, children }: XmlElement): unknown {
  return [name, Object.keys(attributes), children.map(shapeOf)];
}

test('the harmless report is as long as the others, and is a report', () => {
  const harmless = prefixed(largeReport(), 'some words ');
  const { run }: Report = harmless;
  expect(run.regions).toHaveLength(3);
  expect(renderText(harmless, { width: 100, color: false })).toContain('some words us-east-1');
  const flows = renderText(prefixed(scenarioReport(), 'some words '), { width: 100, color: false });
  expect(flows).toContain('some words flow pay');
  expect(flows).toContain('✗ some words found something');
});
