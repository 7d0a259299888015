import { parentPort, workerData } from 'node:worker_threads';
import { type Character, startService } from './service.js';

/** What the service's thread is started with, and what it tells once. */
export interface ServiceOrder {
  readonly character: Character;
  readonly port: number;
}
export type ServiceNews =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

const port = parentPort;
if (port) {
  const order = workerData as ServiceOrder;
  try {
    const { url } = await startService(order.character, order.port);
    port.postMessage({ kind: 'listening', url } satisfies ServiceNews);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    port.postMessage({ kind: 'failed', code, message } satisfies ServiceNews);
  }
}
