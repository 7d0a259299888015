import type { Input, Plan, PlanRequest } from '../plan/plan.js';
import type { AnswerReader } from './answer.js';
import { compileBasicAuth } from './basic-auth.js';
import { type CheckCount, Expectation } from './expectation.js';
import type { JsonEngine } from './json-query.js';
import { Forbidden, type LoadGuard } from './load-guard.js';
import { type BodyMaking, bodyOf, formType, type LongBody, longBody } from './long-body.js';
import { closed } from './request-text.js';
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
  /** On the wire, before TLS; of a long body, what goes before it. */
  readonly bytesOut: number;
  /** What there is to do besides sending and judging; null: nothing, which costs nothing. */
  readonly handling: Handling | null;
  readonly parts: RequestParts;
}

export interface Handling {
  readonly followRedirects: number;
  readonly reader: AnswerReader | null;
  /** Sent after `wire`; null: that holds all. */
  readonly body: LongBody | null;
  /** The body waits until the server asks for it. */
  readonly awaitsContinue: boolean;
}

/** What a request is made of, for others that are made from it. Secrets are filled in. */
export interface RequestParts {
  readonly method: string;
  /** Where it is sent, `https://shop.example.com`; what it names in `host` may differ. */
  readonly origin: string;
  readonly path: string;
  /** Names and values in turn; without those that the engine itself says. */
  readonly headers: readonly string[];
  /** Names in small letters of headers that hold what is meant for nobody else. */
  readonly confined: readonly string[];
  readonly body: Buffer | LongBody | null;
  /** The server is asked to close the connection. */
  readonly lastOnConnection: boolean;
}

/** What has to be brought for some plans. */
interface TemplateMeans {
  readonly fileOf?: ((input: Input) => string) | undefined;
  readonly engine?: JsonEngine | null | undefined;
  /** Where an expectation of a request, by its text, is counted. */
  readonly checks?: ((request: number, text: string) => CheckCount) | undefined;
}

/** Those of requests that are filled in for each iteration have their holes closed. */
export function requestTemplates(
  plan: Plan,
  userAgent: string,
  secrets: SecretText,
  guard?: LoadGuard,
  { fileOf = notHere, engine = null, checks }: TemplateMeans = {},
): RequestTemplate[] {
  const target = new URL(secrets.reveal(plan.target));
  const setting: Setting = {
    http: plan.http,
    target,
    prefix: target.pathname === '/' ? '' : target.pathname.replace(/\/$/, ''),
    userAgent,
    guard,
    reveal: (text) => secrets.reveal(text),
    keep: (derived) => secrets.keep(derived),
    fileOf,
  };
  return plan.requests.map((request, i) => {
    const counts = checks ? (text: string) => checks(i, text) : undefined;
    return template(closed(request), new Expectation(request.expect, engine, counts), setting);
  });
}

interface Setting extends BodyMaking {
  readonly http: Plan['http'];
  readonly target: URL;
  readonly prefix: string;
  readonly userAgent: string;
  readonly guard: LoadGuard | undefined;
  readonly keep: (derived: string) => void;
}

const NO_NAMES = { variables: [], data: [] };

/** What a plan says of files is never taken as a path: it may be forged. */
export function notHere({ file }: Input): never {
  throw new Error(`${file} was not brought here`);
}

function template(
  request: PlanRequest,
  expectation: Expectation,
  setting: Setting,
): RequestTemplate {
  const { http, target, prefix, userAgent, guard, reveal, keep } = setting;
  const { method, basicAuth } = request;
  const path = prefix + reveal(request.path) || '/';
  let headers: string[] = [];
  for (const [name, value] of request.headers) headers.push(name, reveal(value));
  if (basicAuth) {
    const { constant } = compileBasicAuth(basicAuth, { names: NO_NAMES, reveal, keep });
    headers.push('authorization', constant!);
  }
  addUnlessGiven(headers, 'user-agent', userAgent);
  addUnlessGiven(headers, 'accept', '*/*');
  addUnlessGiven(headers, 'host', target.host);
  if (request.body?.parts) addUnlessGiven(headers, 'content-type', formType(request.body.parts));
  if (guard) {
    headers = guard.marked(headers, userAgent);
    const problem = guard.headProblem({ method, path, headers }, target.protocol);
    if (problem !== null) throw new Forbidden(`${request.name}: ${problem}`);
  }
  const parts: RequestParts = {
    method,
    origin: target.origin,
    path,
    headers,
    confined: request.headers
      .filter(([, value]) => reveal(value) !== value)
      .map(([name]) => name.toLowerCase()),
    body: bodyOf(request.body, setting),
    lastOnConnection: http?.reuse === 'none' || (http?.reuse === 'iteration' && request.weight > 0),
  };
  const followRedirects = request.followRedirects ?? http?.followRedirects ?? 0;
  return made(parts, {
    expectation,
    timeoutUs: request.timeoutUs,
    followRedirects,
    awaitsContinue: request.expectContinue ?? false,
    // Steps of flows have no weight; their visitors look at every answer.
    attended: followRedirects > 0 || request.weight === 0,
    reader: null,
  });
}

