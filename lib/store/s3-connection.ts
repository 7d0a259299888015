import { silenceNodeWarning } from './node-warning.js';
import { S3_PATIENCE, type S3Patience } from './s3-patience.js';

export interface S3StoreSetting {
  readonly bucket: string;
  readonly prefix?: string;
  /** Where the bucket is; otherwise what the environment says, and then what S3 answers. */
  readonly region?: string;
  /** The account that must own the bucket: every call is refused where another one does. */
  readonly accountId?: string;
  /** A server other than AWS's; otherwise AWS_ENDPOINT_URL_S3, which the SDK knows itself. */
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly patience?: Partial<S3Patience>;
}

/** Calls that go out at a time; those with a time limit of their own come on top. */
export const AT_ONCE = 48;
const SOCKETS = 64;

/** What the SDK's client is made with. */
export function s3Connection(setting: S3StoreSetting, region: string | null) {
  silenceNodeWarning();
  const { bucket, endpoint, credentials } = setting;
  const { connectMs, attemptMs } = { ...S3_PATIENCE, ...setting.patience };
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  return {
    maxAttempts: 1,
    // Only AWS gives each bucket a host name, and no certificate covers one with dots.
    forcePathStyle: !!(endpoint || AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL) || /\./.test(bucket),
    // Objects are sent whole and over TLS, and fragments carry a digest of their own: a checksum
    // more would be computed on the event loop of a worker that makes load.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: attemptMs,
      socketTimeout: attemptMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...(region !== null && { region }),
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
  } as const;
}
