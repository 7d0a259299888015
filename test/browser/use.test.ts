import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../lib/report/report-schema.js';
import { hostileReport } from '../report/html/hostile-report.js';
import {
  shopReport,
  thirtyRegions,
  tinyReport,
  troubledReport,
} from '../report/html/page-reports.js';
import { scenarioReport } from '../report/scenario-report.js';
import { PageRig, unfoldAll } from './opened-page.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const rig = new PageRig();
let shop: string;
beforeAll(async () => {
  await rig.start();
  shop = rig.write(shopReport());
});
afterEach(() => rig.closePages());
afterAll(() => rig.stop());

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

interface Judged {
  readonly violations: readonly Violation[];
  readonly passes: readonly { readonly id: string }[];
}

async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<Judged> };
    };
    const { violations, passes } = await axe.run();
    return { violations, passes: passes.map(({ id }) => id) };
  });
  // That nothing was found must not mean that nothing was looked at.
  expect(passes).toEqual(
    expect.arrayContaining(['color-contrast', 'svg-img-alt', 'th-has-data-cells']),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 4)
      .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}

describe.each([
  ['eight regions', shopReport],
  ['thirty regions', thirtyRegions],
  ['fifty requests', tinyReport],
  ['a broken run', troubledReport],
  ['flows and checks', scenarioReport],
] satisfies readonly (readonly [string, () => Report])[])(
  'axe finds nothing on the page of %s',
  (_, report) => {
    test.each([
      ['light', 1240],
      ['dark', 1240],
      ['light', 390],
      ['dark', 390],
    ] as const)('%s, %d px', async (theme, width) => {
      const { page } = await rig.open(rig.write(report()), { theme, width });
      await unfoldAll(page);
      expect(await violationsOn(page)).toEqual([]);
    });
  },
);

const column = (page: Page, n: number) =>
  page.locator(`#slicer tbody tr:not([hidden]) > :nth-child(${n})`).allTextContents();

test('a table is sorted by the keyboard alone, worst first, then best first, then as it was', async () => {
  const { page } = await rig.open(shop);
  const before = await column(page, 5);
  const heading = page.locator('#slicer thead tr:last-child th:nth-child(5)');
  await heading.locator('button').focus();
  await page.keyboard.press('Enter');
  const ms = (texts: readonly string[]) =>
    texts.map((text) => Number.parseFloat(text) * (/ s$/.test(text) ? 1000 : 1));
  const down = ms(await column(page, 5));
  expect(down).toEqual(down.toSorted((a, b) => b - a));
  expect(await heading.getAttribute('aria-sort')).toBe('descending');
  await page.keyboard.press('Space');
  const up = ms(await column(page, 5));
  expect(up).toEqual(up.toSorted((a, b) => a - b));
  expect(await heading.getAttribute('aria-sort')).toBe('ascending');
  await page.keyboard.press('Enter');
  expect(await column(page, 5)).toEqual(before);
  expect(await heading.getAttribute('aria-sort')).toBe(null);
});

test('the table is cut by region, request and stage, and each cut says what report.json says', async () => {
  const report = shopReport();
  const { page } = await rig.open(shop);
  const { regions, requests, stages } = report.run;
  const scheduled = (of: { region?: string; request?: string; stage?: string }) =>
    report.slices
      .find(
        ({ region, request, stage }) =>
          region === (of.region ?? null) &&
          request === (of.request ?? null) &&
          stage === (of.stage ?? null),
      )!
      .requests.scheduled.toLocaleString('en');
  const rows = page.getByRole('group', { name: 'Rows' });
  await rows.getByText('Requests').click();
  await page.selectOption('#slicer-of', { label: regions[3]! });
  expect(await column(page, 1)).toEqual(requests.map((name) => `${name} #`));
  expect(await column(page, 2)).toEqual(
    requests.map((request) => scheduled({ region: regions[3]!, request })),
  );
  await rows.getByText('Stages').click();
  await page.selectOption('#slicer-of', { label: requests[2]! });
  expect(await column(page, 2)).toEqual(
    stages.map(({ title: stage }) => scheduled({ request: requests[2]!, stage })),
  );
  await rows.getByText('Regions').click();
  await page.selectOption('#slicer-of', { label: requests[1]! });
  expect(await column(page, 2)).toEqual(
    regions.map((region) => scheduled({ request: requests[1]!, region })),
  );
  const foot = page.locator('#slicer tfoot tr td').first();
  expect(await foot.textContent()).toBe(scheduled({ request: requests[1]! }));
});

