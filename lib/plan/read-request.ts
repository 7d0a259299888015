import {
  insteadOfLiteral,
  isHeaderName,
  isHeaderValue,
  isLiteralCredential,
  OWN_HEADERS,
} from './headers.js';
import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import type { PlanRequest } from './plan.js';
import { type PlanFiles, readBody } from './read-body.js';
import { readExpect } from './read-expect.js';
import type { Target } from './read-target.js';
import { filledIn } from './read-templates.js';
import { parseRequestLine } from './request-line.js';
import { nameOf } from './request-names.js';
import type { WrittenAuth, WrittenRequest } from './request-schema.js';
import { hasTemplate } from './template-scan.js';
import type { TemplateNames } from './template-text.js';
import { parseDurationUs } from './units.js';

/** What a request is read in. */
export interface RequestSurroundings extends PlanFiles {
  readonly target: Target | null;
  readonly timeoutUs: number;
  readonly where: 'local' | 'aws';
}

/** null where it has a mistake, of which `mistakes` knows. */
export function readRequest(
  written: WrittenRequest,
  path: Path,
  linePath: Path,
  around: RequestSurroundings,
  names: TemplateNames,
  mistakes: Mistakes,
): PlanRequest | null {
  // Fields with a mistake are passed by, the others checked, so that all is shown at once.
  const sound = (field: keyof WrittenRequest) => mistakes.sound([...path, field]);
  const isLine = typeof written.request === 'string' && mistakes.sound(linePath);
  const line = isLine ? mistakes.attempt(() => parseRequestLine(written.request), linePath) : null;
  const headers = sound('headers')
    ? readHeaders(written.headers ?? {}, [...path, 'headers'], around.where, mistakes)
    : [];
  const typed = readBody(written, path, around, mistakes);
  if (typed?.contentType && !isGiven(headers, 'content-type')) {
    headers.push(['content-type', typed.contentType]);
  }
  const auth = written.auth && sound('auth') ? written.auth : null;
  if (auth) checkAuth(auth, headers, [...path, 'auth'], around.where, mistakes);
  if (auth && 'bearer' in auth) headers.push(['authorization', `Bearer ${auth.bearer}`]);
  const expect =
    written.expect && sound('expect') && readExpect(written.expect, [...path, 'expect'], mistakes);
  const templated = filledIn(written, path, linePath, names, mistakes);
  if (!line || !mistakes.sound(path)) return null;
  const { followRedirects, expectContinue } = written;
  return {
    name: written.name ?? nameOf(written.request),
    ...line,
    weight: 0,
    headers,
    body: typed?.body ?? null,
    expect: expect || null,
    timeoutUs: written.timeout === undefined ? around.timeoutUs : parseDurationUs(written.timeout)!,
    ...(templated && { templated }),
    ...(auth && 'basic' in auth && { basicAuth: auth.basic }),
    ...(followRedirects !== undefined && { followRedirects }),
    ...(expectContinue && { expectContinue }),
  };
}

function readHeaders(
  written: NonNullable<WrittenRequest['headers']>,
  path: Path,
  where: RequestSurroundings['where'],
  mistakes: Mistakes,
): [string, string][] {
  const seen = new Set<string>();
  return Object.entries(written).flatMap(([name, value]) => {
    const here = [...path, name];
    const lower = name.toLowerCase();
    if (!isHeaderName(name)) {
      mistakes.add(here, `'${name}' is no name of a header`, { part: 'key' });
    } else if (OWN_HEADERS.includes(lower)) {
      mistakes.add(here, `header '${name}' cannot be set`, {
        part: 'key',
        help:
          lower === 'expect'
            ? 'to ask the server before the body is sent, write expectContinue: true'
            : 'connections and the length of bodies are the business of the program',
      });
    } else if (seen.has(lower)) {
      mistakes.add(here, `header '${name}' stands here twice`, {
        part: 'key',
        help: `to send it twice, give it a list: ${lower}: [ … ]`,
      });
    }
    seen.add(lower);
    return [value].flat().map((one): [string, string] => {
      if (!isHeaderValue(one)) {
        mistakes.add(here, `header '${name}' holds a character that cannot be sent`, {
          help: 'a header is one line of Latin letters',
        });
      }
      if (lower === 'host' && hasTemplate(one)) {
        mistakes.add(here, 'whom a request is for cannot be filled in', {
          help: 'write the host itself: limits are checked before anything is sent',
        });
      }
      if (where === 'aws' && isLiteralCredential(name, one)) {
        mistakes.add(here, `the value of '${name}' would be stored with the plan`, {
          help: insteadOfLiteral(lower),
        });
      }
      return [name, one.trim()];
    });
  });
}

function isGiven(headers: PlanRequest['headers'], header: string): boolean {
  return headers.some(([name]) => name.toLowerCase() === header);
}

function checkAuth(
  auth: WrittenAuth,
  headers: readonly (readonly [string, string])[],
  path: Path,
  where: RequestSurroundings['where'],
  mistakes: Mistakes,
): void {
  if (isGiven(headers, 'authorization')) {
    mistakes.add(path, `${mistakes.nameOf(path)} and header 'authorization' do not go together`, {
      part: 'key',
      help: 'keep one of them',
    });
  }
  const [secret, at] =
    'bearer' in auth ? [auth.bearer, ['bearer']] : [auth.basic.password, ['basic', 'password']];
  if ('bearer' in auth && !isHeaderValue(secret)) {
    mistakes.add([...path, ...at], 'a token is one line of Latin letters');
  }
  if (where === 'aws' && isLiteralCredential('authorization', secret)) {
    mistakes.add([...path, ...at], 'this would be stored with the plan', {
      help: insteadOfLiteral('bearer' in auth ? 'bearer' : 'password'),
    });
  }
}
