import { setTimeout as sleep } from 'node:timers/promises';
import { deploymentFrom } from '../lib/cloud/deployment.js';
import { mergeInCloud } from '../lib/run/cloud-merge.js';
import { readMergeOrder } from '../lib/run/merge-order.js';
import { S3Store } from '../lib/store/s3-store.js';

/** Lambda's entry of merge: asked by an orchestrator, or told by EventBridge that one is gone. */
export async function handler(event: unknown): Promise<void> {
  const order = readMergeOrder(event);
  if (!order) return;
  const { bucket, home } = deploymentFrom(process.env);
  const store = S3Store.open({ bucket, region: home });
  try {
    await mergeInCloud(order, store, { nowMs: Date.now, sleep: (ms) => sleep(ms) });
  } finally {
    store.close();
  }
}
