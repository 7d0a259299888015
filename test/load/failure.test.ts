import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Failure, failureOf, type Step } from '../../lib/load/failure.js';

function errorOf(code: string, message = `${code} by the system`): Error {
  return Object.assign(new Error(message), { code });
}

const CASES: readonly (readonly [Step, string, number, RegExp])[] = [
  ['dns', 'ENOTFOUND', 1101, /no such host/],
  ['dns', 'EAI_AGAIN', 1100, /EAI_AGAIN/],
  ['tcp', 'EHOSTUNREACH', 1210, /no route/],
  ['tcp', 'ENETUNREACH', 1210, /unreachable/],
  ['tcp', 'EADDRNOTAVAIL', 1210, /local port/],
  ['tcp', 'EMFILE', 1210, /ulimit -n/],
  ['tcp', 'ETIMEDOUT', 1211, /timed out/],
  ['tcp', 'ECONNREFUSED', 1212, /refused/],
  ['tcp', 'EPROTO', 1213, /EPROTO/],
  ['tcp', 'ECONNRESET', 1220, /reset while connecting/],
  ['tls', 'ECONNRESET', 1300, /within the TLS handshake/],
  ['tls', 'ERR_SSL_WRONG_VERSION_NUMBER', 1300, /WRONG_VERSION_NUMBER/],
  ['tls', 'DEPTH_ZERO_SELF_SIGNED_CERT', 1310, /self-signed/],
  ['tls', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 1310, /unknown authority/],
  ['tls', 'ERR_TLS_CERT_ALTNAME_INVALID', 1311, /another host name/],
  ['tls', 'CERT_HAS_EXPIRED', 1312, /expired/],
  ['tls', 'CERT_NOT_YET_VALID', 1312, /not valid yet/],
  ['tcp', 'constructor', 1213, /constructor/],
  ['exchange', 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC', 1300, /open connection/],
  ['exchange', 'EPIPE', 1201, /while we were sending/],
  ['exchange', 'ECONNRESET', 1220, /reset by the server/],
  ['exchange', 'EWHATEVER', 1000, /EWHATEVER/],
];

describe('what an error means', () => {
  it.each(CASES)('in %s, %s is of class %i', (step, code, expected, words) => {
    const failure = failureOf(errorOf(code), step);
    expect(failure.code).toBe(expected);
    expect(failure.message).toMatch(words);
    // The system's own words are not lost.
    expect(`${failure.message} ${failure.detail}`).toContain(`${code} by the system`);
  });

  it('depends on the step: the same reset is three things', () => {
    const messages = (['tcp', 'tls', 'exchange'] as const).map(
      (step) => failureOf(errorOf('ECONNRESET'), step).message,
    );
    expect(new Set(messages).size).toBe(3);
  });

  it('is what was said already, where something was', () => {
    const timeout = new Failure(1050, 'no complete answer within the timeout');
    for (const step of ['dns', 'tcp', 'tls', 'exchange'] as const) {
      expect(failureOf(timeout, step)).toBe(timeout);
    }
  });

  it.each([['text'], [undefined], [{ code: 'ECONNRESET' }], [new Error('plain')]])(
    'is of class 1000 where nobody knows it: %s',
    (thrown) => {
      expect(failureOf(thrown, 'exchange').code).toBe(1000);
      expect(failureOf(thrown, 'exchange').message).not.toContain('()');
    },
  );

  it('is told of real errors as of made ones', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const error = await new Promise((resolve) => {
      connect(port, '127.0.0.1').once('error', resolve);
    });
    expect(failureOf(error, 'tcp')).toMatchObject({
      code: 1212,
      message: expect.stringMatching(/^connection refused: /),
    });
  });
});
