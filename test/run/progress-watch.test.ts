import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COUNTERS } from '../../lib/measure/counters.js';
import { encodeFragment } from '../../lib/measure/fragment.js';
import { Timeline, timelineOf } from '../../lib/measure/timeline.js';
import type { ShardState } from '../../lib/run/leg-watch.js';
import { LiveTally } from '../../lib/run/live-tally.js';
import { LIVE_LIMITS, liveValidity } from '../../lib/run/live-validity.js';
import { ProgressWatch } from '../../lib/run/progress-watch.js';
import type { Control } from '../../lib/store/control.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import type { Progress } from '../../lib/store/progress.js';
import { runFiles } from '../../lib/store/run-files.js';
import {
  MS,
  openLoad,
  type PlanParts,
  S,
  SimulatedRun,
  type SimulatedWorker,
  START_MS,
} from '../report/simulated-run.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
let count = 0;

/** A run whose workers are told what they see, watched as an orchestrator watches it. */
class WatchedRun extends SimulatedRun {
  readonly files = runFiles(FolderStore.open(join(scratch, String(++count))), this.frozen.run);
  readonly heard: string[] = [];
  readonly watch = new ProgressWatch(this.frozen, this.files, {
    add: ({ covers }) => this.heard.push(...covers),
    recall: () => {},
  });
  control: Control = {
    schema: 'isochrone.control/1',
    startAtMs: START_MS,
    legs: this.frozen.legs.map(() => ({ state: 'go', void: [] })),
    stop: null,
  };
  over: (worker: SimulatedWorker) => ShardState['over'] = () => null;

  constructor(parts: PlanParts) {
    super(parts);
  }

  async tell(worker: SimulatedWorker, atUs: number, final = false): Promise<void> {
    worker.flush(atUs, final);
    const content = worker.fragments.at(-1)!;
    const ref = { run: this.frozen.run, region: worker.region, leg: worker.leg, n: worker.n };
    const seq = worker.fragments.length - 1;
    await this.files.fragments.create({ ...ref, attempt: 1 }, seq, encodeFragment(content));
  }

  async at(us: number): Promise<Progress> {
    const legs = this.frozen.legs.map((leg) => ({
      leg,
      shards: this.workers
        .filter((worker) => worker.leg === leg.index)
        .map((worker) => ({
          ref: {
            run: this.frozen.run,
            region: worker.region,
            leg: leg.index,
            n: worker.n,
            attempt: 1,
          },
          ready: true,
          over: this.over(worker),
        })),
    }));
    const progress = await this.watch.look(START_MS + us / MS, this.control, legs);
    return progress!;
  }
}

const load = openLoad({ rate: 100, s: 30 });

/** Requests every 10 ms from one second to another; `each` says how they go. */
function send(
  worker: SimulatedWorker,
  fromS: number,
  toS: number,
  each: Parameters<SimulatedWorker['exchange']>[0] | object = {},
): void {
  for (let dueUs = fromS * S; dueUs < toS * S; dueUs += 10 * MS)
    worker.exchange({ dueUs, ...each });
}

