import { describe, expect, test } from 'vitest';
import { CHART_STYLE } from '../../lib/charts/chart-style.js';
import { overlap, within } from '../../lib/charts/text-label.js';
import { drawnChart } from './drawn-chart.js';
import {
  CHARTS,
  type ChartName,
  drawChart,
  drawShareBar,
  draws,
  NAMES,
  type Sample,
} from './sample-charts.js';

const WIDTHS = [1120, 660, 350, 300];
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onload='alert(1)",
  ']]><!--&amp;&lt;',
  'a\u0000b\u001b[31mc\u202ed\u2028e',
  `${'ab c'.repeat(200)}`,
  '\ud83d\ude80 東京 ñandú \ud800',
  '',
];

function randomSample(seed: number): Sample {
  const draw = draws(seed);
  const pick = <T>(values: readonly T[]) => values[Math.floor(draw() * values.length)]!;
  const count = pick([1, 2, 3, 8, 9, 16, 30]);
  const shuffled = [...NAMES].sort(() => draw() - 0.5);
  return {
    names: [
      ...shuffled.slice(0, count - 1),
      pick(['local', 'tokyo', ...HOSTILE, shuffled[count]!]),
    ],
    baseMs: pick([0.001, 0.04, 1, 20, 300, 3_600_000]),
    ratio: pick([1, 1.0001, 1.3, 4, 50, 100_000]),
    withheld: pick([0, 0.3, 1]),
    spans: pick([1, 2, 17, 240]),
    stages: pick([1, 2, 12]),
    legs: pick([1, 5, 67]),
    objectives: pick([0, 1, 4, 12]),
    seed,
  };
}

const seeds = Array.from({ length: 60 }, (_, i) => i + 1);

describe.each(CHARTS)('%s', (chart) => {
  test('no label lies on another or out of the picture, whatever the data', () => {
    for (const seed of seeds) {
      for (const width of WIDTHS) {
        const sample = randomSample(seed);
        const { texts, height, width: told } = drawnChart(drawChart(chart, sample, width));
        const told2 = `seed ${seed}, ${width} px`;
        expect(told, told2).toBe(width);
        const picture = { x: -0.1, y: -0.1, width: width + 0.2, height: height + 0.2 };
        for (const [i, { text, box }] of texts.entries()) {
          expect(
            Object.values(box).every(Number.isFinite),
            `${told2}: "${text}" is somewhere`,
          ).toBe(true);
          expect(within(box, picture), `${told2}: "${text}" is within the picture`).toBe(true);
          const other = texts.slice(0, i).find((before) => overlap(before.box, box, -0.2));
          expect(other?.text, `${told2}: lies under "${text}"`).toBeUndefined();
        }
      }
    }
  });

  test('names from outside are text, and nothing else', () => {
    const calm = drawnChart(
      drawChart(chart, plainSample(HOSTILE.map((_, i) => `region-${i}`)), 660),
    );
    const svg = drawChart(chart, plainSample(HOSTILE), 660);
    const hostile = drawnChart(svg);
    expect(hostile.elements).toEqual(calm.elements);
    expect(
      hostile.attributes.map(([name]) => name).filter((name) => /^on|href/i.test(name)),
    ).toEqual(hostile.attributes.map(([name]) => name).filter((name) => name === 'href'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
    expect(svg).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]|\p{Cs}/u);
  });

  test("colours are the style sheet's alone, and nothing is styled in place", () => {
    const { attributes } = drawnChart(drawChart(chart, plainSample(NAMES.slice(0, 9)), 1120));
    for (const [name, value] of attributes) {
      expect(['style', 'stroke', 'color', 'stop-color']).not.toContain(name);
      if (name === 'fill') expect(value).toMatch(/^url\(#/);
    }
  });

  test('every class that it names has a style', () => {
    const classes = new Set(
      WIDTHS.flatMap((width) =>
        drawnChart(drawChart(chart, plainSample(NAMES.slice(0, 9)), width)).attributes.flatMap(
          ([name, value]) => (name === 'class' ? value.split(' ') : []),
        ),
      ),
    );
    const unstyled = [...classes].filter((name) => !CHART_STYLE.includes(`.${name}`));
    expect(unstyled.filter((name) => !BARE.has(name) && name !== chart)).toEqual([]);
  });

  test('it has a name, a description and ids of its own', () => {
    const svg = drawChart(chart, plainSample(NAMES.slice(0, 3)), 660, 'mine');
    const { ids } = drawnChart(svg);
    expect(svg).toMatch(
      /^<svg [^>]*role="img" aria-labelledby="mine-title mine-desc"><title id="mine-title">[^<]{10}/,
    );
    expect(svg).toMatch(/<desc id="mine-desc">[^<]{20}/);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id !== 'mine' && !id.startsWith('mine-'))).toEqual([]);
    for (const [, id] of svg.matchAll(/(?:href="|url\()#([^")]+)/g)) expect(ids).toContain(id);
  });

  test('the same data give the same picture', () => {
    const sample = plainSample(NAMES.slice(0, 12));
    expect(drawChart(chart, sample, 660)).toBe(drawChart(chart, sample, 660));
  });
});

/** Names for scripts and for what is grouped, which have no look of their own. */
const BARE = new Set(['region', 'objective', 'curve-label', 'open']);

function plainSample(names: readonly string[]): Sample {
  return {
    names,
    ...{ baseMs: 20, ratio: 30, withheld: 0.05, spans: 30, stages: 3, legs: 3, objectives: 4 },
    seed: 5,
  };
}

test('nothing to show is said, not drawn', () => {
  const empty: ChartName[] = ['percentiles', 'heat-map', 'region-grid'];
  for (const chart of empty) {
    const svg = drawChart(chart, { ...plainSample(['local']), withheld: 1, spans: 0 }, 350);
    expect(drawnChart(svg).texts.length, chart).toBe(1);
  }
});

test('a share that is not nothing is seen, one that is nothing is not', () => {
  const { attributes } = drawnChart(drawShareBar('share'));
  const widths = attributes.flatMap(([name, value]) => (name === 'width' ? [Number(value)] : []));
  expect(Math.min(...widths)).toBeGreaterThanOrEqual(0.5);
  expect(attributes).not.toContainEqual(['class', 'part-lost']);
});
