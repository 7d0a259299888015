import { describe, expect, it } from 'vitest';
import { renderText } from '../../lib/report/render/text.js';
import { expectGolden } from '../support/golden.js';
import { openLoad, S, SimulatedRun, sliceOf } from './simulated-run.js';

const SHOP = {
  requests: ['GET /'],
  flows: { pay: ['POST /token', 'GET /users/{{ id }}'] },
  load: openLoad({ rate: 20, s: 10 }),
};

/** Half plain requests, half flows; every tenth flow ends as it is told. */
function shop(parts: object = {}, tenth: 'failed' | 'cutDeadline' | 'ok' = 'failed'): SimulatedRun {
  const run = new SimulatedRun({ ...SHOP, ...parts });
  for (const worker of run.workers) {
    for (let i = 0; i < 100; i++) {
      const dueUs = i * 100_000 + 50_000;
      worker.exchange({ dueUs });
      worker.flow(0, dueUs, 'ok', i % 10 === 0 ? tenth : 'ok');
    }
  }
  return run;
}

describe('the report of flows', () => {
  it('counts iterations under the flow, requests under its steps, and both in the whole', () => {
    const report = shop().report();
    expect(report.completeness.iterations).toMatchObject({ scheduled: 200, ok: 190, failed: 10 });
    expect(report.completeness.requests).toMatchObject({ scheduled: 300, ok: 290, failed: 10 });
    expect(report.run).toMatchObject({
      requests: ['GET /', 'POST /token', 'GET /users/{{ id }}'],
      flows: ['flow pay'],
    });
    const plain = sliceOf(report, { request: 'GET /' });
    expect(plain.iterations.scheduled).toBe(100);
    expect(plain.iteration).toBeNull();
    const step = sliceOf(report, { request: 'GET /users/{{ id }}' });
    expect(step.iterations.scheduled).toBe(0);
    expect(step.requests).toMatchObject({ scheduled: 100, failed: 10 });
    expect(report.verdict.validity.find(({ check }) => check === 'accounts')!.level).toBe('good');
  });

  it('has a slice for each flow: its iterations, and the requests of all its steps', () => {
    const report = shop().report();
    const flow = sliceOf(report, { request: 'flow pay', region: 'local' });
    expect(flow.iterations).toMatchObject({ scheduled: 100, ok: 90, failed: 10 });
    expect(flow.requests).toMatchObject({ scheduled: 200, ok: 190, failed: 10 });
    expect(flow.latency.count).toBe(190);
    expect(flow.iteration).toMatchObject({ count: 90, min: 200 });
    // More failed than the percentile leaves out.
    expect(flow.iteration!.masked).toEqual(['p95', 'p99', 'p999', 'p9999']);
    expect(sliceOf(report).iteration!.count).toBe(90);
  });

  it('holds promises about iterations, of which failed ones are slower than any limit', () => {
    const judged = (tenth: 'failed' | 'ok', text: string) =>
      shop({ objectives: [text] }, tenth).report().verdict.objectives[0]!;
    expect(judged('ok', 'iteration p90 < 250ms of "flow pay"')).toMatchObject({ ok: true });
    expect(judged('failed', 'iteration p98 < 250ms of "flow pay"')).toMatchObject({ ok: false });
    expect(judged('failed', 'ok iteration p90 < 250ms of "flow pay"')).toMatchObject({ ok: true });
    expect(judged('failed', 'iteration max < 150ms')).toMatchObject({ ok: false, measured: 200 });
    // A plain request is an iteration, too: 200 of them, 10 failed.
    expect(judged('failed', 'iteration p90 < 250ms').sentence).toContain('10 of 200 iterations');
    expect(judged('failed', 'errors < 4% of "flow pay"')).toMatchObject({ ok: false });
    expect(judged('failed', 'errors < 6% of "flow pay"')).toMatchObject({
      ok: true,
      measured: 0.05,
    });
  });

  it('counts a flow that was lost as one request, its first; what had begun as what it had begun', () => {
    const run = new SimulatedRun({ ...SHOP, workers: 2 });
    const [whole, dead] = run.workers as [(typeof run.workers)[0], (typeof run.workers)[0]];
    whole.flow(0, 1 * S, 'ok', 'ok');
    dead.flow(0, 1 * S, 'ok', 'ok');
    dead.flow(0, 2 * S, 'open');
    dead.flow(0, 2 * S, 'ok', 'open');
    dead.flush(3 * S);
    dead.flow(0, 4 * S);
    dead.flow(0, 5 * S);
    dead.exchange({ dueUs: 1 * S });
    dead.vanished = true;
    const report = run.report();
    expect(sliceOf(report, { request: 'flow pay' }).iterations).toMatchObject({
      scheduled: 6,
      ok: 2,
      lost: 4,
    });
    expect(sliceOf(report, { request: 'POST /token' }).requests).toMatchObject({
      scheduled: 6,
      ok: 3,
      lost: 3,
    });
    expect(sliceOf(report, { request: 'GET /users/{{ id }}' }).requests).toMatchObject({
      scheduled: 3,
      ok: 2,
      lost: 1,
    });
    expect(report.completeness.requests).toMatchObject({ scheduled: 10, ok: 5, lost: 5 });
    expect(report.completeness.iterations).toMatchObject({ scheduled: 7, ok: 2, lost: 5 });
  });

  it('judges what the generator did not begin by starts: a flow is one, however many its steps', () => {
    const run = shop({}, 'ok');
    for (let i = 0; i < 4; i++) run.only.flow(0, i * S, 'droppedGenerator');
    const offered = run.report().verdict.validity.find(({ check }) => check === 'offered')!;
    expect(offered.measured).toBeCloseTo(4 / 204, 10);
  });

  it('adds up what was expected of answers, over workers and fragments', () => {
    const run = shop({ workers: 2 });
    for (const { recorder } of run.workers) {
      recorder.check(1, 'status 200').passed += 3;
      recorder.check(1, '$.access exists').failed += 2;
      recorder.check(0, 'body contains "ok"').passed += 1;
    }
    run.workers[0]!.flush(5 * S);
    run.workers[0]!.recorder.check(1, 'status 200').failed += 1;
    expect(run.report().checks).toEqual([
      { request: 'GET /', text: 'body contains "ok"', passed: 2, failed: 0 },
      { request: 'POST /token', text: '$.access exists', passed: 0, failed: 4 },
      { request: 'POST /token', text: 'status 200', passed: 6, failed: 1 },
    ]);
  });

  it('as text', () => {
    const run = shop();
    run.only.recorder.check(1, 'status 200').passed += 100;
    const check = run.only.recorder.check(1, '$.access exists');
    check.passed += 90;
    check.failed += 10;
    expectGolden('text-flows-80.txt', renderText(run.report(), { width: 80, color: false }));
  });
});
