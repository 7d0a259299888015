import { describe, expect, test } from 'vitest';
import { MS, openLoad, S, SimulatedRun, sliceOf } from './simulated-run.js';

describe('series', () => {
  const report = new SimulatedRun({
    regions: ['us-east-1', 'eu-west-1'],
    load: openLoad({ rate: 10, s: 100, warmup: true }, { rate: 10, s: 500 }),
  })
    .fill(6000, (i, { region }) => ({
      latencyUs: (region === 'eu-west-1' ? 100 : 20) * MS + (i % 100) * MS,
      ...(i % 50 === 0 ? ({ outcome: 'failed' } as const) : {}),
    }))
    .report();

  test('are of all regions together and of each', () => {
    expect(report.series.map(({ region }) => region)).toEqual([null, 'us-east-1', 'eu-west-1']);
  });

  test('have at most 240 points of whole windows', () => {
    for (const { points, spanSeconds } of report.series) {
      expect(spanSeconds).toBe(3);
      expect(points.map(({ start }) => start)).toEqual(points.map((_, i) => i * 3));
      expect(points.length).toBeLessThanOrEqual(240);
    }
  });

  test('add up to the whole run, warm-up included', () => {
    for (const { region, points } of report.series) {
      const sum = (key: 'scheduled' | 'ok' | 'failed' | 'ended' | 'endedFailed') =>
        points.reduce((all, point) => all + point[key], 0);
      const workers = region === null ? 2 : 1;
      expect(sum('scheduled')).toBe(6000 * workers);
      expect(sum('ok') + sum('failed')).toBe(6000 * workers);
      expect(sum('ended')).toBe(6000 * workers);
      expect(sum('endedFailed')).toBe(120 * workers);
    }
  });

  test('put every good answer into one band of the heat map, by its latency', () => {
    const [all] = report.series;
    expect(all!.edges).toHaveLength(25);
    expect(all!.edges[0]).toBe(21);
    expect(all!.edges.at(-1)).toBe(199);
    for (const { points, edges } of report.series) {
      expect(edges).toEqual(all!.edges);
      for (const { heat, ok } of points) {
        expect(heat).toHaveLength(24);
        expect(heat.reduce((sum, n) => sum + n, 0)).toBe(ok);
      }
    }
    const [, us, eu] = report.series;
    // No answer of eu-west-1 was under 100 ms.
    const below = all!.edges.findIndex((edge) => edge > 100) - 1;
    const low = (series: typeof us) =>
      series!.points.reduce(
        (sum, { heat }) => sum + heat.slice(0, below).reduce((a, b) => a + b),
        0,
      );
    expect(low(eu)).toBe(0);
    expect(low(us)).toBeGreaterThan(4000);
  });

  test('end where a stopped run ended', () => {
    const run = new SimulatedRun({ load: openLoad({ rate: 10, s: 100 }) });
    for (let i = 0; i < 50; i++) run.only.exchange({ dueUs: i * 100 * MS });
    run.only.stoppedAtUs = 5 * S;
    run.stop(5 * S, 'interrupt');
    const stopped = run.report();
    expect(stopped.series[0]!.points).toHaveLength(5);
    expect(sliceOf(stopped)).toMatchObject({ seconds: 5, rate: 10 });
  });
});
