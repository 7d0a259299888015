import { TextMistake } from './diagnostics.js';
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
import { readBody } from './read-body.js';
import { readExpect } from './read-expect.js';
import type { Target } from './read-target.js';
import { parseRequestLine, type RequestLine } from './request-line.js';
import type { RequestItem, WrittenRequest } from './request-schema.js';
import { parseDurationUs } from './units.js';

interface Surroundings {
  readonly target: Target | null;
  readonly timeoutUs: number;
  readonly readFile: (path: string) => Uint8Array;
  readonly where: 'local' | 'aws';
}

/** The list of requests; those with a mistake are left out, and `mistakes` knows. */
export function readRequests(
  list: readonly RequestItem[] | undefined,
  around: Surroundings,
  mistakes: Mistakes,
): PlanRequest[] {
  if (list === undefined) return [targetItself(around)];
  if (!Array.isArray(list)) return [];
  const requests = list.flatMap((item, i) => {
    const path = ['requests', i];
    if (typeof item === 'string') {
      return readRequest({ request: item }, path, path, around, mistakes) ?? [];
    }
    if (typeof item !== 'object' || item === null) return [];
    return readRequest(item, path, [...path, 'request'], around, mistakes) ?? [];
  });
  checkNames(list, mistakes);
  return requests;
}

function checkNames(list: readonly RequestItem[], mistakes: Mistakes): void {
  const names = new Set<string>();
  list.forEach((item, i) => {
    if (!mistakes.sound(['requests', i])) return;
    const own = typeof item === 'string' ? undefined : item.name;
    const name = own ?? nameOf(typeof item === 'string' ? item : item.request);
    if (names.has(name)) {
      const path = own === undefined ? ['requests', i] : ['requests', i, 'name'];
      mistakes.add(path, `two requests are called '${name}'`, {
        help: own === undefined ? `give one a name: { request: "${name}", name: … }` : ONE_NAME,
      });
    }
    names.add(name);
  });
}

const ONE_NAME = 'reports and objectives tell requests apart by name';

/** What a request is called that the plan gives no name. */
export const nameOf = (line: string) => String(line).trim();

function targetItself({ target, timeoutUs }: Surroundings): PlanRequest {
  const prefix = target?.prefix ?? '';
  return {
    // A prefix that stands in the environment is not shown.
    name: `GET ${target?.secret || prefix === '' ? '/' : prefix}`,
    method: 'GET',
    path: prefix === '' ? '/' : '',
    weight: 1,
    headers: [],
    body: null,
    expect: null,
    timeoutUs,
  };
}

function readRequest(
  written: WrittenRequest,
  path: Path,
  linePath: Path,
  { timeoutUs, readFile, where }: Surroundings,
  mistakes: Mistakes,
): PlanRequest | null {
  // Fields with a mistake are passed by, the others checked, so that all is shown at once.
  const sound = (field: keyof WrittenRequest) => mistakes.sound([...path, field]);
  const isLine = typeof written.request === 'string' && mistakes.sound(linePath);
  const line = isLine ? readLine(written.request, linePath, mistakes) : null;
  const headers = sound('headers')
    ? readHeaders(written.headers ?? {}, [...path, 'headers'], where, mistakes)
    : [];
  const typed = readBody(written, path, readFile, mistakes);
  const given = headers.some(([name]) => name.toLowerCase() === 'content-type');
  if (typed?.contentType && !given) headers.push(['content-type', typed.contentType]);
  const expect =
    written.expect && sound('expect') && readExpect(written.expect, [...path, 'expect'], mistakes);
  if (!line || !mistakes.sound(path)) return null;
  return {
    name: written.name ?? nameOf(written.request),
    ...line,
    weight: written.weight ?? 1,
    headers,
    body: typed?.body ?? null,
    expect: expect || null,
    timeoutUs: written.timeout === undefined ? timeoutUs : parseDurationUs(written.timeout)!,
  };
}

function readLine(text: string, path: Path, mistakes: Mistakes): RequestLine | null {
  try {
    return parseRequestLine(text);
  } catch (error) {
    if (!(error instanceof TextMistake)) throw error;
    mistakes.addText(path, error);
    return null;
  }
}

function readHeaders(
  written: NonNullable<WrittenRequest['headers']>,
  path: Path,
  where: Surroundings['where'],
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
        help: 'connections and the length of bodies are the business of the program',
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
      if (where === 'aws' && isLiteralCredential(name, one)) {
        mistakes.add(here, `the value of '${name}' would be stored with the plan`, {
          help: insteadOfLiteral(lower),
        });
      }
      return [name, one.trim()];
    });
  });
}
