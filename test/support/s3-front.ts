import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request as faults choose by it. */
export interface SeenRequest {
  readonly method: string;
  readonly kind: 'put' | 'get' | 'head' | 'list' | 'delete' | 'other';
  /** Within its bucket, without the leading `/`; '' for the bucket itself. */
  readonly key: string;
  readonly bucket: string;
  /**
   * Who asked: what the SDK puts into its user agent as `app/NAME`. Give each worker's process
   * its own with the variable AWS_SDK_UA_APP_ID; the SDK writes "-" for what is not of
   * `[A-Za-z0-9!$%&'*+.^_|~-]`.
   */
  readonly app: string | null;
  /** The key id that the request is signed with. */
  readonly accessKey: string | null;
  readonly atMs: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface S3Request {
  readonly method: string;
  /** Path and query, as they were signed. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type S3Backend = (request: S3Request) => Promise<S3Answer>;

/** One that is over, or hangs. */
export interface SeenExchange extends SeenRequest {
  readonly harm: Harm['do'] | null;
  /** What the server behind answered, or a fault did; null where nobody did. */
  status: number | null;
}

/** What befalls a request that a fault is for. */
export type Harm =
  /** It arrives late. */
  | { readonly do: 'delay'; readonly ms: number }
  /** It is answered at once, by an error. */
  | {
      readonly do: 'refuse';
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** It is carried out and the connection closed without a word. */
  | { readonly do: 'store and drop' }
  /** It is carried out and never answered. */
  | { readonly do: 'store and hang' }
  /** It is accepted, never carried out and never answered. */
  | { readonly do: 'hang' }
  /** Half of its answer comes, then nothing more. */
  | { readonly do: 'stall' };

export interface Fault {
  readonly harm: Harm;
  /** All, if not said. */
  readonly when?: (request: SeenRequest) => boolean;
  /** Only the first so many of these. */
  readonly times?: number;
  /** Only this share of these, evenly: 0.25 is every fourth. */
  readonly share?: number;
  /** Only those beyond so many in one second. */
  readonly beyondPerSecond?: number;
}

export const SLOW_DOWN: Harm = { do: 'refuse', status: 503, code: 'SlowDown' };

/**
 * An S3 endpoint on loopback that lets faults be switched on and off, and tells what it saw. What
 * answers behind it is a real server (support/cloud/s3-proxy.ts) or a small double (fake-s3.ts).
 */
export class S3Front {
  readonly endpoint: string;
  /** Every request, in the order of arrival, with the harm that it came to. */
  readonly seen: SeenExchange[] = [];
  readonly #server: Server;
  readonly #backend: S3Backend;
  readonly #sockets = new Set<Socket>();
  #faults: ActiveFault[] = [];

  static async start(backend: S3Backend): Promise<S3Front> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new S3Front(server, backend);
  }

  private constructor(server: Server, backend: S3Backend) {
    this.#server = server;
    this.#backend = backend;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      // A client that gave up is none of our trouble.
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
  }

  /** From now on, until what it returns is called or `heal` is. The first that applies wins. */
  fault(fault: Fault): () => void {
    const active = new ActiveFault(fault);
    this.#faults.push(active);
    return () => {
      this.#faults = this.#faults.filter((one) => one !== active);
    };
  }

  /** Lifts all faults. What hangs stays hanging. */
  heal(): void {
    this.#faults = [];
  }

  count(...kinds: readonly SeenRequest['kind'][]): number {
    return this.seen.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind)).length;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const seen = seenOf(request, body.length);
    const harm = this.#faults.find((fault) => fault.strikes(seen))?.harm ?? null;
    const exchange: SeenExchange = { ...seen, harm: harm?.do ?? null, status: null };
    this.seen.push(exchange);
    if (harm?.do === 'hang') return;
    if (harm?.do === 'delay') await sleep(harm.ms);
    if (harm?.do === 'refuse') {
      const { status, code, message = code, headers = {} } = harm;
      exchange.status = status;
      const text = seen.kind === 'head' ? '' : errorXml(code, message);
      response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(text);
      return;
    }
    const { method = 'GET', url = '/', headers } = request;
    const answer = await this.#backend({ method, url, headers, body });
    exchange.status = answer.status;
    if (harm?.do === 'store and hang') return;
    if (harm?.do === 'store and drop') {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, answer.headers as Record<string, string>);
    if (harm?.do === 'stall') response.write(answer.body.subarray(0, answer.body.length / 2));
    else response.end(answer.body);
  }
}

class ActiveFault {
  readonly #fault: Fault;
  #met = 0;
  #struck = 0;
  #second = 0;
  #inSecond = 0;

  constructor(fault: Fault) {
    this.#fault = fault;
  }

  get harm(): Harm {
    return this.#fault.harm;
  }

  strikes(request: SeenRequest): boolean {
    const { when, times, share, beyondPerSecond } = this.#fault;
    if (when && !when(request)) return false;
    if (times !== undefined && this.#struck >= times) return false;
    if (beyondPerSecond !== undefined && this.#thisSecond(request.atMs) <= beyondPerSecond) {
      return false;
    }
    this.#met++;
    if (share !== undefined && Math.floor(this.#met * share) <= this.#struck) return false;
    this.#struck++;
    return true;
  }

  #thisSecond(atMs: number): number {
    const second = Math.floor(atMs / 1_000);
    if (second !== this.#second) this.#inSecond = 0;
    this.#second = second;
    return ++this.#inSecond;
  }
}

export function errorXml(code: string, message: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}

function seenOf(request: IncomingMessage, bytes: number): SeenRequest {
  const { method = 'GET', url = '/', headers } = request;
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const [, bucket = '', ...names] = pathname.split('/').map(decodeURIComponent);
  const key = names.join('/');
  const agent = `${headers['user-agent']} ${headers['x-amz-user-agent']}`;
  return {
    method,
    bucket,
    key: searchParams.has('list-type') ? (searchParams.get('prefix') ?? '') : key,
    kind: searchParams.has('list-type') ? 'list' : (KINDS[method] ?? 'other'),
    app: /(?:^|\s)app\/(\S+)/.exec(agent)?.[1] ?? null,
    accessKey: /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? null,
    atMs: performance.now(),
    headers,
    bytes,
  };
}

const KINDS: Readonly<Record<string, SeenRequest['kind']>> = {
  PUT: 'put',
  GET: 'get',
  HEAD: 'head',
  DELETE: 'delete',
};
