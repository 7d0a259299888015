import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/random.js';
import { Timeline, timelineOf } from '../../lib/measure/timeline.js';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function stages(...lengths: readonly number[]) {
  let atUs = 0;
  return lengths.map((length) => {
    const startUs = atUs;
    atUs += length;
    return { startUs, endUs: atUs, warmup: false };
  });
}

describe('how finely a run is cut', () => {
  it.each([
    ['30 s', 30 * SECOND, 1, 1, 60],
    ['5 min', 5 * MINUTE, 1, 5, 60],
    ['7 min', 7 * MINUTE, 1, 7, 63],
    ['10 min', 10 * MINUTE, 1, 10, 60],
    ['10 min and a bit', 10 * MINUTE + 1, 5, 15, 60],
    ['1 h', HOUR, 5, 60, 60],
    ['1 h and a bit', HOUR + 1, 10, 70, 70],
    ['10 h', 10 * HOUR, 10, 600, 600],
  ])('follows from %s of measured time', (_text, measuredUs, window, block, long) => {
    expect(timelineOf(stages(measuredUs), 0)).toMatchObject({
      windowUs: window * SECOND,
      blockUs: block * SECOND,
      longUs: long * SECOND,
    });
  });

  it('does not depend on warm-up', () => {
    const [warm, measured] = stages(20 * MINUTE, 5 * MINUTE);
    const spec = timelineOf([{ ...warm!, warmup: true }, measured!], 0);
    expect([spec.windowUs, spec.blockUs]).toEqual([SECOND, 5 * SECOND]);
  });

  it('keeps blocks that are longer than a leg to whole legs', () => {
    const leg = 540 * SECOND;
    expect(timelineOf(stages(10 * HOUR), 0, leg).blockUs).toBe(2 * leg);
    expect(timelineOf(stages(9 * HOUR), 0, leg).blockUs).toBe(leg);
    expect(timelineOf(stages(HOUR), 0, leg).blockUs).toBe(MINUTE);
  });
});

describe('the spans of a time line', () => {
  it('are cut from the start of the run and at stage boundaries', () => {
    const spec = { ...timelineOf(stages(2_500_000, 1_700_000), 1_300_000), longUs: 2 * SECOND };
    const { windows, stageOfWindow } = new Timeline(spec);
    expect(windows.map(({ startUs, endUs }) => [startUs, endUs])).toEqual([
      [0, 1_000_000],
      [1_000_000, 2_000_000],
      [2_000_000, 2_500_000],
      [2_500_000, 3_000_000],
      [3_000_000, 4_000_000],
      [4_000_000, 4_200_000],
      [4_200_000, 5_000_000],
      [5_000_000, 5_500_000],
    ]);
    expect([...stageOfWindow]).toEqual([0, 0, 0, 1, 1, 1, -1, -1]);
  });

  it('lie in one another: window in block, block in long block, all in one stage', () => {
    const random = new Random(1);
    for (let round = 0; round < 200; round++) {
      const lengths = Array.from({ length: 1 + random.below(5) }, () =>
        random.below(2) ? random.below(300) * SECOND : random.below(2_000_000_000),
      );
      const tailUs = 1 + random.below(200 * SECOND);
      const timeline = new Timeline(timelineOf(stages(...lengths), tailUs));
      const { windows, blocks, longs } = timeline;
      const endUs = lengths.reduce((sum, length) => sum + length, 0) + tailUs;
      for (const spans of [windows, blocks, longs]) {
        expect(spans[0]!.startUs).toBe(0);
        expect(spans.at(-1)!.endUs).toBe(endUs);
        expect(spans.every((span, i) => i === 0 || spans[i - 1]!.endUs === span.startUs)).toBe(
          true,
        );
        expect(spans.every((span) => span.endUs > span.startUs)).toBe(true);
      }
      const longOfBlock = new Map<number, number>();
      windows.forEach((window, i) => {
        const block = timeline.blockOfWindow[i]!;
        const long = timeline.longOfWindow[i]!;
        for (const coarse of [blocks[block]!, longs[long]!]) {
          expect(coarse.startUs).toBeLessThanOrEqual(window.startUs);
          expect(coarse.endUs).toBeGreaterThanOrEqual(window.endUs);
          expect(coarse.stage).toBe(window.stage);
        }
        expect(longOfBlock.get(block) ?? long).toBe(long);
        longOfBlock.set(block, long);
      });
    }
  });

  it('skip stages of no length', () => {
    const { windows } = new Timeline(timelineOf(stages(SECOND, 0, SECOND), 0));
    expect(windows.map(({ stage }) => stage)).toEqual([0, 2]);
  });

  it.each([
    ['a gap between stages', { stages: [{ startUs: 5, endUs: 10 }] }],
    ['blocks of broken windows', { blockUs: 1_500_000 }],
    ['long blocks of broken blocks', { longUs: 61_000_000, blockUs: 2_000_000 }],
    ['no time at all', { stages: [], tailUs: 0 }],
    ['windows of no length', { windowUs: 0 }],
  ])('are refused with %s', (_what, broken) => {
    const spec = { ...timelineOf(stages(MINUTE), 0), ...broken };
    expect(() => new Timeline(spec)).toThrow(RangeError);
  });
});

describe('the window at an instant', () => {
  const timeline = new Timeline(timelineOf(stages(2_500_000, 7_700_000, 60_000_000), 5_000_000));
  const truth = (us: number): number => {
    const found = timeline.windows.findIndex(({ endUs }) => us < endUs);
    return found < 0 ? timeline.windows.length - 1 : found;
  };

  it('is found for instants that only grow', () => {
    for (let us = -SECOND; us < 80 * SECOND; us += 33_333) {
      expect(timeline.windowAt(us)).toBe(truth(us));
    }
  });

  it('is found for instants in any order, boundaries included', () => {
    const random = new Random(2);
    const edges = timeline.windows.flatMap(({ startUs, endUs }) => [startUs, startUs - 1, endUs]);
    for (let i = 0; i < 5_000; i++) {
      const us = random.below(2) ? edges[random.below(edges.length)]! : random.below(90 * SECOND);
      expect(timeline.windowAt(us)).toBe(truth(us));
    }
  });
});
