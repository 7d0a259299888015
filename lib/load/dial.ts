import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Failure, failureOf } from './failure.js';

export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly insecure: boolean;
  readonly timeoutUs: number;
}

/** What opening a connection took, µs; -1 where a step did not take place. */
export interface Dialled {
  readonly socket: Socket;
  readonly tcpUs: number;
  readonly tlsUs: number;
}

type Done = (failure: Failure | null, dialled: Dialled | null) => void;

/** Opens one connection to an address. Calls back exactly once; returns what gives it up. */
export function dial(to: Destination, address: string, done: Done): () => void {
  const begunMs = performance.now();
  let tcpMs = -1;
  let open = true;

  const socket = to.secure
    ? connectTls(tlsOptions(to, address))
    : connectTcp({ host: address, port: to.port, noDelay: true });

  const finish = (failure: Failure | null) => {
    if (!open) return;
    open = false;
    clearTimeout(timer);
    if (failure) {
      socket.on('error', () => {});
      socket.destroy();
      done(failure, null);
      return;
    }
    const nowMs = performance.now();
    socket.removeListener('error', onError);
    done(null, {
      socket,
      tcpUs: toUs((tcpMs < 0 ? nowMs : tcpMs) - begunMs),
      tlsUs: to.secure ? toUs(nowMs - tcpMs) : -1,
    });
  };
  const onError = (error: Error) =>
    finish(failureOf(error, to.secure && tcpMs >= 0 ? 'tls' : 'tcp'));

  socket.once('connect', () => {
    tcpMs = performance.now();
    if (!to.secure) finish(null);
  });
  if (to.secure) {
    socket.setNoDelay(true);
    socket.once('secureConnect', () => finish(null));
  }
  socket.on('error', onError);
  const timer = setTimeout(() => {
    finish(
      tcpMs < 0
        ? new Failure(1211, 'connecting timed out')
        : new Failure(1300, 'the TLS handshake timed out'),
    );
  }, to.timeoutUs / 1000);
  return () => finish(new Failure(1000, 'given up'));
}

function tlsOptions(to: Destination, address: string): ConnectionOptions {
  return {
    host: address,
    port: to.port,
    // A literal address cannot be a server name; the certificate is then checked against it.
    ...(isIP(to.host) ? {} : { servername: to.host }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: !to.insecure,
  };
}

function toUs(ms: number): number {
  return Math.floor(ms * 1000);
}
