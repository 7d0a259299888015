import { describe, expect, test } from 'vitest';
import { Job } from '../../lib/load/job.js';
import { runTimeline } from '../../lib/load/run-timeline.js';
import type { FragmentContent } from '../../lib/measure/fragment-content.js';
import { Recorder } from '../../lib/measure/recorder.js';
import { Timeline } from '../../lib/measure/timeline.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import { parseAbort } from '../../lib/plan/parse-abort.js';
import { AbortWatch } from '../../lib/run/abort-watch.js';
import type { Control } from '../../lib/store/control.js';
import { constantRate, frozenFor, planFor, requestOf } from '../support/load-plans.js';

const REQUESTS = ['GET /', 'POST /'];
const START_MS = 1_000_000;

/** A run of 60 s from two regions with one worker each, and what those have told. */
function runWith(...rules: string[]) {
  const regions = ['eu', 'us'];
  const scope = { requests: REQUESTS, regions, stages: [] };
  const frozen = frozenFor(
    planFor('http://a.example', constantRate(10, 60), {
      regions: regions.map((name) => ({ name, share: 1, workers: 1 })),
      requests: REQUESTS.map((name) => requestOf(name)),
      abort: rules.map((text) => parseAbort(text, scope)),
    }),
  );
  const watch = new AbortWatch(frozen);
  const control: Control = {
    schema: 'isochrone.control/1',
    startAtMs: START_MS,
    legs: [{ state: 'go', void: [] }],
    stop: null,
  };
  return {
    watch,
    eu: new ToldWorker(frozen, 'eu'),
    us: new ToldWorker(frozen, 'us'),
    judgeAt: (seconds: number, change: Partial<Control> = {}) =>
      watch.judge(START_MS + seconds * 1000, { ...control, ...change }, seconds * 1e6),
  };
}

interface Exchange {
  /** First one due, and how many follow it, one every 100 ms. */
  readonly from: number;
  readonly count: number;
  readonly tookMs: number;
  readonly fails?: boolean;
  readonly request?: number;
}

/** A worker whose requests are given; it tells what a real recorder made of them. */
class ToldWorker {
  readonly #timeline: Timeline;
  readonly #recorder: Recorder;
  #events: { atUs: number; play: () => void }[] = [];

  constructor(frozen: FrozenPlan, region: string) {
    this.#timeline = new Timeline(runTimeline(frozen));
    this.#recorder = new Recorder({
      identity: { run: frozen.run, region, leg: 0, n: 0, attempt: 1 },
      timeline: this.#timeline,
      requests: REQUESTS,
    });
  }

  send({ from, count, tookMs, fails = false, request = 0 }: Exchange): this {
    for (let i = 0; i < count; i++) {
      const dueUs = (from + i / 10) * 1e6;
      const window = this.#timeline.windowAt(dueUs);
      const endUs = dueUs + tookMs * 1000;
      const schedule = () => this.#recorder.scheduled(window, request);
      const end = () => {
        const job = new Job();
        job.begin(request, window, dueUs, dueUs, null);
        job.writtenUs = dueUs;
        job.firstByteUs = endUs;
        job.endUs = endUs;
        if (fails) this.#recorder.failed(job, 1400, 'HTTP 400', null);
        else this.#recorder.ok(job);
      };
      this.#events.push({ atUs: dueUs, play: schedule }, { atUs: endUs, play: end });
    }
    return this;
  }

  tell(seconds: number, final = false): FragmentContent {
    const nowUs = seconds * 1e6;
    this.#events.sort((a, b) => a.atUs - b.atUs);
    const past = this.#events.filter(({ atUs }) => atUs <= nowUs);
    this.#events = this.#events.filter(({ atUs }) => atUs > nowUs);
    for (const { play } of past) play();
    return this.#recorder.flush(nowUs, final);
  }
}

test('errors: fires with the figures, and not before a whole stretch is known', () => {
  const { watch, eu, us, judgeAt } = runWith('errors > 50% over 10s');
  eu.send({ from: 0, count: 200, tookMs: 5, fails: true });
  us.send({ from: 0, count: 100, tookMs: 5 });
  for (const worker of [eu, us]) watch.add(worker.tell(9.5));
  expect(judgeAt(9.5)).toBeNull();
  for (const worker of [eu, us]) watch.add(worker.tell(14.5));
  // From 4 s to 14 s: 100 failed of eu, 60 good ones of us.
  expect(judgeAt(14.5)).toBe(
    'abort rule errors > 50% over 10s: 100 of 160 answers failed (62.5 %) from 4s to 14s',
  );
});

