import { accountOf, deploymentFrom } from '../lib/cloud/deployment.js';
import { workInCloud } from '../lib/run/cloud-worker.js';
import { Meter } from '../lib/run/meter.js';
import { S3Store } from '../lib/store/s3-store.js';
import { loadTime } from './load-time.js';

interface LambdaContext {
  readonly memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
}

const initMs = loadTime();

/** Lambda's entry of a worker. */
export async function handler(event: unknown, context: LambdaContext): Promise<void> {
  const deployment = deploymentFrom(process.env);
  const { bucket, home } = deployment;
  const store = S3Store.open({ bucket, region: home, accountId: accountOf(deployment) });
  const memoryMb = Number(context.memoryLimitInMB);
  const meter = new Meter({ memoryMb, initMs: initMs(), requests: () => store.requests });
  try {
    await workInCloud(event, {
      store,
      deployment,
      region: process.env.AWS_REGION ?? '',
      memoryMb,
      remainingMs: () => context.getRemainingTimeInMillis(),
      meter,
    });
  } finally {
    store.close();
  }
}
