import type { IncomingMessage, ServerResponse } from 'node:http';

const STATUS: Readonly<Record<string, number>> = {
  MissingAuthenticationTokenException: 403,
  AccessDeniedException: 403,
  InvalidSignatureException: 403,
  UnknownOperationException: 404,
  ResourceNotFoundException: 404,
  DurableExecutionAlreadyStartedException: 409,
  RequestTooLargeException: 413,
  TooManyRequestsException: 429,
  ServiceException: 500,
};
/** Lambda spells the member that holds the text in two ways. */
const CAPITAL = [
  'AccessDeniedException',
  'ResourceNotFoundException',
  'DurableExecutionAlreadyStartedException',
];

/** An error as Lambda answers it: the SDK clients turn it into an exception of this name. */
export class AwsRefusal extends Error {
  override readonly name: string;
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;

  constructor(name: string, text: string, more: Readonly<Record<string, string>> = {}) {
    super(text);
    this.name = name;
    this.status = STATUS[name] ?? 400;
    this.body = { Type: 'User', [CAPITAL.includes(name) ? 'Message' : 'message']: text, ...more };
  }
}

export interface LambdaRequest {
  readonly method: string;
  /** Path segments, each decoded: an ARN in a path is one of them. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly region: string;
  readonly header: (name: string) => string | null;
  readonly body: Buffer;
}

export interface LambdaAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function jsonAnswer(value: unknown, status = 200): LambdaAnswer {
  return { status, body: JSON.stringify(value) };
}

export async function readRequest(message: IncomingMessage): Promise<LambdaRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  const url = new URL(message.url ?? '/', 'http://lambda');
  const header = (name: string) => {
    const value = message.headers[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    method: message.method ?? 'GET',
    path: url.pathname
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent),
    query: url.searchParams,
    region: regionOf(header('authorization'), header('x-amz-date')),
    header,
    body: Buffer.concat(pieces),
  };
}

export function sendAnswer(
  response: ServerResponse,
  answer: LambdaAnswer,
  requestId: string,
): void {
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'x-amzn-requestid': requestId,
    ...answer.headers,
  });
  response.end(answer.body);
}

export function sendRefusal(response: ServerResponse, error: unknown, requestId: string): void {
  const known = error instanceof AwsRefusal;
  const refusal = known ? error : new AwsRefusal('ServiceException', String(error));
  const headers = { 'x-amzn-errortype': refusal.name };
  sendAnswer(response, { ...jsonAnswer(refusal.body, refusal.status), headers }, requestId);
}

const SCOPE = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/lambda\/aws4_request,/;
const LARGEST_SKEW_MS = 300_000;

/** The region that a request is signed for; one address serves all of them. The key is not checked. */
function regionOf(authorization: string | null, date: string | null): string {
  const region = SCOPE.exec(authorization ?? '')?.[1];
  if (region === undefined) {
    throw new AwsRefusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const at = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date ?? '');
  const [year, month, day, hour, minute, second] = (at ?? []).slice(1).map(Number);
  const signedMs = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  if (!(Math.abs(Date.now() - signedMs) <= LARGEST_SKEW_MS)) {
    throw new AwsRefusal('InvalidSignatureException', `Signature expired: ${date} is not now.`);
  }
  return region;
}
