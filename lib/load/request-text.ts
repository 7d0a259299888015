import type { PlanRequest } from '../plan/plan.js';
import { hasTemplate, stretches } from '../plan/template-scan.js';
import type { TemplateNames } from '../plan/template-text.js';
import { compileBasicAuth } from './basic-auth.js';
import { Failure } from './failure.js';
import type { LoadGuard } from './load-guard.js';
import type { RequestParts } from './request-template.js';
import { compileTemplate, type Escape, type TemplateValues } from './template.js';

/** How the texts of a request become those of one iteration. */
interface TextMaking {
  readonly names: TemplateNames;
  readonly reveal: (literal: string) => string;
  /** Told of what was made out of a secret, and so is one. */
  readonly keep: (derived: string) => void;
  /** Absent where all may be loaded. */
  readonly guard?: LoadGuard | undefined;
}

interface Text {
  render(values: TemplateValues): string;
}

/** A request that is put together anew for each iteration: which of its parts, and out of what. */
export class RequestText {
  /** As it is sent without anything filled in. */
  readonly #parts: RequestParts;
  readonly #path: Text | null;
  /** The path is a whole one, or a URL of the target. */
  readonly #ownPath: boolean;
  readonly #prefix: string;
  /** Of headers that are filled in: where their values stand in the parts, and what follows there. */
  readonly #headers: readonly { readonly at: number; value: Text; after: string }[];
  readonly #body: Text | null;
  /** Where the host stands that is filled in; -1: none is. */
  readonly #hostAt: number;
  readonly #guard: LoadGuard | null;

  /** `parts` are those of the request with its holes closed, as `closed` has it. */
  constructor(request: PlanRequest, parts: RequestParts, making: TextMaking) {
    const compile = (text: string, place: Escape) =>
      compileTemplate(text, { ...making, escape: place });
    const { path, body, basicAuth } = request;
    this.#parts = parts;
    this.#ownPath = stretches(path)[0]?.hole === true;
    this.#path = hasTemplate(path) ? compile(path, 'path') : null;
    const bare = making.reveal(closedText(path));
    this.#prefix = this.#ownPath ? '' : parts.path.slice(0, parts.path.length - bare.length);
    const headers = headerTexts(request).map(([name, text, nth]) => {
      const at = placeOf(parts.headers, name, nth);
      const own = making.reveal(closedText(text));
      const value: Text = compile(text, 'header');
      return { at, value, after: parts.headers[at]!.slice(own.length) };
    });
    if (basicAuth) {
      const value = compileBasicAuth(basicAuth, making);
      const at = placeOf(parts.headers, 'authorization', 0);
      if (value.constant === null) headers.push({ at, value, after: '' });
    }
    this.#headers = headers;
    const host = headers.find(({ at }) => parts.headers[at - 1]!.toLowerCase() === 'host');
    this.#hostAt = host ? host.at : -1;
    this.#guard = making.guard ?? null;
    const templated = body !== null && body.encoding === 'utf8' && hasTemplate(body.data);
    this.#body = templated ? compile(body.data, body.escape ?? 'none') : null;
  }

  /** Throws a Failure where a value cannot stand in its place. */
  fill(values: TemplateValues): RequestParts {
    const parts = this.#parts;
    const headers = this.#headers.length === 0 ? parts.headers : [...parts.headers];
    for (const { at, value, after } of this.#headers) {
      (headers as string[])[at] = value.render(values).trim() + after;
    }
    if (this.#hostAt >= 0) this.#guard?.refuseHost(headers[this.#hostAt]!, parts.origin);
    return {
      ...parts,
      headers,
      path: this.#path ? this.#prefix + this.#pathOf(this.#path.render(values)) : parts.path,
      body: this.#body ? Buffer.from(this.#body.render(values)) : parts.body,
    };
  }

  #pathOf(text: string): string {
    if (!this.#ownPath) return text;
    const { origin } = this.#parts;
    const path = text.startsWith(`${origin}/`) ? text.slice(origin.length) : text;
    if (path.startsWith('/')) return path;
    throw new Failure(1722, 'a path begins with /, and what was put in its place does not', text);
  }
}

/** The same request with its holes closed, so that all that is the same each time can be made once. */
export function closed(request: PlanRequest): PlanRequest {
  if (!request.templated) return request;
  const { path, headers, body, basicAuth } = request;
  return {
    ...request,
    ...(basicAuth && {
      basicAuth: { user: closedText(basicAuth.user), password: closedText(basicAuth.password) },
    }),
    path: stretches(path)[0]?.hole ? `/${closedText(path)}` : closedText(path),
    headers: headers.map(([name, value]) => [name, closedText(value)]),
    body: body && body.encoding === 'utf8' ? { ...body, data: closedText(body.data) } : body,
  };
}

function closedText(text: string): string {
  return stretches(text)
    .map(({ hole, start, end }) => (hole ? '0' : text.slice(start, end)))
    .join('');
}

/** Headers that are filled in: name, text, and which of those of the same name. */
function headerTexts({ headers }: PlanRequest): [string, string, number][] {
  const nth = new Map<string, number>();
  return headers.flatMap(([name, text]): [string, string, number][] => {
    const lower = name.toLowerCase();
    const n = nth.get(lower) ?? 0;
    nth.set(lower, n + 1);
    return hasTemplate(text) ? [[lower, text, n]] : [];
  });
}

function placeOf(headers: readonly string[], name: string, nth: number): number {
  let left = nth;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() === name && left-- === 0) return i + 1;
  }
  throw new Error(`header ${name} is not sent`);
}
