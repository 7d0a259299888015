/**
 * The ways in which a request can end badly. Numbers follow k6's classes where it has one (1000
 * general, 1050 timeout, 11xx DNS, 12xx TCP, 13xx TLS, 14xx and 15xx HTTP status); ours beside
 * them: 1051 never sent, 1221 stale connection, 123x broken answers, 17xx failed expectations.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: number;
  /** The beginning of what the server sent, or the library's own words. */
  readonly detail: string | null;

  constructor(code: number, message: string, detail: string | null = null) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

export type Step = 'dns' | 'tcp' | 'tls' | 'exchange';

const TLS_FAILURES: Readonly<Record<string, readonly [number, string]>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: [1310, 'the certificate is self-signed'],
  SELF_SIGNED_CERT_IN_CHAIN: [1310, 'the certificate chain ends in a self-signed certificate'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [1310, 'the certificate is signed by an unknown authority'],
  UNABLE_TO_GET_ISSUER_CERT: [1310, 'the certificate is signed by an unknown authority'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [1310, 'the certificate is signed by an unknown authority'],
  ERR_TLS_CERT_ALTNAME_INVALID: [1311, 'the certificate is for another host name'],
  CERT_HAS_EXPIRED: [1312, 'the certificate has expired'],
  CERT_NOT_YET_VALID: [1312, 'the certificate is not valid yet'],
};

const CONNECT_FAILURES: Readonly<Record<string, readonly [number, string]>> = {
  ECONNREFUSED: [1212, 'connection refused'],
  ETIMEDOUT: [1211, 'connecting timed out'],
  ECONNRESET: [1220, 'connection reset while connecting'],
  EHOSTUNREACH: [1210, 'no route to the host'],
  ENETUNREACH: [1210, 'network unreachable'],
  EADDRNOTAVAIL: [1210, 'no local port is free'],
  EMFILE: [1210, 'this machine has no file descriptor left (raise `ulimit -n`)'],
  ENFILE: [1210, 'this machine has no file descriptor left'],
};

/** What an error of the network or of the HTTP library means, by where it happened. */
export function failureOf(error: unknown, step: Step): Failure {
  if (error instanceof Failure) return error;
  const { code, message } = partsOf(error);
  if (step === 'dns') {
    return code === 'ENOTFOUND'
      ? new Failure(1101, 'no such host', message)
      : new Failure(1100, `looking up the host failed (${code})`, message);
  }
  const tls = TLS_FAILURES[code];
  if (tls) return new Failure(tls[0], tls[1], message);
  if (step === 'tls') {
    return code === 'ECONNRESET'
      ? new Failure(1300, 'the connection was closed within the TLS handshake', message)
      : new Failure(1300, `the TLS handshake failed (${code})`, message);
  }
  if (step === 'tcp') {
    const known = CONNECT_FAILURES[code];
    return known
      ? new Failure(known[0], known[1], message)
      : new Failure(1213, `connecting failed (${code})`, message);
  }
  return exchangeFailure(code, message);
}

function exchangeFailure(code: string, message: string): Failure {
  switch (code) {
    case 'ECONNRESET':
      return new Failure(1220, 'connection reset by the server', message);
    case 'EPIPE':
      return new Failure(1201, 'the server closed the connection while we were sending', message);
  }
  return new Failure(1000, code ? `${message} (${code})` : message, null);
}

function partsOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, message: error.message };
}
