import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import { renderMarkdown } from '../../lib/report/render/markdown.js';
import { prose } from '../../lib/report/render/markdown-text.js';
import type { Report } from '../../lib/report/report-schema.js';
import { expectGolden } from '../support/golden.js';
import { HOSTILE } from '../support/hostile-text.js';
import { largeReport, smallReport } from '../support/sample-report.js';
import { scenarioReport } from './scenario-report.js';

const rendered = (markdown: string) => marked.parse(markdown, { async: false, gfm: true });

test('a run of many regions, requests and stages', () => {
  expectGolden('formats/large.md', renderMarkdown(largeReport()));
});

test('a run of flows, with what was expected of answers', () => {
  expectGolden('formats/scenario.md', renderMarkdown(scenarioReport()));
});

test('a run of one of each', () => {
  expectGolden('formats/small.md', renderMarkdown(smallReport()));
});

test('verdict, objectives and measurement are open to see, what is behind them is folded', () => {
  const html = rendered(renderMarkdown(largeReport()));
  const open = html.replace(/<details>[\s\S]*?<\/details>/g, '');
  expect(open).toMatch(/<h2>❌ FAILED checkout: 2 of 4 objectives missed<\/h2>/);
  expect(open.match(/<td[^>]*>✅ held/g)).toHaveLength(1);
  expect(open.match(/<td[^>]*>❌ missed/g)).toHaveLength(2);
  expect(open).toContain('<strong>Measurement ⚠️ doubtful</strong>');
  expect(open).toContain('<h3>Regions during peak');
  expect(html.match(/<summary>/g)).toHaveLength(8);
  expect(html.match(/<details>/g)).toHaveLength(html.match(/<\/details>/g)?.length ?? 0);
});

/** More of everything than any plan has, with names as long as a target can make them. */
function vastReport(): Report {
  const large = largeReport();
  const long = 'x'.repeat(20_000);
  const names = Array.from({ length: 2_000 }, (_, i) => `${i} ${long}`);
  const [slice] = large.slices;
  const [error] = large.errors;
  const [finding] = large.findings;
  return {
    ...large,
    run: { ...large.run, requests: names, regions: names },
    slices: [
      ...large.slices,
      ...names.flatMap((name) => [
        { ...slice!, stage: 'peak', request: name },
        { ...slice!, stage: 'peak', region: name },
      ]),
    ],
    errors: names.map((message) => ({ ...error!, message, sample: long })),
    findings: names.map((text) => ({ ...finding!, text })),
  };
}

test('what GitHub does not take is left out, section by section, and that is said', () => {
  const vast = vastReport();
  const whole = renderMarkdown(vast);
  expect(Buffer.byteLength(whole)).toBeLessThanOrEqual(1_000 * 1024);
  const room = 20_000;
  const part = renderMarkdown(largeReport(), room / 4);
  expect(Buffer.byteLength(part)).toBeLessThanOrEqual(room / 4);
  expect(part).toMatch(/^## ❌ FAILED/);
  expect(part.trimEnd()).toMatch(/The rest does not fit in here: it is in report\.json\.$/);
  expect(renderMarkdown(largeReport(), 40)).toBe('');
});

describe('text from outside shows as it is, and is no markup', () => {
  test.each([
    '# a',
    '- a',
    '1. a',
    '2) a',
    '> a',
    '===',
    'a | b',
    'a \\| b',
    '<b>a</b> &amp; &#60;',
    '**a** _b_ `c` ~~d~~',
    '[a](http://a.example)',
    '![a](http://a.example)',
    'http://a.example www.a.example',
    '$a$',
    'a\\',
    '\\*a\\*',
  ])('%j', (text) => {
    const html = rendered(`| ${prose(text)} | b |\n|---|---|\n\n${prose(text)}\n`);
    const shown = html
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
      .replace(/&(lt|gt|quot|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
      .replaceAll('\u200b', '');
    expect(shown).toContain(`<th>${text}</th>`);
    expect(shown).toContain(`<p>${text}</p>`);
  });

  test('nobody is called by name, and no issue by number', () => {
    const calling = rendered(prose(HOSTILE.calls ?? ''));
    expect(calling).not.toMatch(/@octocat|#1/);
    expect(calling.replaceAll('\u200b', '').replaceAll('&#8203;', '')).toContain('@octocat #1');
  });
});

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&' };
