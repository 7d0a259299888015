import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { PULSE, ThreadPulse } from '../../lib/run/thread-pulse.js';

const PATIENCE = { heldMs: 400, everyMs: 50 };
const ANSWERS = `const { parentPort } = require('node:worker_threads');
parentPort.on('message', (message) => {
  if (message === '${PULSE}') parentPort.postMessage('${PULSE}');
  else { parentPort.postMessage('going'); const end = Date.now() + message; while (Date.now() < end); }
});`;

let worker: Worker;
let pulse: ThreadPulse;
afterEach(async () => {
  pulse.end();
  await worker.terminate();
});

/** How often the thread was given up after it has been busy for so long, and how long that took. */
async function givenUp(busyMs: number): Promise<{ times: number; afterMs: number }> {
  let times = 0;
  worker = new Worker(ANSWERS, { eval: true });
  await once(worker, 'online');
  const fromMs = performance.now();
  let afterMs = 0;
  pulse = new ThreadPulse(
    worker,
    () => {
      times++;
      afterMs = performance.now() - fromMs;
    },
    PATIENCE,
  );
  worker.postMessage(busyMs);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  return { times, afterMs };
}

it('a thread that never comes back is given up, once, and not before its time', async () => {
  const { times, afterMs } = await givenUp(Number.POSITIVE_INFINITY);
  expect(times).toBe(1);
  expect(afterMs).toBeGreaterThanOrEqual(PATIENCE.heldMs);
});

it('a thread that is busy for a while, and then answers, is left alone', async () => {
  expect(await givenUp(PATIENCE.heldMs / 4)).toMatchObject({ times: 0 });
});
