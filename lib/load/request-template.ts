import type { Plan, PlanRequest } from '../plan/plan.js';
import { Expectation } from './expectation.js';
import { Forbidden, type LoadGuard } from './load-guard.js';
import type { SecretText } from './secret-text.js';

/** Methods that may be sent a second time without doing a thing twice (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

/** Methods whose requests say how long their body is even when they have none. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** A request of the plan made ready for sending: built once, dispatched without further work. */
export interface RequestTemplate {
  /** Request line, headers and body as they go on the wire; text where there is no body. */
  readonly wire: string | Buffer;
  /** The answer has no body whatever its headers say: that of a HEAD. */
  readonly bodyless: boolean;
  readonly expectation: Expectation;
  readonly timeoutUs: number;
  readonly idempotent: boolean;
  /** On the wire, before TLS. */
  readonly bytesOut: number;
}

export function requestTemplates(
  plan: Plan,
  userAgent: string,
  secrets: SecretText,
  guard?: LoadGuard,
): RequestTemplate[] {
  const target = new URL(secrets.reveal(plan.target));
  const prefix = target.pathname === '/' ? '' : target.pathname.replace(/\/$/, '');
  return plan.requests.map((request) =>
    template(request, target, prefix, userAgent, secrets, guard),
  );
}

function template(
  request: PlanRequest,
  target: URL,
  prefix: string,
  userAgent: string,
  secrets: SecretText,
  guard: LoadGuard | undefined,
): RequestTemplate {
  const path = prefix + secrets.reveal(request.path) || '/';
  const body = request.body
    ? request.body.encoding === 'base64'
      ? Buffer.from(request.body.data, 'base64')
      : Buffer.from(secrets.reveal(request.body.data))
    : null;
  let headers: string[] = [];
  for (const [name, value] of request.headers) headers.push(name, secrets.reveal(value));
  addUnlessGiven(headers, 'user-agent', userAgent);
  addUnlessGiven(headers, 'accept', '*/*');
  addUnlessGiven(headers, 'host', target.host);
  if (guard) {
    headers = guard.marked(headers, userAgent);
    const problem = guard.headProblem({ method: request.method, path, headers }, target.protocol);
    if (problem !== null) throw new Forbidden(`${request.name}: ${problem}`);
  }
  if (body || WITH_BODY.has(request.method)) headers.push('content-length', `${body?.length ?? 0}`);
  const head = `${request.method} ${path} HTTP/1.1\r\n${lines(headers)}\r\n`;
  const wire = body ? Buffer.concat([Buffer.from(head, 'latin1'), body]) : head;
  return {
    wire,
    bodyless: request.method === 'HEAD',
    expectation: new Expectation(request.expect),
    timeoutUs: request.timeoutUs,
    idempotent: IDEMPOTENT.has(request.method),
    bytesOut: wire.length,
  };
}

function lines(headers: readonly string[]): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return text;
}

function addUnlessGiven(headers: string[], name: string, value: string): void {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() === name) return;
  }
  headers.push(name, value);
}
