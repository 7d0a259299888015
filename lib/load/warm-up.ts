import { createServer } from 'node:net';
import { timelineOf } from '../measure/timeline.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Plan, PlanRequest } from '../plan/plan.js';
import { Pacer } from './pacer.js';
import { RunClock } from './run-clock.js';
import { NO_MEANS } from './scenario.js';
import { Shard } from './shard.js';

const REQUESTS = 3_000;
const USERS = 16;
/** Long enough for the optimizing compiler on a slow core, short enough not to be noticed. */
const CAP_US = 1_000_000;

const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 11\r\n\r\n{"id":"ok"}',
);
const SECOND_US = 1_000_000;

/**
 * Runs this thread's own code hot against a server inside it, on its own socket: the target sees
 * nothing of it. Cold code is late for hundreds of milliseconds at thousands of requests a second.
 */
export function warmUp(): Promise<void> {
  return warm({});
}

let flowsAreWarm: Promise<void> | null = null;

/** The same for flows: once a thread, and only where there are any, as code that knows of both is slower. */
export function warmUpFlows(): Promise<void> {
  flowsAreWarm ??= warm(FLOW);
  return flowsAreWarm;
}

async function warm(
  scenario: Pick<Plan, 'flows'> & Partial<Pick<Plan, 'requests'>>,
): Promise<void> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => socket.write(ANSWER));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const clock = new RunClock();
  const frozen = warmingPlan(port, scenario);
  const shard = new Shard({
    frozen,
    ref: { run: frozen.run, region: 'local', leg: 0, n: 0, attempt: 1 },
    timeline: timelineOf([{ startUs: 0, endUs: CAP_US, warmup: false }], SECOND_US),
    clock,
    pacer: new Pacer('timer', clock),
    means: { ...NO_MEANS, isPublicSuffix: () => false },
    env: {},
    userAgent: 'isochrone',
  });
  await shard.arm();
  clock.startAt(clock.wallMs());
  await shard.run();
  shard.flush(true);
  server.close();
}

const REQUEST: PlanRequest = {
  name: 'GET /',
  method: 'GET',
  path: '/',
  weight: 1,
  headers: [],
  body: null,
  expect: null,
  timeoutUs: SECOND_US,
};

/** A bit of all that flows do. */
const FLOW: Pick<Plan, 'flows' | 'requests'> = {
  requests: [
    {
      ...REQUEST,
      method: 'POST',
      weight: 0,
      body: { encoding: 'utf8', data: '{"n":"{{ int(1, 9) }}"}', escape: 'json' },
      templated: true,
      captures: [{ name: 'id', from: 'json', path: '$.id' }],
    },
    {
      ...REQUEST,
      name: 'GET /id',
      path: '/{{ id }}',
      weight: 0,
      headers: [['authorization', 'Bearer {{ id }}']],
      templated: true,
    },
  ],
  flows: [
    {
      kind: 'steps',
      name: 'warm-up',
      weight: 1,
      steps: [
        { kind: 'request', request: 0 },
        { kind: 'request', request: 1 },
      ],
    },
  ],
};

function warmingPlan(port: number, scenario: Partial<Plan>): FrozenPlan {
  return {
    schema: 'isochrone.plan/1',
    protocol: 1,
    run: 'warm-up',
    label: null,
    createdAtMs: 0,
    seed: 1,
    where: 'local',
    plan: {
      name: 'warm-up',
      target: `http://127.0.0.1:${port}`,
      regions: [{ name: 'local', share: 1, workers: 1 }],
      load: {
        kind: 'amount',
        name: null,
        requests: REQUESTS,
        users: USERS,
        capUs: CAP_US,
        pace: { kind: 'none' },
      },
      arrivals: 'even',
      requests: [REQUEST],
      ...scenario,
      objectives: [],
      abort: [],
      http: {
        timeoutUs: SECOND_US,
        connectTimeoutUs: SECOND_US,
        connections: 'auto',
        expectUs: null,
        insecure: false,
        resolve: {},
        probe: false,
        serverTime: null,
      },
    },
    stages: [
      {
        name: null,
        title: 'warm-up',
        warmup: false,
        constant: true,
        startUs: 0,
        endUs: CAP_US,
      },
    ],
    durationUs: CAP_US,
    graceUs: 0,
    arrivalsPerSecond: null,
    legs: [{ index: 0, startUs: 0, endUs: CAP_US }],
    regions: [{ name: 'local', share: 1, workers: 1, emulated: null }],
    allowUndecided: true,
    accepted: [],
  };
}
