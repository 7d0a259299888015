import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Failure, failureOf } from './failure.js';
import type { LoadGuard } from './load-guard.js';

export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly insecure: boolean;
  readonly timeoutUs: number;
  /** Judges every address, and who is really at the other end; absent where all may be loaded. */
  readonly guard?: Pick<LoadGuard, 'refusal'> | undefined;
}

/** A socket, and who is told of what it reads; bytes are only valid during the call. */
export interface Wire {
  readonly socket: Socket;
  /** Takes what is sent: the socket itself, or what stands before it. */
  outlet: Outlet;
  receiver: ((bytes: Buffer, end: number) => void) | null;
}

export interface Outlet {
  write(data: string | Uint8Array, encoding?: BufferEncoding): unknown;
  /** `sent` is called once all of it has been taken. */
  write(data: string | Uint8Array, sent: () => void): unknown;
  /**
   * Holds back what begins an exchange, or goes on after an answer, for as long as the way takes;
   * `gone` is called when it leaves. Absent: nothing is held back.
   */
  hold?(data: string | Uint8Array, gone: () => void): void;
}

/** What opening a connection took, µs; -1 where a step did not take place. */
export interface Dialled {
  readonly wire: Wire;
  readonly tcpUs: number;
  readonly tlsUs: number;
}

type Done = (failure: Failure | null, dialled: Dialled | null) => void;

export type Dial = (to: Destination, address: string, done: Done) => () => void;

/**
 * One buffer for all sockets of a thread: whatever is read is dealt with before the next read, and
 * a buffer that is not made anew saves a fifth of an exchange.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/** Opens one connection to an address. Calls back exactly once; returns what gives it up. */
export function dial(to: Destination, address: string, done: Done): () => void {
  const refused = to.guard?.refusal(address);
  if (refused) return failSoon(refused, done);
  let begunMs = performance.now();
  // The socket itself connects a tick from now: making it, and what else is done in this turn, is
  // none of the time that the path takes.
  process.nextTick(() => {
    begunMs = performance.now();
  });
  let tcpMs = -1;
  let open = true;
  let wire: Wire | null = null;
  const onread: OnReadOpts = {
    buffer: READ_BUFFER,
    callback: (end) => {
      // A server that speaks before it is asked to is none that we can talk to.
      if (wire?.receiver) wire.receiver(READ_BUFFER, end);
      else socket.destroy();
      return true;
    },
  };
  const socket = to.secure
    ? connectTls(tlsOptions(to, address, onread))
    : connectTcp({ host: address, port: to.port, noDelay: true, onread });

  const finish = (failure: Failure | null) => {
    if (!open) return;
    open = false;
    clearTimeout(timer);
    if (failure) {
      socket.destroy();
      done(failure, null);
      return;
    }
    const nowMs = performance.now();
    wire = { socket, outlet: socket, receiver: null };
    done(null, {
      wire,
      tcpUs: toUs((tcpMs < 0 ? nowMs : tcpMs) - begunMs),
      tlsUs: to.secure ? toUs(nowMs - tcpMs) : -1,
    });
  };
  const onError = (error: Error) =>
    finish(failureOf(error, to.secure && tcpMs >= 0 ? 'tls' : 'tcp'));

  // Ahead of what begins the handshake: to the wrong end not even that is sent.
  if (to.guard) {
    socket.prependOnceListener('connect', () => {
      const stranger = strangerAt(to, socket);
      if (stranger) finish(stranger);
    });
  }
  socket.once('connect', () => {
    tcpMs = performance.now();
    if (!to.secure) finish(null);
  });
  if (to.secure) {
    socket.setNoDelay(true);
    socket.once('secureConnect', () => finish(null));
  }
  // It stays for as long as the socket lives: an error without a listener would end the thread.
  socket.on('error', onError);
  socket.once('close', () => finish(new Failure(1220, 'connection closed while connecting')));
  const timer = setTimeout(() => {
    finish(
      tcpMs < 0
        ? new Failure(1211, 'connecting timed out')
        : new Failure(1300, 'the TLS handshake timed out'),
    );
  }, to.timeoutUs / 1000);
  return () => finish(new Failure(1000, 'given up'));
}

/** As if it had been tried: never within the call itself. */
function failSoon(failure: Failure, done: Done): () => void {
  let open = true;
  const finish = (why: Failure) => {
    if (!open) return;
    open = false;
    done(why, null);
  };
  setImmediate(finish, failure);
  return () => finish(new Failure(1000, 'given up'));
}

/** null: whoever is at the other end may be loaded. */
function strangerAt(to: Destination, { remoteAddress }: Socket): Failure | null {
  if (remoteAddress !== undefined) return to.guard?.refusal(remoteAddress) ?? null;
  return new Failure(1220, 'connection closed while connecting');
}

function tlsOptions(to: Destination, address: string, onread: OnReadOpts): ConnectionOptions {
  return {
    host: address,
    port: to.port,
    // A literal address cannot be a server name; the certificate is then checked against it.
    ...(isIP(to.host) ? {} : { servername: to.host }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: !to.insecure,
    // Passed on to the socket below, though the types of `tls` do not say so.
    ...({ onread } as object),
  };
}

function toUs(ms: number): number {
  return Math.floor(ms * 1000);
}