test('errors of a flow: those of the requests of all its steps', () => {
  const regions = ['eu'];
  const scope = { requests: [...REQUESTS, 'flow pay'], regions, stages: [] };
  const frozen = frozenFor(
    planFor('http://a.example', constantRate(10, 60), {
      requests: [requestOf('GET /'), requestOf('POST /', { weight: 0 })],
      flows: [{ kind: 'steps', name: 'pay', weight: 1, steps: [{ kind: 'request', request: 1 }] }],
      regions: [{ name: 'eu', share: 1, workers: 1 }],
      abort: [parseAbort('errors > 50% of "flow pay" over 5s', scope)],
    }),
  );
  const told = new ToldWorker(frozen, 'eu')
    .send({ from: 0, count: 100, tookMs: 5 })
    .send({ from: 0, count: 100, tookMs: 5, request: 1, fails: true });
  const watch = new AbortWatch(frozen);
  watch.add(told.tell(9.5));
  const control = {
    schema: 'isochrone.control/1',
    startAtMs: START_MS,
    legs: [{ state: 'go', void: [] }],
    stop: null,
  } as const;
  expect(watch.judge(START_MS + 9_500, control, 9.5e6)).toContain('50 of 50 answers failed');
});

test('errors: exactly the limit is not above it, and no answer at all is no share', () => {
  const { watch, eu, us, judgeAt } = runWith('errors > 50% over 5s');
  eu.send({ from: 0, count: 100, tookMs: 5, fails: true });
  us.send({ from: 0, count: 100, tookMs: 5 });
  for (const worker of [eu, us]) watch.add(worker.tell(10));
  expect(judgeAt(10)).toBeNull();
  expect(runWith('errors >= 0% over 5s').judgeAt(10)).toBeNull();
});

test('errors belong to when the answer failed, not to when it was due', () => {
  const { watch, eu, judgeAt } = runWith('errors > 50% over 5s');
  eu.send({ from: 0, count: 50, tookMs: 10_000, fails: true });
  watch.add(eu.tell(9.9));
  expect(judgeAt(9.9)).toBeNull();
  watch.add(eu.tell(15));
  expect(judgeAt(15)).toMatch(/50 of 50 answers failed \(100 %\) from 10s to 15s/);
});

test('what is long past does not count any more', () => {
  const { watch, eu, judgeAt } = runWith('errors > 1% over 5s');
  eu.send({ from: 0, count: 20, tookMs: 5, fails: true });
  eu.send({ from: 2, count: 200, tookMs: 5 });
  watch.add(eu.tell(20));
  expect(judgeAt(20)).toBeNull();
});

test('rate: good answers a second, none included', () => {
  const { watch, eu, us, judgeAt } = runWith('rate < 5/s over 10s');
  expect(judgeAt(5)).toBeNull();
  eu.send({ from: 0, count: 60, tookMs: 5 });
  us.send({ from: 0, count: 100, tookMs: 5, fails: true });
  for (const worker of [eu, us]) watch.add(worker.tell(10));
  expect(judgeAt(10)).toBeNull();
  for (const worker of [eu, us]) watch.add(worker.tell(12));
  expect(judgeAt(12)).toMatch(/: 4\.00\/s good answers from 2s to 12s$/);
  for (const worker of [eu, us]) watch.add(worker.tell(40));
  expect(judgeAt(40)).toMatch(/: 0\/s good answers from 30s to 40s$/);
});

describe('of and in', () => {
  test.each<[string, boolean]>([
    ['errors > 90% over 10s', false],
    ['errors > 90% of "POST /" over 10s', true],
    ['errors > 90% of "GET /" over 10s', false],
    ['errors > 40% in eu over 10s', true],
    ['errors > 40% in us over 10s', false],
    ['errors > 40% in every region over 10s', false],
    ['rate > 5/s in every region over 10s', true],
    ['rate < 6/s in every region over 10s', false],
  ])('%s: %s', (rule, fires) => {
    const { watch, eu, us, judgeAt } = runWith(rule);
    eu.send({ from: 0, count: 100, tookMs: 5 });
    eu.send({ from: 0, count: 100, tookMs: 5, fails: true, request: 1 });
    us.send({ from: 0, count: 70, tookMs: 5 });
    for (const worker of [eu, us]) watch.add(worker.tell(10));
    expect(judgeAt(10) !== null).toBe(fires);
  });
});

