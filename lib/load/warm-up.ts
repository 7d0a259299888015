import { createServer } from 'node:net';
import { timelineOf } from '../measure/timeline.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { Pacer } from './pacer.js';
import { RunClock } from './run-clock.js';
import { Shard } from './shard.js';

const REQUESTS = 3_000;
const USERS = 16;
/** Long enough for the optimizing compiler on a slow core, short enough not to be noticed. */
const CAP_US = 1_000_000;

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
const SECOND_US = 1_000_000;

/**
 * Runs this thread's own code hot against a server inside it, on its own socket: the target sees
 * nothing of it. Cold code is late for hundreds of milliseconds at thousands of requests a second.
 */
export async function warmUp(): Promise<void> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => socket.write(ANSWER));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const clock = new RunClock();
  const frozen = warmingPlan(port);
  const shard = new Shard({
    frozen,
    ref: { run: frozen.run, region: 'local', leg: 0, n: 0, attempt: 1 },
    timeline: timelineOf([{ startUs: 0, endUs: CAP_US, warmup: false }], SECOND_US),
    clock,
    pacer: new Pacer('timer', clock),
    env: {},
    userAgent: 'isochrone',
  });
  await shard.arm();
  clock.startAt(clock.wallMs());
  await shard.run();
  shard.flush(true);
  server.close();
}

function warmingPlan(port: number): FrozenPlan {
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
      requests: [
        {
          name: 'GET /',
          method: 'GET',
          path: '/',
          weight: 1,
          headers: [],
          body: null,
          expect: null,
          timeoutUs: SECOND_US,
        },
      ],
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
