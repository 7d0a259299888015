import { Failure } from './failure.js';
import { type RequestParts, type RequestTemplate, urlOf, withParts } from './request-template.js';
import type { Cookies } from './visitor.js';

const LONGEST_SHOWN = 500;

/** Where an answer leads, as its header `location` says; null: it is one like any other. */
export function locationIn(status: number, head: string): string | null {
  if (status < 301 || status > 308 || (status > 303 && status < 307)) return null;
  const found = /\nlocation:[ \t]*([^\r\n]*)/i.exec(head);
  return found ? found[1]!.trim() : null;
}

/** As many were followed as may be, and the answer leads on. */
export function redirectedAgain(most: number, location: string): Failure {
  const followed = most === 1 ? 'one redirect was' : `${most} were`;
  return new Failure(1235, `redirected again after ${followed} followed`, location);
}

/** The request that follows a redirect, as browsers and RFC 9110, 15.4 have it. */
export function redirected(
  template: RequestTemplate,
  status: number,
  location: string,
  cookies: Cookies | null,
): RequestTemplate | Failure {
  const from = urlOf(template.parts);
  const to = urlAt(location, from);
  if (to === null) {
    return new Failure(1236, 'a redirect leads to no address', location.slice(0, LONGEST_SHOWN));
  }
  if (!/^https?:$/.test(to.protocol)) {
    return new Failure(1236, `a redirect leads to ${to.protocol}`, to.href.slice(0, LONGEST_SHOWN));
  }
  const parts = movedTo(to, from, asGet(template.parts, status));
  return withParts(template, parts, cookies?.header(to) ?? '');
}

function urlAt(location: string, from: URL): URL | null {
  // What is no ASCII is UTF-8 that was read byte by byte.
  const text = Buffer.from(location, 'latin1').toString('utf8');
  return URL.canParse(text, from.href) ? new URL(text, from) : null;
}

/** What was posted is not posted again, unless the server says that it is to be. */
function asGet(parts: RequestParts, status: number): RequestParts {
  const { method } = parts;
  const becomesGet =
    status === 303 ? method !== 'GET' && method !== 'HEAD' : status < 303 && method === 'POST';
  if (!becomesGet) return parts;
  const headers = without(parts.headers, (name) => name.startsWith('content-'));
  return { ...parts, method: 'GET', body: null, headers };
}

/** Whoever else it leads to is not told what was meant for the first. */
function movedTo(to: URL, from: URL, parts: RequestParts): RequestParts {
  const path = to.pathname + to.search;
  if (to.origin === from.origin) return { ...parts, path };
  const { confined } = parts;
  const headers = without(
    parts.headers,
    (name) => name === 'host' || CREDENTIALS.includes(name) || confined.includes(name),
  );
  return { ...parts, origin: to.origin, path, headers: [...headers, 'host', to.host] };
}

const CREDENTIALS = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key'];

function without(headers: readonly string[], goes: (name: string) => boolean): string[] {
  const left: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!goes(headers[i]!.toLowerCase())) left.push(headers[i]!, headers[i + 1]!);
  }
  return left;
}
