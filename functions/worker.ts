import { deploymentFrom } from '../lib/cloud/deployment.js';
import { workInCloud } from '../lib/run/cloud-worker.js';
import { S3Store } from '../lib/store/s3-store.js';

interface LambdaContext {
  readonly memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
}

/** Lambda's entry of a worker. */
export async function handler(event: unknown, context: LambdaContext): Promise<void> {
  const deployment = deploymentFrom(process.env);
  const { bucket, home } = deployment;
  const store = S3Store.open({ bucket, region: home });
  try {
    await workInCloud(event, {
      store,
      deployment,
      region: process.env.AWS_REGION ?? '',
      memoryMb: Number(context.memoryLimitInMB),
      remainingMs: () => context.getRemainingTimeInMillis(),
    });
  } finally {
    store.close();
  }
}
