import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../lib/report/report-schema.js';
import { hostileReport } from '../report/html/hostile-report.js';
import {
  shopReport,
  thirtyRegions,
  tinyReport,
  troubledReport,
} from '../report/html/page-reports.js';
import { vastReport } from '../report/html/vast-report.js';
import { scenarioReport } from '../report/scenario-report.js';
import { largeReport } from '../support/sample-report.js';
import { PageRig, unfoldAll, WIDTHS } from './opened-page.js';

const rig = new PageRig();
beforeAll(() => rig.start());
afterEach(() => rig.closePages());
afterAll(() => rig.stop());

const REPORTS: readonly (readonly [string, () => Report])[] = [
  ['eight regions', shopReport],
  ['thirty regions', thirtyRegions],
  ['fifty requests', tinyReport],
  ['a broken run', troubledReport],
  ['a report written by hand', largeReport],
  ['flows and checks', scenarioReport],
  ['hostile answers', hostileReport],
  ['hostile flows and checks', () => hostileReport(scenarioReport())],
];

describe.each(REPORTS)('the page of %s', (_, report) => {
  let path: string;
  beforeAll(() => {
    path = rig.write(report());
  });

  test.each([true, false])('opens from disk without a network, script %s', async (script) => {
    for (const width of WIDTHS) {
      const { page, troubles } = await rig.open(path, { script, width });
      if (script) await unfoldAll(page);
      expect([width, await page.title()]).not.toEqual([width, '']);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect([width, wide]).toEqual([width, width]);
      expect(troubles).toEqual([]);
    }
  });

  test('shows one chart of each kind, none of whose texts overlap or leave it', async () => {
    for (const width of WIDTHS) {
      const { page } = await rig.open(path, { width });
      const wrong = await page.evaluate(() => {
        const found: string[] = [];
        for (const chart of document.querySelectorAll<SVGSVGElement>('svg.chart')) {
          const frame = chart.getBoundingClientRect();
          if (frame.width === 0) continue;
          const texts = [...chart.querySelectorAll('text')].flatMap((text) => {
            const box = text.getBoundingClientRect();
            return box.width > 0 && text.textContent !== ''
              ? [{ box, said: text.textContent }]
              : [];
          });
          for (const [i, { box, said }] of texts.entries()) {
            const out =
              box.left < frame.left - 1 ||
              box.right > frame.right + 1 ||
              box.bottom > frame.bottom + 1;
            if (out) found.push(`${chart.id}: “${said}” leaves it`);
            for (const other of texts.slice(i + 1)) {
              const x = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
              const y = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
              // Boxes hold room for descenders that figures do not have.
              if (x > 1 && y > 4) found.push(`${chart.id}: “${said}” and “${other.said}”`);
            }
          }
        }
        return found;
      });
      expect([width, wrong]).toEqual([width, []]);
      const shown = await page.evaluate(() =>
        [...document.querySelectorAll('.plot')].map(
          (plot) =>
            [...plot.children].filter((one) => one.getBoundingClientRect().width > 0).length,
        ),
      );
      expect(new Set(shown)).toEqual(new Set(shown.length > 0 ? [1] : []));
    }
  });
});

test('nothing that a hostile target said has run', async () => {
  for (const report of [hostileReport(), hostileReport(scenarioReport())]) {
    const { page, troubles } = await rig.open(rig.write(report));
    await unfoldAll(page);
    await page.selectOption('#slicer-of', { index: 1 });
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(3);
    expect(troubles).toEqual([]);
  }
});

test('the largest page can be used at once, and so can its table', async () => {
  const path = rig.write(vastReport());
  const { page, troubles } = await rig.open(path);
  const timing = await page.evaluate(() => {
    const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return { interactive: entry!.domInteractive, elements: document.querySelectorAll('*').length };
  });
  // A browser takes in some hundred thousand elements a second: what is folded away is none yet.
  expect(timing.elements).toBeLessThan(20_000);
  expect(await page.locator('#slicer tbody tr').count()).toBe(30);
  await page.getByRole('group', { name: 'Rows' }).getByText('Requests').click();
  await page.selectOption('#slicer-of', 'region 7');
  expect(await page.locator('#slicer tbody tr').count()).toBe(100);
  expect(troubles).toEqual([]);
});
