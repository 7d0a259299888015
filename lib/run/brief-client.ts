import { silenceNodeWarning } from '../store/node-warning.js';

const CONNECT_MS = 3_000;
const ANSWER_MS = 10_000;
const ATTEMPTS = 2;

/** What clients are made with that look something up once, while somebody waits for it. */
export function briefClient(region: string) {
  silenceNodeWarning();
  return {
    region,
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  } as const;
}
