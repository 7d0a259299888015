import { Random } from '../../bench/random.js';
import type { Report } from '../../lib/report/report-schema.js';
import { MS, openLoad, S, SimulatedRun } from './simulated-run.js';

const FLOWS = {
  pay: [
    'POST /login',
    'GET /users',
    'GET /users/{{ id }}',
    'POST /payments',
    'GET /receipts/{{ id }}',
  ],
  browse: ['GET /goods', 'GET /goods/{{ id }}', 'POST /basket'],
  search: ['POST /search', 'result'],
};
const PAY = 0;
const BROWSE = 1;
const SEARCH = 2;
const AWAY: Readonly<Record<string, number>> = { 'eu-west-1': 12, 'us-east-1': 81 };
/** A flow is begun ten times a second, by turns, and as often a look at the page. */
const EVERY_US = 100 * MS;

/**
 * A look at the page beside two flows of eight steps and one in code, whose failures are those of a
 * shop under load: tokens are missing, payments refused, and of what was due some was never begun.
 */
export function scenarioRun(): SimulatedRun {
  const random = new Random(29);
  const run = new SimulatedRun({
    regions: Object.keys(AWAY),
    requests: ['GET /'],
    flows: FLOWS,
    inCode: ['search'],
    targetAt: 'eu-west-1',
    load: openLoad(
      { rate: 20, s: 10, warmup: true },
      { rate: 40, s: 20, name: 'rise' },
      { rate: 40, s: 240, name: 'peak' },
    ),
    objectives: [
      'iteration p90 < 1s of "flow browse"',
      'iteration p95 < 800ms of "flow pay"',
      'errors < 5%',
    ],
  });
  for (const worker of run.workers) {
    const roundTripUs = AWAY[worker.region]! * MS;
    worker.stepRoundTripUs = roundTripUs;
    for (let i = 0; i < 24; i++) worker.recorder.roundTrip('203.0.113.7:443', roundTripUs, i * S);
    worker.stepUs = (request) =>
      Math.round(roundTripUs + (6 + 4 * request) * MS * random.lognormal(0.5));
    const { requests } = run.frozen.plan;
    const judge = (of: string | number, text: string, held: boolean) => {
      const subject =
        typeof of === 'string'
          ? requests.findIndex(({ name }) => name === of)
          : requests.length + of;
      worker.recorder.check(subject, text)[held ? 'passed' : 'failed'] += 1;
    };
    const last = run.frozen.durationUs - 200 * MS;
    for (let dueUs = 50 * MS; dueUs < last - S; dueUs += EVERY_US) {
      const i = Math.floor(dueUs / EVERY_US);
      worker.exchange({ dueUs: dueUs + 1, latencyUs: worker.stepUs(0), roundTripUs });
      judge('GET /', 'body contains "Welcome"', true);
      const flow = [PAY, PAY, PAY, BROWSE, BROWSE, SEARCH][i % 6]!;
      if (flow === BROWSE) {
        worker.flow(BROWSE, dueUs, 'ok', 'ok', 'ok');
        judge('GET /goods', 'size < 10kB', true);
      } else if (flow === SEARCH) {
        worker.flow(SEARCH, dueUs, 'ok', random.next() < 0.04 ? 'failed' : 'ok');
        judge(SEARCH, 'found something', random.next() > 0.1);
      } else if (i % 300 > 280 && i % 4 === 0) {
        worker.flow(PAY, dueUs, 'droppedTarget');
      } else {
        const [open, quick] = [random.next() > 0.02, random.next() > 0.004];
        const end = quick ? (['ok', 'ok'] as const) : (['failed'] as const);
        worker.flow(
          PAY,
          dueUs,
          'ok',
          'ok',
          ...(open ? (['ok', ...end] as const) : (['failed'] as const)),
        );
        judge('POST /login', 'status 200', true);
        judge('POST /login', '$.token exists', true);
        judge('GET /users/{{ id }}', '$.state is "open"', open);
        if (!open) continue;
        judge('POST /payments', 'status 201', true);
        judge('POST /payments', '$.total > 0', true);
        judge('POST /payments', 'time < 150ms', quick);
      }
    }
    worker.flow(BROWSE, last, 'ok', 'cutDeadline');
    judge('GET /goods', 'size < 10kB', true);
    worker.code = [
      {
        flow: 'search',
        turns: 1_344,
        totalUs: 130_000,
        longestUs: 14_200,
        hogs: worker.region === 'eu-west-1' ? 3 : 0,
        logs: worker.region === 'eu-west-1' ? ['nothing was found for "ann"'] : [],
      },
    ];
  }
  return run;
}

export function scenarioReport(): Report {
  return scenarioRun().report();
}
