import { failureClass } from './failure-classes.js';

/** Enough of what a server sent to see what is wrong with it. */
export const SAMPLE_BYTES = 500;

/** A way in which a request can end badly: its class, one sentence for people, and a sample. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: number;
  /** The beginning of what the server sent, or the system's own words. */
  readonly detail: string | null;

  /** The message says `what` happened and what to do; `advice` where its class has no fitting one. */
  constructor(
    code: number,
    what: string,
    detail: string | null = null,
    advice: string | null = failureClass(code)?.advice ?? null,
  ) {
    super(advice === null ? what : `${what}: ${advice}`);
    this.code = code;
    this.detail = detail;
  }

  /** The same with a sample, where it has none of its own. */
  showing(detail: string): Failure {
    return this.detail === null ? new Failure(this.code, this.message, detail, null) : this;
  }
}

export type Step = 'dns' | 'tcp' | 'tls' | 'exchange';

/** Class, what happened, and what to do where the class's own words do not fit. */
type Known = Readonly<Record<string, readonly [code: number, what: string, advice?: string]>>;

const TLS_FAILURES: Known = {
  DEPTH_ZERO_SELF_SIGNED_CERT: [1310, 'the certificate is self-signed'],
  SELF_SIGNED_CERT_IN_CHAIN: [1310, 'the certificate chain ends in a self-signed certificate'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [1310, 'the certificate is signed by an unknown authority'],
  UNABLE_TO_GET_ISSUER_CERT: [1310, 'the certificate is signed by an unknown authority'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [1310, 'the certificate is signed by an unknown authority'],
  ERR_TLS_CERT_ALTNAME_INVALID: [1311, 'the certificate is for another host name'],
  CERT_HAS_EXPIRED: [1312, 'the certificate has expired'],
  CERT_NOT_YET_VALID: [1312, 'the certificate is not valid yet'],
};

const FEW_DESCRIPTORS = 'raise `ulimit -n`, or open fewer connections';
const CONNECT_FAILURES: Known = {
  ECONNREFUSED: [1212, 'connection refused'],
  ETIMEDOUT: [1211, 'connecting timed out'],
  ECONNRESET: [1220, 'connection reset while connecting'],
  EHOSTUNREACH: [1210, 'no route to the host'],
  ENETUNREACH: [1210, 'network unreachable'],
  EADDRNOTAVAIL: [
    1210,
    'no local port is free',
    'connections are closed and opened faster than this machine gives ports back',
  ],
  EMFILE: [1210, 'this machine has no file descriptor left', FEW_DESCRIPTORS],
  ENFILE: [1210, 'this machine has no file descriptor left', FEW_DESCRIPTORS],
};

const EXCHANGE_FAILURES: Known = {
  ECONNRESET: [1220, 'connection reset by the server'],
  EPIPE: [1201, 'the server closed the connection while we were sending'],
  ETIMEDOUT: [1220, 'the connection died: nothing came back from the other side'],
};

/** What an error of the network or of the system means, by where it happened. */
export function failureOf(error: unknown, step: Step): Failure {
  if (error instanceof Failure) return error;
  const { code, message } = partsOf(error);
  if (step === 'dns') {
    return code === 'ENOTFOUND'
      ? new Failure(1101, 'no such host', message)
      : new Failure(1100, `looking up the host failed (${code})`, message);
  }
  const tls = known(TLS_FAILURES, code, message);
  if (tls) return tls;
  if (step === 'tls') {
    return code === 'ECONNRESET'
      ? new Failure(1300, 'the connection was closed within the TLS handshake', message)
      : new Failure(1300, `the TLS handshake failed (${code})`, message);
  }
  if (step === 'tcp') {
    return (
      known(CONNECT_FAILURES, code, message) ??
      new Failure(1213, `connecting failed (${code})`, message)
    );
  }
  return (
    known(EXCHANGE_FAILURES, code, message) ??
    (code.startsWith('ERR_SSL')
      ? new Failure(1300, `TLS failed on an open connection (${code})`, message)
      : new Failure(1000, code ? `${message} (${code})` : message))
  );
}

function known(table: Known, code: string, message: string): Failure | null {
  const found = Object.hasOwn(table, code) ? table[code] : undefined;
  if (!found) return null;
  const [number, what, advice] = found;
  return new Failure(number, what, message, advice);
}

function partsOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, message: error.message };
}
