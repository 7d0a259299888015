// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { hasTemplate } from './template-scan.js';

/** What the engine itself must say about a connection and a body. */
export const OWN_HEADERS: readonly string[] = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Headers whose values let people in. */
const CREDENTIAL_HEADERS = ['authorization', 'cookie', 'proxy-authorization', 'x-api-key'];

export function isHeaderName(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name);
}

/** One line of Latin letters. */
export function isHeaderValue(value: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(value);
}

/** A credential that stands in the plan itself, and so would be stored with it. */
export function isLiteralCredential(name: string, value: string): boolean {
  if (!CREDENTIAL_HEADERS.includes(name.toLowerCase())) return false;
  return !/\$\{(?:env|secret):/.test(value) && !hasTemplate(value);
}

/** The line that mends it: `authorization: "Bearer ${secret:TOKEN}"`. */
export function insteadOfLiteral(name: string): string {
  const [secret, value] = INSTEAD[name] ?? ['API_KEY', '${secret:API_KEY}'];
  return `keep it in Secrets Manager, write ${name}: "${value}", and deploy with -c secrets=${secret}`;
}

const INSTEAD: Readonly<Record<string, readonly [secret: string, value: string]>> = {
  authorization: ['TOKEN', 'Bearer ${secret:TOKEN}'],
  'proxy-authorization': ['TOKEN', 'Bearer ${secret:TOKEN}'],
  cookie: ['SESSION', 'session=${secret:SESSION}'],
  bearer: ['TOKEN', '${secret:TOKEN}'],
  password: ['PASSWORD', '${secret:PASSWORD}'],
};
