import { isIP } from 'node:net';

/** A host as a URL or a `Host` header names it. */
export interface NamedHost {
  /** Canonical: in small letters, in punycode, without a dot at the end; IPv6 without brackets. */
  readonly name: string;
  readonly port: number;
}

interface Rule {
  readonly name: string;
  /** Stands for all names below `name`, and not for itself. */
  readonly below: boolean;
  /** null: any. */
  readonly port: number | null;
}

/** Which hosts load may go to: `shop.example.com`, `shop.example.com:8443`, `*.example.com`. */
export class HostRules {
  readonly #rules: readonly Rule[];

  constructor(allowed: readonly string[]) {
    this.#rules = allowed.flatMap((text) => ruleOf(text) ?? []);
  }

  allows({ name, port }: NamedHost): boolean {
    return this.#rules.some(
      (rule) =>
        (rule.port === null || rule.port === port) &&
        (rule.below ? isIP(name) === 0 && name.endsWith(`.${rule.name}`) : name === rule.name),
    );
  }
}

export function hostOfUrl({ hostname, port, protocol }: URL): NamedHost {
  return {
    name: canonical(hostname),
    port: port === '' ? defaultPort(protocol) : Number(port),
  };
}

/**
 * What a `Host` header names; null where different servers might read different hosts out of it.
 * `protocol` is that of the target, as URLs have it.
 */
export function hostOfHeader(value: string, protocol: string): NamedHost | null {
  if (!/^[\w.:[\]-]+$/.test(value)) return null;
  const url = urlOf(`${protocol}//${value}`);
  return url && url.username === '' && url.password === '' ? hostOfUrl(url) : null;
}

function ruleOf(text: string): Rule | null {
  const [, star, rest = ''] = /^(\*\.)?(.*)$/s.exec(text)!;
  const [, host = '', port] = isIP(rest) === 6 ? ['', `[${rest}]`] : (PORT.exec(rest) ?? []);
  if (host === '' || /[*/?#@\\]/.test(host)) return null;
  const url = urlOf(`http://${host}`);
  if (!url) return null;
  const name = canonical(url.hostname);
  // All names below one that has no dot are half of the internet.
  if (star !== undefined && (isIP(name) !== 0 || !name.includes('.'))) return null;
  return { name, below: star !== undefined, port: port === undefined ? null : Number(port) };
}

const PORT = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/s;

function canonical(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
