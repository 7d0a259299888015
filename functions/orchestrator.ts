import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { accountOf, deploymentFrom } from '../lib/cloud/deployment.js';
import { UsageError } from '../lib/errors.js';
import { freezeInCloud } from '../lib/run/cloud-orchestrator.js';
import { CLOUD_TIMING } from '../lib/run/cloud-timing.js';
import { LambdaInvoker, LambdaMerger } from '../lib/run/lambda.js';
import { Meter } from '../lib/run/meter.js';
import { orchestrate } from '../lib/run/orchestrate.js';
import { type Journal, wallClock } from '../lib/run/ports.js';
import { readOrchestratorEvent } from '../lib/run/run-order.js';
import { runFiles } from '../lib/store/run-files.js';
import { S3Store } from '../lib/store/s3-store.js';
import { loadTime } from './load-time.js';

/** A step that failed for what may pass is done again so often. */
const ATTEMPTS = 3;

const initMs = loadTime();

/** Lambda's entry of the orchestrator: remembers by durable steps, and waits between them. */
export const handler = withDurableExecution(async (event: unknown, context: DurableContext) => {
  const order = readOrchestratorEvent(event);
  const deployment = deploymentFrom(process.env);
  const { bucket, home, prefix } = deployment;
  const store = S3Store.open({ bucket, region: home, accountId: accountOf(deployment) });
  const memoryMb = Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  const meter = new Meter({ memoryMb, initMs: initMs(), requests: () => store.requests });
  const invoker = new LambdaInvoker(prefix);
  const merger = new LambdaMerger(prefix, home, order.run);
  try {
    const clock = wallClock;
    const { slice, leg } = scaled(process.env);
    return await orchestrate(runFiles(store, order.run), {
      freeze: freezeInCloud(order, store, deployment, {
        clock,
        legUs: leg && leg * 1_000_000,
        execution: context.executionContext.durableExecutionArn,
        memoryMb,
      }),
      invoker,
      clock,
      journal: durableJournal(context),
      timing: { ...CLOUD_TIMING, ...(slice && { sliceMs: slice * 1_000 }) },
      merger,
      meter,
    });
  } finally {
    invoker.close();
    merger.close();
    store.close();
  }
});

export function durableJournal(context: DurableContext): Journal {
  return {
    once: (name, block) =>
      context.step(name, () => block().catch(logged(name)), {
        retryStrategy: (error, attempt) => ({
          shouldRetry: attempt < ATTEMPTS && !(error instanceof UsageError),
          delay: { seconds: attempt },
        }),
      }),
    pause: (ms) => context.wait('pause', { seconds: Math.ceil(ms / 1000) }),
  };
}

/** What a step fails with is nowhere else told: an execution keeps only that it failed. */
function logged(step: string): (error: unknown) => never {
  return (error) => {
    process.stderr.write(`step ${step}: ${error instanceof Error ? error.stack : error}\n`);
    throw error;
  };
}

/** Shorter slices and legs, s, for functions that live shorter than they could. */
function scaled(env: NodeJS.ProcessEnv): { slice: number | null; leg: number | null } {
  const seconds = (name: string) => Number(env[name]) || null;
  return { slice: seconds('ISOCHRONE_SLICE_SECONDS'), leg: seconds('ISOCHRONE_LEG_SECONDS') };
}
