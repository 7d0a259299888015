import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the examples with more than one step ask of a service. It refuses who has not logged in. */
export interface LoginService {
  readonly url: string;
  /** Requests by `POST /login`. */
  readonly seen: ReadonlyMap<string, number>;
  /** Names in the order of their logins. */
  readonly names: readonly string[];
  /** Words in the order in which they were searched for. */
  readonly words: readonly string[];
  /** Amounts that were paid. */
  readonly amounts: readonly number[];
  close(): void;
}

/** What it says of itself in `x-latency`, ms. */
export const SERVER_TIME_MS = 7;

/** How many pages are found of a word, five items each. */
export const pagesOf = (word: string) => 1 + (word.length % 3);

export async function loginService(delayMs = 0): Promise<LoginService> {
  const seen = new Map<string, number>();
  const tokens = new Set<string>();
  const keys = new Set<string>();
  const names: string[] = [];
  const words: string[] = [];
  const amounts: number[] = [];

  const answer = (line: string, token: string, key: string, body: Sent): [number, unknown] => {
    if (line === 'POST /login') {
      if (!body.password?.startsWith(`${body.user}-`)) return [403, { error: 'who is that?' }];
      names.push(body.user!);
      const issued = `t-${names.length}-${body.user}`;
      tokens.add(issued);
      return [200, { token: issued }];
    }
    if (line === 'POST /searches') {
      words.push(body.word!);
      return [201, { next: `/searches/${body.word}/1` }];
    }
    const [, word, nth] = /^GET \/searches\/(\w+)\/(\d)$/.exec(line) ?? [];
    if (word !== undefined) {
      const next = Number(nth) < pagesOf(word) ? `/searches/${word}/${Number(nth) + 1}` : null;
      return [200, { items: new Array(5).fill(word), next }];
    }
    if (line === 'POST /patient') return [201, { admitted: body.id }];
    if (!/^\w+ \/(users|payments)$/.test(line)) return [200, {}];
    if (!tokens.has(token)) return [401, { error: 'no token' }];
    if (line === 'GET /users') return [200, { users: [{ id: 17 }, { id: 4 }] }];
    // A token pays once, under a key of its own.
    tokens.delete(token);
    if (key === '' || keys.has(key) || body.to !== '17') return [409, { paid: false }];
    keys.add(key);
    amounts.push(body.amount!);
    return [201, { paid: true }];
  };

  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const line = `${request.method} ${request.url}`;
    seen.set(line, (seen.get(line) ?? 0) + 1);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const key = String(request.headers['idempotency-key'] ?? '');
    const [status, body] = answer(line, token, key, text ? JSON.parse(text) : {});
    const headers = { 'content-type': 'application/json', 'x-latency': SERVER_TIME_MS };
    setTimeout(() => {
      response.writeHead(status, headers);
      response.end(JSON.stringify(body));
    }, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    names,
    words,
    amounts,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Sent {
  readonly user?: string;
  readonly word?: string;
  readonly password?: string;
  readonly id?: string;
  readonly to?: string;
  readonly amount?: number;
}
