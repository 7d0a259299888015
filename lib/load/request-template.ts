import type { Dispatcher } from 'undici';
import type { Plan, PlanRequest } from '../plan/plan.js';
import { Expectation } from './expectation.js';
import type { SecretText } from './secret-text.js';

/** Methods that may be sent a second time without doing a thing twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

/** A request of the plan made ready for sending: built once, dispatched without further work. */
export interface RequestTemplate {
  readonly options: Dispatcher.DispatchOptions;
  readonly expectation: Expectation;
  readonly timeoutUs: number;
  readonly idempotent: boolean;
  /** Request line, headers and body on the wire, before TLS. */
  readonly bytesOut: number;
}

export function requestTemplates(
  plan: Plan,
  userAgent: string,
  secrets: SecretText,
): RequestTemplate[] {
  const target = new URL(secrets.reveal(plan.target));
  const prefix = target.pathname === '/' ? '' : target.pathname.replace(/\/$/, '');
  return plan.requests.map((request) => template(request, target, prefix, userAgent, secrets));
}

function template(
  request: PlanRequest,
  target: URL,
  prefix: string,
  userAgent: string,
  secrets: SecretText,
): RequestTemplate {
  const path = prefix + secrets.reveal(request.path) || '/';
  const body = request.body
    ? request.body.encoding === 'base64'
      ? Buffer.from(request.body.data, 'base64')
      : Buffer.from(secrets.reveal(request.body.data))
    : null;
  const headers: string[] = [];
  for (const [name, value] of request.headers) headers.push(name, secrets.reveal(value));
  addUnlessGiven(headers, 'user-agent', userAgent);
  addUnlessGiven(headers, 'accept', '*/*');
  return {
    options: {
      origin: target.origin,
      path,
      method: request.method as Dispatcher.HttpMethod,
      headers,
      body,
      // The pool keeps the time itself, to the millisecond and from the instant of the write.
      headersTimeout: 0,
      bodyTimeout: 0,
      // A HEAD must not cost its connection.
      reset: false,
    },
    expectation: new Expectation(request.expect),
    timeoutUs: request.timeoutUs,
    idempotent: IDEMPOTENT.has(request.method),
    bytesOut: wireBytes(request.method, path, target.host, headers, body),
  };
}

function addUnlessGiven(headers: string[], name: string, value: string): void {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() === name) return;
  }
  headers.push(name, value);
}

function wireBytes(
  method: string,
  path: string,
  host: string,
  headers: readonly string[],
  body: Buffer | null,
): number {
  let bytes = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n\r\n`
    .length;
  for (let i = 0; i < headers.length; i += 2) {
    bytes += headers[i]!.length + headers[i + 1]!.length + 4;
  }
  return body ? bytes + `content-length: ${body.length}\r\n`.length + body.length : bytes;
}
