import { randomUUID } from 'node:crypto';
import { parentPort, Worker } from 'node:worker_threads';
import { accountOf, type Deployment } from '../cloud/deployment.js';
import { forgiveForgottenRequests } from '../load/code-request.js';
import type { ShardRef } from '../plan/frozen-plan.js';
import type { RunFiles } from '../store/run-files.js';
import type { S3Requests } from '../store/s3-requests.js';
import { S3Store } from '../store/s3-store.js';
import type { AwsAccess } from './aws-access.js';
import { workHere } from './cloud-worker.js';
import { Meter } from './meter.js';
import { readSecrets } from './secrets.js';
import { heldText, PULSE, ThreadPulse } from './thread-pulse.js';

/** What the thread is told. It comes as a message, as the thread's own environment is empty. */
export interface CodeThreadOrder {
  readonly ref: ShardRef;
  readonly deployment: Deployment;
  readonly region: string;
  readonly memoryMb: number;
  readonly access: AwsAccess;
  readonly initMs: number;
  /** When the function was called, and when it will be ended; ms since the epoch. */
  readonly calledAtMs: number;
  readonly endsAtMs: number;
  /** Asked of S3 before the thread began. */
  readonly spent: S3Requests;
}

/** Said by the thread at its end. What its code left behind would keep it from ending by itself. */
const DONE = 'done';

/**
 * Has a shard whose plan holds code carried out by a thread that has nothing of this function's
 * environment, and is gone afterwards with all that the code did to it. A thread that dies leaves
 * the reason in the store.
 */
export async function workInThread(
  order: CodeThreadOrder,
  flows: readonly string[],
  entry: URL,
  files: RunFiles,
): Promise<void> {
  const death = await new Promise<string | null>((resolve) => {
    const worker = new Worker(entry, { env: {}, name: 'code' });
    const pulse = new ThreadPulse(worker, () => end(heldText(flows)));
    const end = (why: string | null) => {
      pulse.end();
      resolve(why);
      void worker.terminate();
    };
    worker.on('message', (message) => {
      if (message === DONE) end(null);
    });
    worker.on('error', (error) => end(`the thread of its code crashed: ${error.message}`));
    worker.on('exit', (code) => end(`the thread of its code ended with code ${code}`));
    worker.postMessage(order);
  });
  if (death === null) return;
  const used = meterOf(order, () => order.spent).read();
  await files.refused.create(order.ref, {
    ...{ nonce: randomUUID(), atMs: Date.now(), reason: death, used, ended: true },
  });
}

/** What the thread does. */
export function serveCodeThread(): void {
  const port = parentPort!;
  forgiveForgottenRequests();
  port.on('message', (message: CodeThreadOrder | typeof PULSE) => {
    if (message === PULSE) port.postMessage(PULSE);
    // What it throws ends the thread, and whoever began it tells why.
    else void carryOut(message).then(() => port.postMessage(DONE));
  });
}

async function carryOut(order: CodeThreadOrder): Promise<void> {
  const { deployment, access, ref, endsAtMs } = order;
  const { bucket, home } = deployment;
  const store = S3Store.open({
    ...{ bucket, region: home, accountId: accountOf(deployment), credentials: access.credentials },
    ...(access.s3 && { endpoint: access.s3 }),
  });
  await workHere(ref, {
    ...order,
    store,
    remainingMs: () => endsAtMs - Date.now(),
    meter: meterOf(order, () => sum(order.spent, store.requests)),
    readSecrets: (names) => readSecrets(names, home, access),
    runsCode: true,
  });
  store.close();
}

function meterOf({ memoryMb, initMs, calledAtMs }: CodeThreadOrder, requests: () => S3Requests) {
  return new Meter({ memoryMb, initMs, requests, calledMsAgo: Date.now() - calledAtMs });
}

function sum(a: S3Requests, b: S3Requests): S3Requests {
  return {
    puts: a.puts + b.puts,
    gets: a.gets + b.gets,
    lists: a.lists + b.lists,
    bytesOut: a.bytesOut + b.bytesOut,
    bytesIn: a.bytesIn + b.bytesIn,
    retries: a.retries + b.retries,
  };
}
