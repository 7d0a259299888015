import { setTimeout as sleep } from 'node:timers/promises';
import { accountOf, deploymentFrom } from '../lib/cloud/deployment.js';
import { mergeInCloud } from '../lib/run/cloud-merge.js';
import { readMergeOrder } from '../lib/run/merge-order.js';
import { Meter } from '../lib/run/meter.js';
import { S3Store } from '../lib/store/s3-store.js';
import { loadTime } from './load-time.js';

const initMs = loadTime();

/** Lambda's entry of merge: asked by an orchestrator, or told by EventBridge that one is gone. */
export async function handler(
  event: unknown,
  context: { readonly memoryLimitInMB: string },
): Promise<void> {
  const order = readMergeOrder(event);
  if (!order) return;
  const deployment = deploymentFrom(process.env);
  const { bucket, home } = deployment;
  const store = S3Store.open({ bucket, region: home, accountId: accountOf(deployment) });
  const memoryMb = Number(context.memoryLimitInMB);
  const meter = new Meter({ memoryMb, initMs: initMs(), requests: () => store.requests });
  try {
    await mergeInCloud(order, store, { nowMs: Date.now, sleep: (ms) => sleep(ms), meter });
  } finally {
    store.close();
  }
}
