import { isIP } from 'node:net';
import { getPublicSuffix } from 'tldts';
import { neverOpened } from './network-setting.js';

/** What is wrong with a host that is to be allowed, and what to write instead; null: nothing. */
export function hostProblem(text: string): string | null {
  if (text === '*' || text === '*.') {
    return `'${text}' would allow the whole internet: name the hosts that may be loaded`;
  }
  if (/[/?#@\\]/.test(text)) {
    const named = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/?#]+)/i.exec(text)?.[1];
    return `'${text}' is no host: write ${named ?? 'its name'} alone, as in shop.example.com or shop.example.com:8443`;
  }
  const below = text.startsWith('*.');
  const rest = below ? text.slice(2) : text;
  if (rest.includes('*')) {
    return `'${text}': a * stands at the beginning and for whole names alone, as in *.example.com`;
  }
  const name = canonicalName(rest);
  if (name === null) {
    return `'${text}' is no host: write a name, as in shop.example.com, and a port only if it alone is allowed`;
  }
  if (below && isIP(name) !== 0) return `'${text}': there are no names below an address`;
  if (name === 'localhost' || name.endsWith('.localhost')) {
    return `'${text}' is the worker itself: it loads none but others`;
  }
  if (isIP(name) !== 0) {
    const what = neverOpened(name);
    return what === null ? null : `'${text}' is ${what}: no worker will load it`;
  }
  if (below && getPublicSuffix(name, { allowPrivateDomains: true }) === name) {
    return `'${text}' is a wildcard over a public suffix: names below ${name} belong to anybody; name yours, as in *.example.${name}`;
  }
  return null;
}

/** As workers compare it, in small letters and punycode; null where it is no host. */
function canonicalName(text: string): string | null {
  const [, host = '', port] =
    isIP(text) === 6 ? ['', `[${text}]`] : (/^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? []);
  const url = `http://${host}`;
  if (host === '' || /\s/.test(host) || Number(port) > 65_535 || !URL.canParse(url)) return null;
  return new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
