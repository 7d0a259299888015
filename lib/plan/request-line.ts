import { nearest, suggest, TextMistake } from './diagnostics.js';
import { aroundReferences } from './references.js';
import { aroundTemplates, stretches } from './template-scan.js';

export const METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
];

interface RequestLine {
  readonly method: string;
  /** Fit for a request line: what may not stand there is encoded with percent signs. */
  readonly path: string;
}

/** Reads `POST /hospital?ward=3`; throws a TextMistake that points at what is wrong. */
export function parseRequestLine(text: string): RequestLine {
  const [, lead = '', method = '', gap = '', path = ''] = /^(\s*)(\S*)(\s*)(.*?)\s*$/s.exec(text)!;
  const start = lead.length;
  if (method.startsWith('/')) {
    throw new TextMistake(
      'a request begins with its method',
      start,
      method.length,
      `write GET ${method}`,
    );
  }
  checkMethod(method, start, path);
  if (path === '') {
    throw new TextMistake(`'${method}' needs a path`, start, method.length, `write ${method} /`);
  }
  checkPath(method, masked(path), start + method.length + gap.length);
  const encoded = aroundTemplates(path, (part) => aroundReferences(part, encodePath));
  return { method, path: encoded };
}

/** As if every `{{ … }}` had brought in what may stand there, letter for letter. */
function masked(path: string): string {
  return stretches(path)
    .map(({ hole, start, end }) =>
      hole ? (start === 0 ? '/' : 'x').padEnd(end - start, 'x') : path.slice(start, end),
    )
    .join('');
}

function checkMethod(method: string, start: number, path: string): void {
  if (METHODS.includes(method)) return;
  const point = (message: string, help?: string) =>
    new TextMistake(message, start, Math.max(1, method.length), help);
  if (/^https?:\/\//i.test(method)) {
    throw point(
      'a request begins with its method',
      'write GET and the path; the host stands in target',
    );
  }
  if (method === 'CONNECT') throw point('CONNECT opens a tunnel, which is no request to measure');
  const meant = nearest(method, METHODS);
  if (path === '' && meant === null) {
    throw point('a request is a method and a path', `write GET /${method}`);
  }
  throw point(`unknown method '${method}'`, suggest(method, METHODS));
}

function checkPath(method: string, path: string, start: number): void {
  const point = (message: string, match: RegExpExecArray, help?: string) =>
    new TextMistake(message, start + match.index, match[0].length, help);
  const version = /\s+HTTP\/[\d.]+$/.exec(path);
  if (version) throw point('the version of HTTP is not part of a request', version, 'leave it out');
  const url = /^https?:\/\/[^/]*(\/\S*)?/i.exec(path);
  if (url) {
    throw point(
      'a request has a path; the host stands in target',
      url,
      `write ${method} ${url[1] ?? '/'}`,
    );
  }
  const wrongStart = /^[^/]\S*/.exec(path);
  if (wrongStart) throw point('a path begins with /', wrongStart, `write ${method} /${path}`);
  const fragment = /#.*$/.exec(path);
  if (fragment)
    throw point('a fragment is never sent', fragment, 'leave it out, or write # as %23');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not reach a terminal.
  const control = /[\x00-\x08\x0e-\x1f\x7f]/.exec(path);
  if (control) throw point('a path has no control characters', control);
  const space = /\s+/.exec(path);
  if (space) throw point('a path has no spaces', space, 'write a space as %20');
}

/** What a browser encodes in a path or a query, and nothing that is encoded already. */
function encodePath(path: string): string {
  return path.replace(/[^\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+/g, (part) =>
    [...Buffer.from(part)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}
