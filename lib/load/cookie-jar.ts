import { isIP } from 'node:net';
import { headerValues } from './answer-content.js';
import type { PublicSuffix } from './public-suffix.js';
import { parseSetCookie, type SetCookie } from './set-cookie.js';
import type { Cookies } from './visitor.js';

/** What a session needs and more; whoever sets more has those forgotten that were set first. */
const MOST_COOKIES = 50;
/** Names and values together: servers refuse requests with larger headers. */
const MOST_BYTES = 8_192;

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** Sent to the host itself alone. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** ms since the epoch; Infinity: with the session. */
  readonly expiresAtMs: number;
}

/**
 * The cookies of one visitor (RFC 6265): which server may set them, and to which they are sent.
 * However many servers set, it stays small.
 */
export class CookieJar implements Cookies {
  readonly #isPublicSuffix: PublicSuffix;
  readonly #nowMs: () => number;
  /** In the order in which they were first set. */
  #cookies: Cookie[] = [];

  /** `nowMs`: ms since the epoch. */
  constructor(isPublicSuffix: PublicSuffix, nowMs: () => number) {
    this.#isPublicSuffix = isPublicSuffix;
    this.#nowMs = nowMs;
  }

  /** Takes those that an answer sets; `head` is its status line and headers. */
  keep(head: string, from: URL): void {
    for (const line of headerValues(head, 'set-cookie')) {
      const set = parseSetCookie(line);
      if (set) this.#set(set, from);
    }
  }

  /** Value of the header `cookie` for a request; empty: none goes there. */
  header(to: URL): string {
    if (this.#cookies.length === 0) return '';
    const nowMs = this.#nowMs();
    const host = hostOf(to);
    const secure = to.protocol === 'https:';
    return this.#cookies
      .filter(
        (one) =>
          (secure || !one.secure) &&
          one.expiresAtMs > nowMs &&
          (one.hostOnly ? host === one.domain : belongsTo(host, one.domain)) &&
          covers(one.path, to.pathname),
      )
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => (name === '' ? value : `${name}=${value}`))
      .join('; ');
  }

  /** Of the cookie of this name that was set last; null: there is none. */
  get(name: string): string | null {
    const nowMs = this.#nowMs();
    const found = this.#cookies.findLast((one) => one.name === name && one.expiresAtMs > nowMs);
    return found?.value ?? null;
  }

  #set(set: SetCookie, from: URL): void {
    const host = hostOf(from);
    const secure = from.protocol === 'https:';
    const domain = this.#domainOf(set, host);
    if (domain === null || (set.secure && !secure) || !keepsItsPrefix(set)) return;
    const { name, value } = set;
    const hostOnly = set.domain === null || isIP(host) !== 0 || this.#isPublicSuffix(domain);
    const path = set.path ?? directoryOf(from.pathname);
    const expiresAtMs =
      set.lifeMs === null
        ? (set.expiresAtMs ?? Number.POSITIVE_INFINITY)
        : this.#nowMs() + set.lifeMs;
    const known = this.#cookies.findIndex(
      (one) => one.name === name && one.domain === domain && one.path === path,
    );
    // What was set over TLS is not for others to change.
    if (known >= 0 && this.#cookies[known]!.secure && !secure) return;
    if (expiresAtMs <= this.#nowMs()) {
      if (known >= 0) this.#cookies.splice(known, 1);
      return;
    }
    const cookie = { name, value, domain, hostOnly, path, secure: set.secure, expiresAtMs };
    if (known >= 0) this.#cookies[known] = cookie;
    else this.#cookies.push(cookie);
    this.#makeRoom();
  }

  /** For which host it is, and those below it; null: it is not for this one to set. */
  #domainOf({ domain }: SetCookie, host: string): string | null {
    if (domain === null || domain === host) return host;
    if (isIP(host) !== 0 || !belongsTo(host, domain)) return null;
    return this.#isPublicSuffix(domain) ? null : domain;
  }

  #makeRoom(): void {
    const nowMs = this.#nowMs();
    const bytes = () =>
      this.#cookies.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
    if (this.#cookies.length <= MOST_COOKIES && bytes() <= MOST_BYTES) return;
    this.#cookies = this.#cookies.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    while (this.#cookies.length > MOST_COOKIES || bytes() > MOST_BYTES) this.#cookies.shift();
  }
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** The host itself, or one below it. */
function belongsTo(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0);
}

function covers(path: string, asked: string): boolean {
  if (!asked.startsWith(path)) return false;
  return asked.length === path.length || path.endsWith('/') || asked[path.length] === '/';
}

/** Where a cookie is sent that names no path: below where it was set. */
function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** Names that promise something (RFC 6265bis, 4.1.3). */
function keepsItsPrefix({ name, secure, domain, path }: SetCookie): boolean {
  if (/^__Host-/i.test(name)) return secure && domain === null && path === '/';
  return secure || !/^__Secure-/i.test(name);
}
