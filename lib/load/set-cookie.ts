/** A cookie as a server sets it (RFC 6265, 5.2); what says nothing about it is left out. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** In small letters, without the dot before it; null: for the host alone that set it. */
  readonly domain: string | null;
  /** null: that of the request. */
  readonly path: string | null;
  /** ms from now on, 0 and less: it is to be forgotten; null: `expiresAtMs` says. */
  readonly lifeMs: number | null;
  /** ms since the epoch; null: it lasts as long as the session. */
  readonly expiresAtMs: number | null;
  readonly secure: boolean;
}

/** What browsers keep of one, name and value together. */
const LONGEST = 4_096;
const LONGEST_ATTRIBUTE = 1_024;

/** null for what no browser would keep. */
export function parseSetCookie(line: string): SetCookie | null {
  const [pair = '', ...attributes] = line.split(';');
  const equals = pair.indexOf('=');
  // Without a `=` it is a value without a name.
  const name = equals < 0 ? '' : pair.slice(0, equals).trim();
  const value = pair.slice(equals + 1).trim();
  if (name + value === '' || name.length + value.length > LONGEST || UNFIT.test(name + value)) {
    return null;
  }
  let domain: string | null = null;
  let path: string | null = null;
  let lifeMs: number | null = null;
  let expiresAtMs: number | null = null;
  let secure = false;
  for (const attribute of attributes) {
    const [key = '', ...rest] = attribute.split('=');
    const said = rest.join('=').trim();
    if (said.length > LONGEST_ATTRIBUTE) continue;
    switch (key.trim().toLowerCase()) {
      case 'domain':
        domain = said.replace(/^\./, '').toLowerCase() || null;
        break;
      case 'path':
        path = said.startsWith('/') ? said : null;
        break;
      case 'max-age':
        if (/^-?\d+$/.test(said)) lifeMs = Number(said) * 1000;
        break;
      case 'expires': {
        const atMs = Date.parse(said);
        if (!Number.isNaN(atMs)) expiresAtMs = atMs;
        break;
      }
      case 'secure':
        secure = true;
        break;
    }
  }
  return { name, value, domain, path, lifeMs, expiresAtMs, secure };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a header with them in it would be two.
const UNFIT = /[\x00-\x08\x0a-\x1f\x7f]/;
