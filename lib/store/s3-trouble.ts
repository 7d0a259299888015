import { IsochroneError, UnavailableError } from '../errors.js';

/** What an answer of S3, or the lack of one, means for the request that got it. */
export type S3Outcome =
  /** A condition does not hold: the object exists, or is another by now. */
  | 'precondition'
  | 'absent'
  /** Nothing was done, and may be if asked again. */
  | 'refused for now'
  /** Whether anything was done, nobody knows. */
  | 'unsure'
  /** The bucket is in another region, or ours is not known. */
  | 'elsewhere'
  | 'final';

/** What was asked, for people. */
export interface Asked {
  readonly act: 'read' | 'write' | 'list';
  /** The whole address of the object or prefix. */
  readonly address: string;
  readonly bucket: string;
  /** The account that must own the bucket, where that is known. */
  readonly owner: string | null;
  /** One attempt only. */
  readonly once: boolean;
  /** How long all attempts may take, ms. */
  readonly withinMs: number;
}

const BUSY = new Set(['SlowDown', 'ServiceUnavailable', 'Throttling', 'ThrottlingException']);
const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'InvalidToken'];
const WRONG_KEYS = ['InvalidAccessKeyId', 'SignatureDoesNotMatch'];
const NETWORK =
  /^(E(CONN\w+|PIPE|TIMEDOUT|NOTFOUND|AI_\w+|HOSTUNREACH|NETUNREACH|NETDOWN|HOSTDOWN)|ABORT_ERR)$/;
const TIMEOUTS = ['TimeoutError', 'AbortError'];

const RIGHTS = { read: 's3:GetObject', write: 's3:PutObject', list: 's3:ListBucket' } as const;

/** The little that is told apart; the SDK's own classes are left to the one file that uses it. */
interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  /** Of the HTTP answer, where there was one. */
  readonly status: number | null;
  readonly region: string | null;
}

export function s3Outcome(error: unknown): S3Outcome {
  if (error instanceof IsochroneError) return 'final';
  const { name, status, code, region, message } = failureOf(error);
  if (/^Region is missing/.test(message) || region !== null) return 'elsewhere';
  if (status === 412) return 'precondition';
  if (name === 'NoSuchBucket') return 'final';
  if (status === 404) return 'absent';
  // 409 is another writer at the same instant; a clock that is off is set right by the SDK.
  if (status === 409 || name === 'RequestTimeTooSkewed') return 'refused for now';
  if (BUSY.has(name) || status === 429) return 'refused for now';
  if (name === 'RequestTimeout' || (status !== null && (status >= 500 || status < 300))) {
    return 'unsure';
  }
  return isSilence({ name, code }) || NETWORK.test(code) ? 'unsure' : 'final';
}

/** The region that S3 says the bucket is in, where it says so by refusing. */
export function regionToldBy(error: unknown): string | null {
  return failureOf(error).region;
}

/** Turns what went wrong for good into an error for people. */
export function s3Trouble(error: unknown, asked: Asked): Error {
  if (error instanceof IsochroneError) return error;
  const failure = failureOf(error);
  const known = failure.status !== null || failure.code !== '' || failure.name !== 'Error';
  // Anything else is a mistake in this program, not trouble with S3.
  if (!known || error instanceof TypeError || error instanceof RangeError) return error as Error;
  const [meaning, remedy] = meaningOf(failure, asked);
  const how = asked.act === 'write' ? 'write to' : asked.act;
  return new UnavailableError(`cannot ${how} ${asked.address} (${meaning}): ${remedy}`, {
    cause: error,
  });
}

function meaningOf(failure: Failure, asked: Asked): readonly [meaning: string, remedy: string] {
  const { name, message, code, status, region } = failure;
  const seconds = asked.withinMs / 1000;
  if (name === 'CredentialsProviderError') {
    return [
      `there are no AWS credentials to use: ${firstLine(message)}`,
      'log in, as with "aws sso login", or say which to use with AWS_PROFILE',
    ];
  }
  if (EXPIRED.includes(name)) {
    return ['the AWS credentials have expired', 'log in again, as with "aws sso login"'];
  }
  if (WRONG_KEYS.includes(name)) {
    return [
      'S3 does not accept these AWS credentials',
      'check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ];
  }
  if (name === 'RequestTimeTooSkewed') {
    return ['the clock of this machine is too far off for S3', 'set it, best with NTP'];
  }
  if (name === 'NoSuchBucket') {
    return [`there is no bucket ${asked.bucket}`, 'check its name, and whose account is in use'];
  }
  if (region !== null) {
    return [`the bucket is in ${region}`, `say so with AWS_REGION=${region}`];
  }
  if (status === 403) return ['access denied', denial(message, asked)];
  if (BUSY.has(name) || status === 429) {
    return [`S3 asked to slow down for ${seconds} s`, 'try again later, or with fewer workers'];
  }
  if (isSilence(failure)) return [`no answer in ${seconds} s`, 'check the network, then try again'];
  if (NETWORK.test(code)) {
    return [
      `S3 cannot be reached: ${code}`,
      'check the network, and AWS_ENDPOINT_URL if it is set',
    ];
  }
  if (status !== null && status >= 500) {
    return [`S3 failed for ${seconds} s: ${status} ${name}`, 'try again later'];
  }
  const answer = status === null ? code : String(status);
  return [`${[answer, name].filter(Boolean).join(' ')}`, firstLine(message)];
}

/** S3 may name the right that is missing itself: it knows of keys that encrypt the bucket. */
function denial(message: string, { act, address, bucket, owner }: Asked): string {
  const right = /not authorized to perform: ([\w:*]+)/.exec(message)?.[1] ?? RIGHTS[act];
  const on = right === 's3:ListBucket' ? `the bucket ${bucket}` : address;
  const give = `whoever runs this needs the right ${right} on ${on}`;
  const absent =
    act === 'read' ? '; without s3:ListBucket an object that is missing looks the same' : '';
  const owned = owner === null ? '' : `; and the bucket must belong to account ${owner}`;
  return `${give}${absent}${owned}`;
}

function isSilence({ name, code }: Pick<Failure, 'name' | 'code'>): boolean {
  // The SDK calls a connection that was cut a timeout, too.
  return (TIMEOUTS.includes(name) && code === '') || code === 'ETIMEDOUT' || code === 'ABORT_ERR';
}

function failureOf(error: unknown): Failure {
  const { name, message, code, Code, $metadata, $response, Region } = (error ?? {}) as {
    name?: unknown;
    message?: unknown;
    code?: unknown;
    Code?: unknown;
    $metadata?: { httpStatusCode?: unknown };
    $response?: { statusCode?: unknown; headers?: Record<string, unknown> };
    Region?: unknown;
  };
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const numeric = typeof status === 'number' ? status : null;
  const told = $response?.headers?.['x-amz-bucket-region'] ?? Region;
  // A refusal for another reason names the bucket's region as well.
  const misdirected = numeric === 301 || numeric === 307 || name === 'AuthorizationHeaderMalformed';
  return {
    name: text(name) === 'Error' ? text(Code) || 'Error' : text(name),
    message: text(message),
    code: text(code),
    status: numeric,
    region: misdirected && text(told) !== '' ? text(told) : null,
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.trim() ?? '';
}
