import type { AnswerReader } from './answer.js';
import type { AnswerContent } from './answer-content.js';
import { headerValues } from './answer-content.js';
import type { FlowAnswer, FlowRequest } from './code-flow.js';
import { Failure } from './failure.js';
import { readJson } from './json-text.js';
import type { RequestParts } from './request-template.js';

/** What the code of a flow sees of a request that did not end well. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
}

/**
 * Keeps a thread from ending by a failed request that code does not wait for, or only through
 * promises of its own: the request is counted. Whatever else code lets go still ends it.
 */
export function forgiveForgottenRequests(): void {
  process.on('unhandledRejection', (reason) => {
    if (!(reason instanceof RequestFailed)) throw reason;
  });
}

/** The parts of a request as the plan has it, with what code says in their place. */
export function partsWith(
  parts: RequestParts,
  prefix: string,
  path: string,
  { headers = {}, json, form, body }: FlowRequest,
): RequestParts {
  if (!/^\/[!-~]*$/.test(path)) {
    throw new Failure(1722, 'a path begins with / and is written as it is sent', path);
  }
  const own = [...parts.headers];
  const said: [string, string][] = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  );
  if (json !== undefined) implied(own, said, 'application/json');
  if (form !== undefined) implied(own, said, 'application/x-www-form-urlencoded');
  for (const [name] of said) without(own, name.toLowerCase());
  for (const [name, value] of said) {
    checkHeader(name, value);
    own.push(name, value);
  }
  const content = contentOf(json, form, body);
  return {
    ...parts,
    path: prefix + path,
    headers: own,
    // What code puts in may be a token out of an answer.
    confined: [...parts.confined, ...said.map(([name]) => name.toLowerCase())],
    body: content ?? parts.body,
  };
}

/** Whom a request is for, and where one ends and the next begins, is not for code to say. */
const OWN = new Set(
  'host connection content-length transfer-encoding expect upgrade te'.split(' '),
);

function checkHeader(name: string, value: string): void {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || OWN.has(name.toLowerCase())) {
    throw new Failure(1722, `header ${JSON.stringify(name.slice(0, 100))} cannot be set`);
  }
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new Failure(1722, `header ${name} holds a character that cannot be sent`, value);
  }
}

function implied(own: readonly string[], said: [string, string][], type: string): void {
  const given = said.some(([name]) => name.toLowerCase() === 'content-type');
  const known = own.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-type');
  if (!given && !known) said.push(['content-type', type]);
}

function without(headers: string[], name: string): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if (headers[i]!.toLowerCase() === name) headers.splice(i, 2);
  }
}

function contentOf(
  json: FlowRequest['json'],
  form: FlowRequest['form'],
  body: FlowRequest['body'],
): Buffer | null {
  if (json !== undefined) return Buffer.from(JSON.stringify(json));
  if (form !== undefined) {
    const fields = Object.entries(form).map(
      ([name, value]) => [name, String(value)] as [string, string],
    );
    return Buffer.from(new URLSearchParams(fields).toString());
  }
  return body === undefined ? null : Buffer.from(body as Uint8Array);
}

/** Takes an answer over for code to look at; what is kept of bodies is bounded. */
export function answerReader(take: (answer: FlowAnswer) => void): AnswerReader {
  return {
    needs: 'body',
    hides: false,
    read: (_, content) => {
      try {
        take(answerOf(content));
        return null;
      } catch (error) {
        if (error instanceof Failure) return content.unfound(error);
        throw error;
      }
    },
  };
}

function answerOf(content: AnswerContent): FlowAnswer {
  const { status, head, whole } = content.answer;
  const text = content.text();
  const wanted = () => {
    if (!whole) throw new RequestFailed('the body is larger than is kept of one');
    return text;
  };
  return {
    status,
    get body() {
      return wanted();
    },
    header: (name) => headerValues(head, name.toLowerCase())[0] ?? null,
    json: () => readJson(Buffer.from(wanted())),
  };
}

const CREDENTIALS = /^(?:authorization|proxy-authorization|cookie|x-api-key)$/i;

/** Values by which code logs in, with and without what stands before them. */
export function confidential({ headers = {} }: FlowRequest): string[] {
  return Object.entries(headers)
    .filter(([name]) => CREDENTIALS.test(name))
    .flatMap(([, value]) => [value].flat().map(String))
    .flatMap((value) => [value, value.replace(/^\w+ /, '')]);
}
