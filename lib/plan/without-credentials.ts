import { isLiteralCredential } from './headers.js';
import type { Body, PlanRequest } from './plan.js';

/** What stands in place of what lets people in. */
export const REMOVED = '(removed)';

/** Fields and headers that hold what lets people in, by the names that people give them. */
const NAMES =
  'passw(?:or)?d|passphrase|secret|token|api[-_]?key|auth|authorization|credential|session|cookie|signature';
const HEADER = new RegExp(NAMES, 'i');
const JSON_FIELD = new RegExp(
  `("[^"]*(?:${NAMES})[^"]*"\\s*:\\s*)("(?:[^"\\\\]|\\\\.)*"|[\\d.]+)`,
  'gi',
);
const FORM_FIELD = new RegExp(`((?:^|[&?])[^=&"]*(?:${NAMES})[^=&"]*=)([^&"]*)`, 'gi');
const REFERENCE = /\$\{(?:env|secret):/;

/**
 * A request's headers and body with credentials taken out that were written into the plan itself.
 * References to the environment and to secrets stay: they name what they stand for, and no more.
 */
export function withoutCredentials({
  headers,
  body,
}: Pick<PlanRequest, 'headers' | 'body'>): Pick<PlanRequest, 'headers' | 'body'> {
  return {
    headers: headers.map(([name, value]) =>
      isLiteralCredential(name, value) || (HEADER.test(name) && !REFERENCE.test(value))
        ? [name, REMOVED]
        : [name, value],
    ),
    body: body === null ? null : bodyWithout(body),
  };
}

function bodyWithout(body: Body): Body {
  if (body.encoding !== 'utf8') return body;
  const mask = (whole: string, lead: string, value: string) =>
    REFERENCE.test(value) ? whole : `${lead}${value.startsWith('"') ? `"${REMOVED}"` : REMOVED}`;
  return { ...body, data: body.data.replace(JSON_FIELD, mask).replace(FORM_FIELD, mask) };
}
