import { TextMistake } from './diagnostics.js';
import { type Environment, filled, hasReference } from './references.js';

/** A target as the plan keeps it, and what of it the program may know and say. */
export interface Target {
  /** Origin and path prefix, without a slash at the end; references unresolved. */
  readonly url: string;
  readonly prefix: string;
  readonly host: string;
  readonly secret: boolean;
}

/** Reads the origin and optional path prefix of what is measured; throws a TextMistake. */
export function readTarget(text: string, env: Environment): Target {
  const whole = (message: string, help?: string) => new TextMistake(message, 0, text.length, help);
  const url = parseUrl(filled(text, env), text);
  const { username, password, search, hash, origin, hostname, pathname } = url;
  if (username || password) {
    throw whole(
      'a target holds no user or password',
      'send a header: headers: { authorization: "Basic …" }',
    );
  }
  if (search) throw whole('a target has no query', 'put it into the paths of the requests');
  if (hash) throw whole('a target has no fragment (#), which is never sent', 'leave it out');
  const secret = hasReference(text);
  const prefix = pathname.replace(/\/+$/, '');
  return {
    url: secret ? text.replace(/\/+$/, '') : origin + prefix,
    prefix,
    host: hostname,
    secret,
  };
}

/** `text` is what may be shown of it. */
export function parseUrl(resolved: string, text: string): URL {
  const whole = (message: string, help?: string) => new TextMistake(message, 0, text.length, help);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(resolved)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const near = /^(?:localhost|\[|[\d.]+(?:[:/]|$))/.test(resolved) ? 'http' : 'https';
    const help = hasReference(text)
      ? undefined
      : `did you mean ${near}://${text.replace(/^\/+/, '')}?`;
    throw whole('a URL begins with http:// or https://', help);
  }
  if (scheme !== 'http' && scheme !== 'https') {
    throw whole(`only http and https can be measured, not ${scheme}`);
  }
  if (/\s/.test(resolved) || !URL.canParse(resolved)) throw whole('this is no URL');
  return new URL(resolved);
}