describe('times', () => {
  test('a percentile over its limit, of good answers and of those that failed', () => {
    const { watch, eu, judgeAt } = runWith('p95 > 1s over 20s');
    eu.send({ from: 0, count: 190, tookMs: 50 }).send({ from: 19, count: 10, tookMs: 50 });
    watch.add(eu.tell(20.1));
    expect(judgeAt(20.1)).toBeNull();
    const slow = runWith('p95 > 1s over 20s');
    slow.eu.send({ from: 0, count: 180, tookMs: 50 });
    slow.eu.send({ from: 0, count: 15, tookMs: 1500 });
    slow.eu.send({ from: 1, count: 5, tookMs: 50, fails: true });
    slow.watch.add(slow.eu.tell(22));
    expect(slow.judgeAt(20)).toMatch(
      /p95 latency was 1\.50 s, 20 of 200 requests took longer than 1\.00 s from 0s to 20s$/,
    );
  });

  test('a target that answers nothing any more is slow, before the first timeout', () => {
    const { watch, eu, judgeAt } = runWith('p50 > 3s over 10s');
    eu.send({ from: 0, count: 600, tookMs: 30_000 });
    watch.add(eu.tell(9.9));
    expect(judgeAt(9.9)).toBeNull();
    watch.add(eu.tell(10));
    // Those due before 7 s have waited for longer than the limit; of the others nobody knows yet.
    expect(judgeAt(10)).toMatch(/70 of 100 requests took longer than 3\.00 s/);
  });

  test('too few to tell fire nothing', () => {
    const { watch, eu, judgeAt } = runWith('p99 > 1s over 10s', 'p50 < 1ms over 10s');
    eu.send({ from: 0, count: 1, tookMs: 2000 });
    watch.add(eu.tell(10));
    expect(judgeAt(10)).toBeNull();
  });

  test('min, mean and max, and the service time apart', () => {
    for (const rule of ['max > 1s over 10s', 'service mean > 40ms over 10s']) {
      const { watch, eu, judgeAt } = runWith(rule);
      eu.send({ from: 0, count: 99, tookMs: 50 }).send({ from: 1, count: 1, tookMs: 1500 });
      watch.add(eu.tell(10));
      expect(judgeAt(10)).toMatch(/(max latency was 1\.50 s|mean service was 64\.5 ms) from 0s/);
    }
  });
});

describe('there is nothing to end', () => {
  const failing = () => {
    const run = runWith('errors > 50% over 5s');
    run.eu.send({ from: 0, count: 700, tookMs: 5, fails: true });
    return run;
  };

  test('before the start, and once it is being stopped', () => {
    const { watch, eu, judgeAt } = failing();
    watch.add(eu.tell(10));
    expect(judgeAt(10)).not.toBeNull();
    expect(judgeAt(10, { startAtMs: null })).toBeNull();
    expect(judgeAt(10, { stop: { atMs: 0, by: 'user', cause: 'x' } })).toBeNull();
  });

  test('once the schedule is over', () => {
    const { watch, eu, judgeAt } = failing();
    watch.add(eu.tell(59));
    expect(judgeAt(59)).not.toBeNull();
    expect(judgeAt(60)).toBeNull();
  });

  test('once each worker has told its last', () => {
    const { watch, eu, us, judgeAt } = failing();
    watch.add(eu.tell(10, true));
    expect(judgeAt(10)).not.toBeNull();
    watch.add(us.tell(10, true));
    expect(judgeAt(10)).toBeNull();
  });
});

test('whoever took over judges nothing by what was told to another, and is not told again', () => {
  const { watch, eu, us, judgeAt } = runWith('rate < 9/s over 10s');
  eu.send({ from: 0, count: 200, tookMs: 5 });
  const [first, ...rest] = [9, 14, 19].map((seconds) => [eu.tell(seconds), us.tell(seconds)]);
  expect(first).toHaveLength(2);
  // Of the time before 9 s nothing is told to this one: it does not take that for silence.
  watch.recall([], 9e6);
  for (const content of rest[0]!) watch.add(content);
  expect(judgeAt(14)).toBeNull();
  for (const content of rest[1]!) watch.add(content);
  expect(judgeAt(19)).toBeNull();
  for (const worker of [eu, us]) watch.add(worker.tell(34));
  expect(judgeAt(34)).toMatch(/0\/s good answers from 24s to 34s$/);
});

test('what is recalled counts, but no worker ends twice', () => {
  const { watch, eu, us, judgeAt } = runWith('errors > 50% over 5s');
  eu.send({ from: 0, count: 100, tookMs: 5, fails: true });
  watch.recall([eu.tell(10, true), us.tell(10, true)], 0);
  expect(watch.finals).toBe(0);
  expect(judgeAt(10)).toMatch(/50 of 50 answers failed/);
});

test('the first rule that holds is named', () => {
  const { watch, eu, judgeAt } = runWith('rate > 99/s over 5s', 'errors > 1% over 5s');
  eu.send({ from: 0, count: 100, tookMs: 5, fails: true });
  watch.add(eu.tell(10));
  expect(judgeAt(10)).toMatch(/^abort rule errors > 1% over 5s: /);
});
