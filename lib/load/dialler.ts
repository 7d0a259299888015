import type { Recorder } from '../measure/recorder.js';
import type { AddressBook } from './address-book.js';
import { type Destination, type Dial, type Dialled, dial, type Wire } from './dial.js';
import { type Failure, failureOf } from './failure.js';
import type { RoundTrips } from './round-trips.js';
import type { RunClock } from './run-clock.js';

/** 256 connects at once on loopback read 20 ms for a path of 0.09 ms; eight do not. */
const MOST_AT_ONCE = 8;
const REST_US = 1_000_000;

export interface DiallerSetting {
  readonly destination: Destination;
  readonly clock: RunClock;
  readonly recorder: Recorder;
  readonly book: AddressBook;
  readonly roundTrips: RoundTrips;
  /** Start of the leg: what is opened before it counts as opened then. */
  readonly startUs: number;
  /** Connects under way at the most; null or absent: as few as disturb each other the least. */
  readonly atOnce?: number | null | undefined;
  /** From far away, where distance is emulated. */
  readonly dial?: Dial | undefined;
}

/** What becomes of an attempt, with the instant at which it began. */
export interface DialEvents {
  opened(wire: Wire, address: string, begunUs: number): void;
  dialFailed(failure: Failure, begunUs: number, ahead: boolean): void;
}

/** Opens connections to the target's addresses in turn, few at a time, and records what it took. */
export class Dialler {
  readonly #setting: DiallerSetting;
  readonly #events: DialEvents;
  readonly #dial: Dial;
  readonly #atOnce: number;
  readonly #attempts = new Set<() => void>();
  #closed = false;
  #restUntilUs = Number.NEGATIVE_INFINITY;

  constructor(setting: DiallerSetting, events: DialEvents) {
    this.#setting = setting;
    this.#events = events;
    this.#dial = setting.dial ?? dial;
    this.#atOnce = setting.atOnce ?? MOST_AT_ONCE;
  }

  /** Attempts under way. */
  get size(): number {
    return this.#attempts.size;
  }

  get full(): boolean {
    return this.#closed || this.#attempts.size >= this.#atOnce;
  }

  /** A server that hangs up on newcomers is left alone for a while, but for what requests need. */
  rest(): void {
    this.#restUntilUs = this.#monotonicUs() + REST_US;
  }

  get resting(): boolean {
    return this.#monotonicUs() < this.#restUntilUs;
  }

  /** `ahead`: no request waits for it. */
  dial(ahead: boolean): void {
    const { book, clock, destination } = this.#setting;
    const begunUs = clock.nowUs();
    const address = book.next();
    if (address === null) {
      this.#lookUpThenDial(begunUs, ahead);
      return;
    }
    const giveUp = this.#dial(destination, address, (failure, dialled) => {
      this.#attempts.delete(giveUp);
      if (dialled && !this.#closed) {
        book.worked();
        this.#record(address, ahead, dialled);
        this.#events.opened(dialled.wire, address, begunUs);
      } else {
        dialled?.wire.socket.destroy();
        if (!failure || this.#closed) return;
        if (book.failed(address)) this.dial(ahead);
        else this.#events.dialFailed(failure, begunUs, ahead);
      }
    });
    this.#attempts.add(giveUp);
  }

  close(): void {
    this.#closed = true;
    for (const giveUp of [...this.#attempts]) giveUp();
  }

  #lookUpThenDial(begunUs: number, ahead: boolean): void {
    let given = false;
    const giveUp = () => {
      given = true;
      this.#attempts.delete(giveUp);
    };
    this.#attempts.add(giveUp);
    this.#setting.book.resolve().then(
      () => {
        if (given) return;
        giveUp();
        this.dial(ahead);
      },
      (error: unknown) => {
        if (given) return;
        giveUp();
        this.#events.dialFailed(failureOf(error, 'dns'), begunUs, ahead);
      },
    );
  }

  #record(address: string, ahead: boolean, { tcpUs, tlsUs }: Dialled): void {
    const { clock, recorder, roundTrips, startUs } = this.#setting;
    roundTrips.saw(address, tcpUs, this.#monotonicUs());
    const connection = { address, ahead, dnsUs: -1, tcpUs, tlsUs };
    recorder.connection(connection, Math.max(startUs, clock.nowUs()));
  }

  #monotonicUs(): number {
    const { clock } = this.#setting;
    return clock.monotonicAt(clock.nowUs());
  }
}
