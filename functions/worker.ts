import { isMainThread } from 'node:worker_threads';
import { accountOf, deploymentFrom } from '../lib/cloud/deployment.js';
import { accessFrom } from '../lib/run/aws-access.js';
import { workInCloud } from '../lib/run/cloud-worker.js';
import { serveCodeThread, workInThread } from '../lib/run/code-thread.js';
import { Meter } from '../lib/run/meter.js';
import { readSecrets } from '../lib/run/secrets.js';
import { runFiles } from '../lib/store/run-files.js';
import { S3Store } from '../lib/store/s3-store.js';
import { loadTime } from './load-time.js';

interface LambdaContext {
  readonly memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
}

const loaded = loadTime();
// The same file is the thread in which a worker carries out code.
if (!isMainThread) serveCodeThread();

/** Lambda's entry of a worker. */
export async function handler(event: unknown, context: LambdaContext): Promise<void> {
  const calledAtMs = Date.now();
  const deployment = deploymentFrom(process.env);
  const { bucket, home } = deployment;
  const region = process.env.AWS_REGION ?? '';
  const store = S3Store.open({ bucket, region: home, accountId: accountOf(deployment) });
  const memoryMb = Number(context.memoryLimitInMB);
  const initMs = loaded();
  const remainingMs = () => context.getRemainingTimeInMillis();
  const meter = new Meter({ memoryMb, initMs, requests: () => store.requests });
  const setting = { store, deployment, region, memoryMb, remainingMs, meter, runsCode: false };
  try {
    await workInCloud(
      event,
      { ...setting, readSecrets: (names) => readSecrets(names, home) },
      (ref, flows) =>
        workInThread(
          {
            ...{ ref, deployment, region, memoryMb, initMs, calledAtMs },
            access: accessFrom(process.env),
            endsAtMs: Date.now() + remainingMs(),
            spent: store.requests,
          },
          flows,
          new URL(import.meta.url),
          runFiles(store, ref.run),
        ),
    );
  } finally {
    store.close();
  }
}