describe('what is told of a run', () => {
  test('once a second, with its instant; in between nothing', async () => {
    const run = new WatchedRun({ load });
    expect(await run.at(0)).toMatchObject({
      schema: 'isochrone.progress/1',
      toldAtMs: START_MS,
      phase: 'running',
      stage: '100/s',
      knownToUs: 0,
      rateAsked: null,
      rateAchieved: null,
      p99Us: null,
      series: [],
    });
    expect(await run.at(0.5 * S)).toBeNull();
    expect(await run.at(1 * S)).toMatchObject({ elapsedUs: 1 * S });
  });

  test('rates, errors and times are those of the last 10 s', async () => {
    const run = new WatchedRun({ load });
    send(run.only, 0, 5, { latencyUs: 900 * MS });
    send(run.only, 5, 10, { latencyUs: 20 * MS });
    send(run.only, 10, 15, { outcome: 'failed', latencyUs: 30 * MS });
    await run.tell(run.only, 15.2 * S);
    const told = await run.at(16 * S);
    expect(told).toMatchObject({ scheduled: 1500, ended: 1500, failed: 500, answers: 500 });
    expect(told).toMatchObject({ fromUs: 5 * S, toUs: 15 * S });
    // By when they ended: 90 of the slow ones came after 5 s, 3 of the failed ones after 15 s.
    expect(told.rateAchieved).toBe((90 + 500) / 10);
    expect(told.errorShare).toBe(497 / (90 + 500 + 497));
    expect(told.p50Us).toBeGreaterThan(19 * MS);
    expect(told.p99Us).toBeLessThan(21 * MS);
    expect(told.rateAsked).toBeCloseTo(100);
    expect(run.heard).toEqual(['local/0/0.1/0']);
  });

  test('what is asked on a ramp is what was asked when the answers came', async () => {
    const ramp = {
      kind: 'open' as const,
      stages: [{ fromRate: 0, toRate: 300, durationUs: 30 * S, name: 'climb', warmup: false }],
    };
    const run = new WatchedRun({ load: ramp, regions: ['a', 'b'] });
    for (const worker of run.workers) {
      send(worker, 0, 20);
      await run.tell(worker, 20.1 * S);
    }
    const told = await run.at(24 * S);
    expect(told.rateAsked).toBeCloseTo(150);
    expect(told.regions.map(({ rateAsked }) => rateAsked)).toEqual([
      expect.closeTo(75),
      expect.closeTo(75),
    ]);
  });

  test('a worker that has told less holds the figures back, not down', async () => {
    const run = new WatchedRun({ load, workers: 2 });
    const [first, second] = run.workers as [SimulatedWorker, SimulatedWorker];
    send(first, 0, 15);
    send(second, 0, 10);
    await run.tell(first, 15.1 * S);
    await run.tell(second, 10.1 * S);
    const told = await run.at(16 * S);
    expect(told).toMatchObject({ knownToUs: 10.1 * S });
    expect(told.rateAchieved).toBeGreaterThan(195);
  });

  test('one that is silent for three fragments is named, and holds up nobody', async () => {
    const run = new WatchedRun({ load, workers: 2 });
    const [first, second] = run.workers as [SimulatedWorker, SimulatedWorker];
    send(first, 0, 20);
    await run.tell(first, 20.1 * S);
    expect(await run.at(14 * S)).toMatchObject({ knownToUs: 0, workers: { silent: 0 } });
    expect(await run.at(21 * S)).toMatchObject({
      knownToUs: 20.1 * S,
      workers: { planned: 2, ready: 2, silent: 1 },
      validity: { level: 'good' },
    });
    run.over = (worker) => (worker === second ? 'gone' : null);
    expect(await run.at(22 * S)).toMatchObject({
      workers: { silent: 0, lost: 1 },
      validity: { level: 'invalid' },
    });
  });

  test('a damaged fragment stops nothing: the report will name it', async () => {
    const run = new WatchedRun({ load });
    const ref = { run: run.frozen.run, region: 'local', leg: 0, n: 0, attempt: 1 };
    await run.files.fragments.create(ref, 0, Buffer.from('no fragment'));
    expect(await run.at(6 * S)).toMatchObject({ ended: 0, knownToUs: 0 });
  });

  test('how a run is stopped is told', async () => {
    const run = new WatchedRun({ load });
    run.control = { ...run.control, stop: { atMs: START_MS, by: 'user', cause: 'isochrone stop' } };
    expect(await run.at(6 * S)).toMatchObject({ stopping: 'isochrone stop' });
  });
});

describe('the series', () => {
  test('has at most 60 points over the whole run, each the p99 of its stretch', async () => {
    const run = new WatchedRun({ load: openLoad({ rate: 100, s: 240 }) });
    send(run.only, 0, 4, { latencyUs: 20 * MS });
    send(run.only, 8, 12, { latencyUs: 500 * MS });
    await run.tell(run.only, 14 * S);
    const told = await run.at(15 * S);
    expect(told.seriesStepUs).toBe(4 * S);
    expect(told.series).toHaveLength(3);
    const [before, nothing, after] = told.series;
    expect(before).toBeLessThan(21 * MS);
    expect(nothing).toBeNull();
    expect(after).toBeGreaterThanOrEqual(500 * MS);
  });

  test('of a fixed amount grows with it', async () => {
    const amount = {
      kind: 'amount' as const,
      name: null,
      requests: 10_000,
      users: 1,
      capUs: 600 * S,
      pace: { kind: 'none' as const },
    };
    const run = new WatchedRun({ load: amount });
    const lengths: number[] = [];
    for (let s = 5; s <= 150; s += 5) {
      send(run.only, s - 5, s, { latencyUs: s * MS });
      await run.tell(run.only, s * S);
      const { series, seriesStepUs, amount: asked } = await run.at(s * S);
      expect(asked).toBe(10_000);
      expect(series.length * seriesStepUs).toBeGreaterThanOrEqual((s - 5) * S);
      expect(series.every((value) => value !== null)).toBe(true);
      expect(series.at(-1)).toBeGreaterThanOrEqual(s * MS);
      lengths.push(series.length);
    }
    expect(Math.max(...lengths)).toBeLessThanOrEqual(60);
    expect(Math.min(...lengths.slice(12))).toBeGreaterThanOrEqual(30);
  });

  test('is kept of what was long ago', async () => {
    const run = new WatchedRun({ load: openLoad({ rate: 100, s: 600 }) });
    send(run.only, 0, 10, { latencyUs: 70 * MS });
    for (let s = 5; s <= 400; s += 5) await run.tell(run.only, s * S);
    const first = (await run.at(30 * S)).series[0];
    expect(first).toBeGreaterThanOrEqual(70 * MS);
    expect((await run.at(400 * S)).series[0]).toBe(first);
  });
});

