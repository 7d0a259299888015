import { describe, expect, test } from 'vitest';
import { liveLines, type Scene } from '../../lib/cli/terminal/live-lines.js';
import { columns } from '../../lib/report/render/plain.js';
import { sparkline } from '../../lib/report/render/sparkline.js';
import type { LiveValidity, Progress } from '../../lib/store/progress.js';
import { expectGolden } from '../support/golden.js';
import { progressOf, regionOf } from '../support/live-progress.js';

function sceneOf(over: Partial<Progress> = {}, view: Partial<Scene> = {}): Scene {
  const progress = progressOf(over);
  return { progress, elapsedUs: progress.elapsedUs, quietMs: 300, ...view };
}

const doubtful: LiveValidity = {
  level: 'doubtful',
  checks: [
    {
      check: 'lag',
      level: 'doubtful',
      measured: 0.031,
      region: 'ap-northeast-1',
      untilUs: 30_000_000,
    },
    { check: 'offered', level: 'doubtful', measured: 0.0004, region: 'sa-east-1', untilUs: null },
    { check: 'fragments', level: 'good', measured: 0, region: null, untilUs: null },
  ],
};
const lagTold: LiveValidity = {
  level: 'good',
  checks: [{ check: 'lag', level: 'good', measured: 0.001, region: 'local', untilUs: 30_000_000 }],
};
const lost: LiveValidity = {
  level: 'invalid',
  checks: [
    { check: 'fragments', level: 'invalid', measured: 1, region: 'ap-northeast-1', untilUs: null },
  ],
};

const series = (scale: number) =>
  Array.from({ length: 20 }, (_, i) => (i === 7 ? null : scale * (1 + (i % 5))));
const four = ['us-east-1', 'eu-west-1', 'ap-northeast-1', 'sa-east-1'].map((region, i) =>
  regionOf(region, {
    rateAchieved: 150 - i,
    p50Us: 9_000 * (i + 1),
    p99Us: 61_000 * (i + 1),
    answers: i === 3 ? 400 : 1_400,
    errorShare: i === 1 ? 0.012 : 0,
    series: series(10_000 * (i + 1)),
  }),
);
const twelve = Array.from({ length: 12 }, (_, i) =>
  regionOf(`region-${i + 1}`, {
    rateAchieved: i === 4 ? 0 : 50,
    p50Us: i === 4 ? null : 9_000,
    p99Us: i === 4 ? null : 20_000 + 1_000 * ((i * 7) % 12),
    errorShare: i === 4 ? 1 : 0,
    series: series(10_000),
  }),
);
const workers = { planned: 4, ready: 4, reported: 0, lost: 1, silent: 1 };

const NOTHING = { knownToUs: 0, fromUs: 0, toUs: 0 };
const SCENES: readonly (readonly [what: string, scene: Scene])[] = [
  ['arming', sceneOf({ phase: 'arming', elapsedUs: -1, ...NOTHING, stage: null })],
  ['about to start', sceneOf({ elapsedUs: -1_400_000, ...NOTHING, stage: null })],
  ['nothing told yet', sceneOf({ elapsedUs: 3_000_000, ...NOTHING, rateAchieved: null })],
  ['all is well', sceneOf()],
  ['lag was told', sceneOf({ validity: lagTold })],
  ['few answers', sceneOf({ answers: 60, errorShare: 0, rateAchieved: 6, rateAsked: 6 })],
  ['users set the pace', sceneOf({ rateAsked: null, stage: '100 users' })],
  [
    'a fixed amount',
    sceneOf({
      amount: 100_000,
      rateAsked: null,
      durationUs: 540_000_000,
      stage: '100000 requests',
    }),
  ],
  [
    'four regions',
    sceneOf({ regions: four, validity: doubtful, workers: { ...workers, lost: 0 } }),
  ],
  [
    'a worker lost, and stopped for it',
    sceneOf({
      regions: four.map((region, i) => (i === 2 ? { ...region, workers } : region)),
      validity: lost,
      workers,
      stopping: 'abort rule errors > 50% over 10s: 61 of 100 answers failed from 31s to 41s',
    }),
  ],
  ['twelve regions', sceneOf({ regions: twelve, series: series(30_000) })],
  ['what it costs', sceneOf({ cost: { spentUsd: 0.123, leftUsd: 0.42, limitUsd: 2 } })],
  ['the last answers', sceneOf({ phase: 'finishing', elapsedUs: 123_400_000, stage: null })],
  ['no news', sceneOf({}, { elapsedUs: 61_000_000, quietMs: 18_700 })],
  ['merging', sceneOf({ phase: 'merging', elapsedUs: 121_000_000 })],
];

describe.each([80, 140])('what is seen on %d columns', (width) => {
  test.each([
    ['plain', false],
    ['colour', true],
  ])('%s', (name, color) => {
    const pages = SCENES.map(([what, scene]) =>
      [`## ${what}`, ...liveLines(scene, { width, color })].join('\n'),
    );
    expectGolden(`live-${width}-${name}.txt`, `${pages.join('\n\n')}\n`);
  });
});

test('no line is wider than it may be, however narrow', () => {
  for (const [what, scene] of SCENES) {
    for (let width = 39; width <= 200; width += 7) {
      for (const line of liveLines(scene, { width, color: true })) {
        expect(columns(line), `${what}, ${width}: ${line}`).toBeLessThanOrEqual(width);
      }
    }
  }
});

test('what comes from outside moves no cursor', () => {
  const evil = '\x1b[2Jpeak\n\u202e';
  const scene = sceneOf({
    stage: evil,
    stopping: evil,
    regions: [regionOf(evil), regionOf('local')],
  });
  const lines = liveLines(scene, { width: 80, color: false });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
  expect(lines.join('')).not.toMatch(/[\x00-\x1f\u202e]/);
});

describe('a sparkline', () => {
  test.each([
    ['reaches from 0 to its highest value', [1, 2, 4, 8], 4, 4, '▁▂▄█'],
    ['shows what has no value as a blank', [8, null, 8], 3, 3, '█ █'],
    ['leaves room for what is to come', [8, 4], 5, 5, '█▄···'],
    ['draws neighbours as one, by the higher, where there is no room', [1, 8, 2, 1], 4, 2, '█▂'],
    ['is broader where there is', [4, 8], 3, 7, '▄▄██··'],
    ['of nothing but 0 stays low', [0, 0], 2, 2, '▁▁'],
    ['of nothing is nothing', [], 0, 10, ''],
  ] as const)('%s', (_, values, length, width, line) => {
    expect(sparkline(values, length, width)).toBe(line);
  });
});
