import { bodyText } from './body-text.js';
import { TextMistake } from './diagnostics.js';
import { captureText, expectOf } from './expect-text.js';
import type { PlanRequest } from './plan.js';
import { parseRequestLine } from './request-line.js';
import { stepName } from './request-names.js';
import { formatDuration } from './units.js';
import { shownHeader, withoutLiterals } from './without-credentials.js';
import { flow, scalar } from './yaml-text.js';

/** What the text of a request depends on. */
export interface AroundRequest {
  /** Of the plan: what a request has that says nothing. */
  readonly timeoutUs: number;
  /** The flow that it is a step of. */
  readonly flow: string | null;
  /** Names of the requests before it. */
  readonly taken: ReadonlySet<string>;
}

/** A request as an entry of a list, of one line or more. */
export function requestLines(request: PlanRequest, around: AroundRequest): string[] {
  const { line, named } = lineOf(request, around);
  const { timeoutUs, followRedirects, captures, expect } = request;
  const fields = [
    `request: ${scalar(line)}`,
    ...(named ? [`name: ${scalar(request.name)}`] : []),
    ...(request.weight > 1 ? [`weight: ${request.weight}`] : []),
    ...sentLines(request),
    ...(request.expectContinue ? ['expectContinue: true'] : []),
    ...(expect === null ? [] : [`expect: ${flow(expectOf(expect))}`]),
    ...(captures ? [`capture: ${flow(capturesOf(captures))}`] : []),
    ...(timeoutUs === around.timeoutUs ? [] : [`timeout: ${formatDuration(timeoutUs)}`]),
    ...(followRedirects === undefined ? [] : [`followRedirects: ${followRedirects}`]),
  ];
  return fields.length === 1 ? [`- ${scalar(line)}`] : entry(fields);
}

/** Fields of a map that stands in a list. */
export function entry(fields: readonly string[]): string[] {
  return fields.map((field, i) => (i === 0 ? `- ${field}` : `  ${field}`));
}

/** The line that a name was made of says more than one that was put together anew. */
function lineOf(
  request: PlanRequest,
  { flow: within, taken }: AroundRequest,
): { readonly line: string; readonly named: boolean } {
  const { name, method, path } = request;
  const lead = within === null ? '' : `${within} › `;
  const made = [name, ...(name.startsWith(lead) ? [name.slice(lead.length)] : [])].find(
    (line) =>
      isLineOf(line, request) && (within === null || stepName(within, line, false, taken) === name),
  );
  return made === undefined
    ? { line: `${method} ${path}`, named: true }
    : { line: made, named: false };
}

function isLineOf(text: string, { method, path }: PlanRequest): boolean {
  try {
    const line = parseRequestLine(text);
    return line.method === method && line.path === path;
  } catch (error) {
    if (error instanceof TextMistake) return false;
    throw error;
  }
}

const BEARER = 'Bearer ';

/** Headers, who asks, and the body, none of which says what another one says already. */
function sentLines({ headers, body, basicAuth }: PlanRequest): string[] {
  const [last, value = ''] = headers.at(-1) ?? [];
  const bearer =
    last === 'authorization' && value.startsWith(BEARER) && value.length > BEARER.length;
  const written = bearer ? headers.slice(0, -1) : headers;
  const [name, contentType = null] = written.at(-1) ?? [];
  const text = body && bodyText(body, name === 'content-type' ? contentType : null);
  const implied =
    text?.contentType != null && name === 'content-type' && contentType === text.contentType;
  const own = implied ? written.slice(0, -1) : written;
  return [
    ...(own.length === 0 ? [] : [`headers: ${flow(headersOf(own))}`]),
    ...(bearer ? [`auth: ${flow({ bearer: shownHeader(last, value).slice(BEARER.length) })}`] : []),
    ...(basicAuth ? [`auth: ${flow({ basic: shownLogin(basicAuth) })}`] : []),
    ...(text ? [text.line] : []),
  ];
}

function shownLogin({ user, password }: NonNullable<PlanRequest['basicAuth']>): object {
  return { user: shownHeader('user', user), password: withoutLiterals(password) };
}

/** What is sent more than once stands in a list. */
function headersOf(headers: PlanRequest['headers']): object {
  const found = new Map<string, string | string[]>();
  for (const [name, value] of headers) {
    const before = found.get(name);
    const shown = shownHeader(name, value);
    found.set(name, before === undefined ? shown : [before, shown].flat());
  }
  return Object.fromEntries(found);
}

function capturesOf(captures: NonNullable<PlanRequest['captures']>): object {
  return Object.fromEntries(captures.map((capture) => [capture.name, captureText(capture)]));
}