interface Making {
  readonly expectation: Expectation;
  readonly timeoutUs: number;
  readonly followRedirects: number;
  readonly awaitsContinue: boolean;
  readonly attended: boolean;
  readonly reader: AnswerReader | null;
}

function made(parts: RequestParts, how: Making, cookie = ''): RequestTemplate {
  const { method, body } = parts;
  const { expectation, timeoutUs, followRedirects, reader } = how;
  const awaitsContinue = how.awaitsContinue && body !== null;
  const head = headOf(parts, awaitsContinue, cookie);
  const long = Buffer.isBuffer(body) ? (awaitsContinue ? longBody([body]) : null) : body;
  const wire =
    body === null || long ? head : Buffer.concat([Buffer.from(head, 'latin1'), body as Buffer]);
  const attended = how.attended || reader !== null || long !== null;
  return {
    wire,
    bodyless: method === 'HEAD',
    expectation,
    timeoutUs,
    idempotent: IDEMPOTENT.has(method),
    bytesOut: wire.length,
    handling: attended ? { followRedirects, reader, body: long, awaitsContinue } : null,
    parts,
  };
}

/** The same with other parts, for one sending; `cookie` goes with it besides what they say. */
export function withParts(
  template: RequestTemplate,
  parts: RequestParts,
  cookie = '',
): RequestTemplate {
  const { expectation, timeoutUs, handling } = template;
  const { followRedirects = 0, awaitsContinue = false, reader = null } = handling ?? {};
  const attended = handling !== null;
  const how = { expectation, timeoutUs, followRedirects, awaitsContinue, attended, reader };
  return made(parts, how, cookie);
}

/** The same, and its answers are read. */
export function withReader(template: RequestTemplate, reader: AnswerReader): RequestTemplate {
  const handling = template.handling ?? { followRedirects: 0, body: null, awaitsContinue: false };
  return { ...template, handling: { ...handling, reader } };
}

/** Of a header, in small letters, its first value; null: it has none. */
function headerOf({ headers }: Pick<RequestParts, 'headers'>, name: string): string | null {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() === name) return headers[i + 1]!;
  }
  return null;
}

/** The URL that a request is for: that of the host which it names. */
export function urlOf(parts: RequestParts): URL {
  const url = new URL(parts.origin + parts.path);
  const host = headerOf(parts, 'host');
  const named = `${url.protocol}//${host}${parts.path}`;
  return host === null || host === url.host || !URL.canParse(named) ? url : new URL(named);
}

function headOf(parts: RequestParts, awaitsContinue: boolean, cookie: string): string {
  const { method, path, headers, body, lastOnConnection } = parts;
  let text = `${method} ${path} HTTP/1.1\r\n`;
  let cookies = cookie;
  for (let i = 0; i < headers.length; i += 2) {
    // One header holds all of them (RFC 6265, 5.4).
    if (cookie !== '' && headers[i]!.toLowerCase() === 'cookie') {
      cookies = `${headers[i + 1]}; ${cookies}`;
    } else text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  }
  if (cookies !== '') text += `cookie: ${cookies}\r\n`;
  if (lastOnConnection) text += 'connection: close\r\n';
  if (awaitsContinue) text += 'expect: 100-continue\r\n';
  if (body || WITH_BODY.has(method)) {
    const bytes = body === null ? 0 : Buffer.isBuffer(body) ? body.length : body.bytes;
    text += `content-length: ${bytes}\r\n`;
  }
  return `${text}\r\n`;
}

function addUnlessGiven(headers: string[], name: string, value: string): void {
  if (headerOf({ headers }, name) === null) headers.push(name, value);
}
