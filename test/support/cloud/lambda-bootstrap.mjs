/**
 * One sandbox of the Lambda double: imports the bundle, says that it is ready, runs one event and
 * hands back what the handler answered. Lambda freezes a sandbox after its answer; here it is killed.
 */
import { pathToFileURL } from 'node:url';

// The channel closes when the double dies, however it dies; nothing may outlive it.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const [bundle, entry] = process.argv.slice(2);

function failed(error, errorType) {
  const known = error instanceof Error;
  process.send({
    kind: 'failed',
    fault: {
      errorType: errorType ?? (known ? error.name : typeof error),
      errorMessage: known ? error.message : String(error),
      trace: known ? String(error.stack).split('\n') : [],
    },
  });
  process.stderr.write(`${known ? error.stack : String(error)}\n`);
}

process.on('uncaughtException', (error, origin) =>
  failed(error, origin === 'unhandledRejection' ? 'Runtime.UnhandledPromiseRejection' : undefined),
);

function contextOf({ context, timeoutMs }) {
  const endMs = performance.now() + timeoutMs;
  return {
    ...context,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(endMs - performance.now())),
  };
}

async function handle(handler, order) {
  try {
    const answer = await handler(JSON.parse(order.payload), contextOf(order));
    process.send({
      kind: 'answered',
      payload: JSON.stringify(answer) ?? 'null',
      resourcesLeft: process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap'),
    });
  } catch (error) {
    failed(error);
  }
}

async function load() {
  const module = await import(pathToFileURL(bundle).href);
  const handler = module[entry];
  if (typeof handler !== 'function') throw new Error(`${entry} is undefined or not exported`);
  return handler;
}

load().then(
  (handler) => {
    process.once('message', (order) => void handle(handler, order));
    process.send({ kind: 'ready' });
  },
  (error) => failed(error, 'Runtime.ImportModuleError'),
);
