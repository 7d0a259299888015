import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { EmulatedDistance } from '../plan/frozen-plan.js';
import { Agenda } from './agenda.js';
import { type Dial, type Dialled, dial, type Outlet } from './dial.js';
import { connectWaitUs, exchangeWaitUs } from './emulated-wait.js';
import { Failure } from './failure.js';
import type { Pacer, Source } from './pacer.js';
import type { RunClock } from './run-clock.js';

/** Something that is let go at its instant. */
interface Held {
  release(): void;
}

/**
 * The way from one shard to a target that seems far away. Distance is waited, not added to what was
 * measured: connects and requests are held back by their whole round trips before they go out on
 * real sockets, so that the load itself is that of distant clients. Reads are left alone.
 *
 * Instants are of the monotonic clock: connections are opened before the run's start instant is
 * known, and its setting must not move them.
 */
export class EmulatedPath implements Source {
  readonly #distance: EmulatedDistance;
  readonly #seed: number;
  readonly #clock: RunClock;
  readonly #pacer: Pacer;
  readonly #agenda = new Agenda<Held>();
  #connects = 0;
  #exchanges = 0;

  /** `seed` is the shard's own. */
  constructor(distance: EmulatedDistance, seed: number, clock: RunClock, pacer: Pacer) {
    this.#distance = distance;
    this.#seed = seed;
    this.#clock = clock;
    this.#pacer = pacer;
  }

  get nextUs(): number {
    return this.#clock.atMonotonic(this.#agenda.nextUs);
  }

  fire(): void {
    while (this.nextUs <= this.#clock.nowUs()) this.#agenda.take()?.release();
  }

  hold(held: Held, untilUs: number): void {
    this.#agenda.add(untilUs, held);
    this.#pacer.moved(this.#clock.atMonotonic(untilUs));
  }

  nextExchangeUs(): number {
    return exchangeWaitUs(this.#distance, this.#seed, this.#exchanges++);
  }

  /** Opens a connection as `dial` does, from far away. */
  readonly dial: Dial = (to, address, done) => {
    const patientUntilUs = monotonicUs() + to.timeoutUs;
    let giveUp = dial(to, address, (failure, dialled) => {
      if (dialled) giveUp = this.#cross(dialled, patientUntilUs, done);
      else done(failure, null);
    });
    return () => giveUp();
  };

  /** Both ends have the connection, but none of what opened it would have come so far yet. */
  #cross(dialled: Dialled, patientUntilUs: number, done: Parameters<Dial>[2]): () => void {
    const { wire, tcpUs, tlsUs } = dialled;
    const { socket } = wire;
    const fromUs = monotonicUs();
    const connectUs = connectWaitUs(this.#distance, this.#seed, this.#connects++);
    const untilUs = fromUs + connectUs + flights(socket) * this.#distance.roundTripUs;
    let open = true;
    const finish = (failure: Failure | null) => {
      if (!open) return;
      open = false;
      socket.removeListener('close', onClose);
      if (failure) {
        socket.destroy();
        done(failure, null);
        return;
      }
      const waitedUs = Math.floor(monotonicUs() - fromUs);
      wire.outlet = new EmulatedOutlet(socket, this);
      // The distance is known: a release that came late is none of it.
      done(null, {
        wire,
        tcpUs: tcpUs + connectUs,
        tlsUs: tlsUs < 0 ? tlsUs : tlsUs + waitedUs - connectUs,
      });
    };
    const onClose = () => finish(new Failure(1220, 'connection closed while connecting'));
    socket.on('close', onClose);
    if (untilUs <= patientUntilUs) this.hold({ release: () => finish(null) }, untilUs);
    else {
      const late =
        fromUs + connectUs > patientUntilUs
          ? new Failure(1211, 'connecting timed out')
          : new Failure(1300, 'the TLS handshake timed out');
      this.hold({ release: () => finish(late) }, patientUntilUs);
    }
    return () => finish(new Failure(1000, 'given up'));
  }
}

/** What is written goes out after its wait, in the order in which it was written. */
class EmulatedOutlet implements Outlet, Held {
  readonly #socket: Socket;
  readonly #path: EmulatedPath;
  readonly #held: {
    data: string | Uint8Array;
    encoding: BufferEncoding | undefined;
    gone: (() => void) | null;
  }[] = [];
  #lastUs = 0;

  constructor(socket: Socket, path: EmulatedPath) {
    this.#socket = socket;
    this.#path = path;
  }

  /** The path takes everything at once: what `done` would tell of is never waited for. */
  write(data: string | Uint8Array, how?: BufferEncoding | (() => void)): void {
    this.#hold(data, typeof how === 'string' ? how : undefined, null);
  }

  hold(data: string | Uint8Array, gone: () => void): void {
    this.#hold(data, 'latin1', gone);
  }

  #hold(
    data: string | Uint8Array,
    encoding: BufferEncoding | undefined,
    gone: (() => void) | null,
  ): void {
    this.#lastUs = Math.max(this.#lastUs, monotonicUs() + this.#path.nextExchangeUs());
    this.#held.push({ data, encoding, gone });
    this.#path.hold(this, this.#lastUs);
  }

  release(): void {
    const held = this.#held.shift();
    // A connection may have been given up meanwhile.
    if (!held || !this.#socket.writable) return;
    if (held.data.length > 0) this.#socket.write(held.data, held.encoding);
    held.gone?.();
  }
}

/** Round trips of the handshake. */
function flights(socket: Socket): number {
  if (!(socket instanceof TLSSocket)) return 0;
  return socket.getProtocol() === 'TLSv1.3' ? 1 : 2;
}

function monotonicUs(): number {
  return performance.now() * 1000;
}