describe('validity so far', () => {
  test('lag is known once a long block has closed', async () => {
    const run = new WatchedRun({ load: openLoad({ rate: 100, s: 120 }) });
    send(run.only, 0, 58);
    send(run.only, 58, 60, { lagUs: 8 * MS });
    await run.tell(run.only, 55 * S);
    const lagOf = ({ validity }: Progress) => validity.checks.find(({ check }) => check === 'lag');
    expect(lagOf(await run.at(56 * S))).toMatchObject({
      level: 'good',
      measured: null,
      untilUs: null,
    });
    await run.tell(run.only, 61 * S);
    const told = await run.at(62 * S);
    expect(lagOf(told)).toMatchObject({ level: 'doubtful', region: 'local', untilUs: 60 * S });
    expect(lagOf(told)?.measured).toBeCloseTo(2 / 60);
    expect(told.validity.level).toBe('doubtful');
    // Nothing is known of what came since, and nothing is claimed of it.
    await run.tell(run.only, 90 * S);
    expect(lagOf(await run.at(91 * S))).toMatchObject({ untilUs: 60 * S });
  });

  test('requests that the generator dropped are told at once, and where', async () => {
    const run = new WatchedRun({ load, regions: ['a', 'b'] });
    for (const worker of run.workers) {
      const dropped = worker.region === 'b' ? { outcome: 'droppedGenerator' as const } : {};
      send(worker, 0, 4);
      worker.exchange({ dueUs: 4 * S, ...dropped });
      await run.tell(worker, 5 * S);
    }
    const { validity } = await run.at(6 * S);
    expect(validity.level).toBe('invalid');
    expect(validity.checks[1]).toMatchObject({ check: 'offered', measured: 1 / 401, region: 'b' });
  });

  test('flows that the generator dropped count as starts, as in the report, not as the request that stands for each', () => {
    const timeline = new Timeline(
      timelineOf([{ startUs: 0, endUs: 10 * S, warmup: false }], 10 * S),
    );
    const tally = new LiveTally(timeline, S, () => true);
    const counted: Partial<Record<(typeof COUNTERS)[number], number>> = {
      ...{ scheduled: 9_999 * 10 + 1, droppedGenerator: 1 },
      ...{ iterationsScheduled: 500, iterationsDroppedGenerator: 1 },
    };
    const values = COUNTERS.map((name) => counted[name] ?? 0);
    tally.add({ rows: [{ window: 0, request: 0, values }], histograms: [] });
    const workers = { planned: 1, ready: 1, reported: 0, lost: 0, silent: 0 };
    const { checks } = liveValidity([{ region: 'local', tally, workers }]);
    expect(checks[1]).toMatchObject({ check: 'offered', measured: 1 / 500, level: 'invalid' });
    // Whoever takes over knows as much.
    const taken = new LiveTally(timeline, S, () => true, tally.memory());
    const { checks: again } = liveValidity([{ region: 'local', tally: taken, workers }]);
    expect(again[1]).toEqual(checks[1]);
  });

  test('is judged by the limits of the report', () => {
    const { validity } = new SimulatedRun({ load }).fill(10).report().verdict;
    for (const [check, limit] of Object.entries(LIVE_LIMITS)) {
      expect(validity.find((verdict) => verdict.check === check)?.limit).toEqual(limit);
    }
  });
});