test('an address leads to its row, wherever it is folded away, with and without a script', async () => {
  const report = shopReport();
  const i = report.slices.findIndex(
    ({ region, request }) => region === 'sa-east-1' && request === 'POST /cart',
  );
  for (const script of [true, false]) {
    const { page } = await rig.open(shop, { script, hash: `#slice-${i}` });
    const row = page.locator(`#slice-${i}`);
    await row.waitFor({ state: 'visible' });
    expect(await row.locator('td').first().textContent()).toBe(
      report.slices[i]!.requests.scheduled.toLocaleString('en'),
    );
    const [top, height] = await page.evaluate(
      (id) => [document.getElementById(id)!.getBoundingClientRect().top, innerHeight],
      `slice-${i}`,
    );
    expect(top).toBeGreaterThanOrEqual(0);
    expect(top).toBeLessThan(height!);
  }
});

test('every heading has an address that leads to it', async () => {
  const { page } = await rig.open(shop);
  const links = await page
    .locator('h2 a.address')
    .evaluateAll((found) => found.map((link) => link.getAttribute('href')));
  expect(links.length).toBeGreaterThan(10);
  for (const link of links) expect(await page.locator(`section${link}`).count()).toBe(1);
});

async function download(page: Page, name: string) {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name, exact: true }).click(),
  ]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}

test('what is shown is downloaded as CSV and JSON, to the microsecond', async () => {
  const report = shopReport();
  const { page, troubles } = await rig.open(shop);
  const csv = await download(page, 'CSV');
  expect(csv.name).toBe(`${report.run.id}.csv`);
  const [head = '', ...lines] = csv.text.replace('\ufeff', '').trimEnd().split('\r\n');
  expect(lines).toHaveLength(report.slices.length);
  const at = head.split(',').indexOf('latency_p50_ms');
  expect(lines.map((line) => line.split(',')[at])).toEqual(
    report.slices.map(({ latency }) => String(latency.p50 ?? '')),
  );
  const overTime = await download(page, 'CSV over time');
  const points = report.series.reduce((sum, series) => sum + series.points.length, 0);
  expect(overTime.text.trimEnd().split('\r\n')).toHaveLength(points + 1);
  const json = JSON.parse((await download(page, 'JSON')).text) as {
    slices: { scheduled: number }[];
  };
  expect(json.slices.map(({ scheduled }) => scheduled)).toEqual(
    report.slices.map(({ requests }) => requests.scheduled),
  );
  expect(troubles).toEqual([]);
});

test('flows are in no table that can be cut, and in what is downloaded by their names', async () => {
  const report = scenarioReport();
  const { page } = await rig.open(rig.write(report));
  await page.getByRole('group', { name: 'Rows' }).getByText('Requests').click();
  expect(await column(page, 1)).toEqual(report.run.requests.map((name) => `${name} #`));
  const { text } = await download(page, 'JSON');
  const { slices } = JSON.parse(text) as { slices: Record<string, string | number | null>[] };
  expect(slices.map(({ request }) => request)).toEqual(report.slices.map((one) => one.request));
  expect(slices.map((one) => one.iterations_scheduled)).toEqual(
    report.slices.map(({ iterations }) => iterations.scheduled),
  );
  expect(slices.map((one) => one.iteration_p50_ms)).toEqual(
    report.slices.map(({ iteration }) => iteration?.p50 ?? null),
  );
});

test('a spreadsheet is given no formula of a hostile name', async () => {
  for (const report of [hostileReport(), hostileReport(scenarioReport())]) {
    const { page } = await rig.open(rig.write(report));
    const { text } = await download(page, 'CSV');
    expect(text.match(/(?:^|,|\n|;)"?[=+@-](?!\d)/g)).toBe(null);
  }
});

test('the theme is the system’s until somebody chooses the other', async () => {
  const { page } = await rig.open(shop, { theme: 'dark' });
  const ground = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await ground();
  await page.getByRole('button', { name: 'Light' }).click();
  const light = await ground();
  expect(light).not.toBe(dark);
  await page.getByRole('button', { name: 'Dark' }).click();
  expect(await ground()).toBe(dark);
});

test('paper is white, whatever the screen, and no chart or row is cut by its edge', async () => {
  const { page } = await rig.open(shop, { theme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  const style = await page.evaluate(() => {
    const broken = [...document.querySelectorAll('.plot, table tr')].filter(
      (one) => getComputedStyle(one).breakInside !== 'avoid',
    );
    return {
      ground: getComputedStyle(document.documentElement).backgroundColor,
      broken: broken.map((one) => one.className),
    };
  });
  expect(style).toEqual({ ground: 'rgb(255, 255, 255)', broken: [] });
  expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
});
