import { Worker } from 'node:worker_threads';
import { UnavailableError } from '../errors.js';
import type { Character, Service } from './service.js';
import type { ServiceNews, ServiceOrder } from './service-thread.js';

/**
 * Starts the demo service on a thread of its own: when it stalls, whoever measures does not. A
 * thread and not a process, because it ends with this one whatever happens.
 */
export async function startOwnThread(
  character: Character,
  port = 0,
  entry = new URL('./service-thread.js', import.meta.url),
): Promise<Service> {
  const order: ServiceOrder = { character, port };
  const worker = new Worker(entry, { workerData: order, name: 'demo service' });
  const news = await new Promise<ServiceNews>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  if (news.kind === 'listening') {
    return { url: news.url, close: () => worker.terminate().then(() => {}) };
  }
  await worker.terminate();
  throw new UnavailableError(
    news.code === 'EADDRINUSE'
      ? `port ${port} of this machine is in use already; choose another with --port`
      : `the demo service could not start: ${news.message}`,
  );
}
