import { expect, test } from 'vitest';
import { CHART_STYLE } from '../../lib/charts/chart-style.js';
import { expectGolden } from '../support/golden.js';
import { CHARTS, drawChart, drawShareBar, NAMES, type Sample } from './sample-charts.js';

const SAMPLE: Sample = {
  names: ['us-east-1', 'eu-west-1', 'eu-central-1', 'ap-northeast-1', 'sa-east-1', 'local'],
  baseMs: 20,
  ratio: 30,
  withheld: 0.1,
  spans: 24,
  stages: 3,
  legs: 2,
  objectives: 3,
  seed: 1,
};
const WIDTHS = { wide: 1120, narrow: 350 };

const cases = CHARTS.flatMap((chart) =>
  Object.entries(WIDTHS).map(([name, width]) => ({ chart, name, width })),
);

test.each(cases)('$chart, $name', ({ chart, name, width }) => {
  expectGolden(`charts/${chart}-${name}.svg`, `${readable(drawChart(chart, SAMPLE, width))}\n`);
});

test('a bar of shares', () => {
  expectGolden('charts/share-bar.svg', `${readable(drawShareBar('share'))}\n`);
});

test('the style of all charts', () => {
  expectGolden('charts/chart-style.css', `${CHART_STYLE}\n`);
});

test('thirty regions over 240 spans stay small, and are drawn at once', () => {
  const many: Sample = {
    ...SAMPLE,
    names: NAMES.slice(0, 30),
    spans: 240,
    legs: 67,
    objectives: 10,
  };
  const sizes = cases.map(({ chart, width }) => drawChart(chart, many, width).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(700_000);
});

/** One element a line, so that a golden can be read, and its changes too. */
function readable(svg: string): string {
  return svg.replaceAll('><', '>\n<');
}
