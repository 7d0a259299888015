import { type Dial, dial } from './dial.js';
import type { DiallerSetting } from './dialler.js';

const EVERY_US = 2_000_000;
/** How long one waits for other connects to be over before it looks again. */
const AGAIN_US = 50_000;
/** Between those of two shards: one thread that makes both would make the second one late. */
const APART_US = 10_000;

/**
 * A lone connect every two seconds, to each address in turn, closed at once: under load the
 * connects of requests disturb each other, those of arming even more so, and a pool that stays
 * open makes none at all. It has a turn of its own, so that connections are spread over addresses
 * as if it were not there.
 */
export class Probe {
  /** Begun so far; each is one connection that the target sees. */
  count = 0;
  readonly #setting: DiallerSetting;
  readonly #connecting: () => number;
  readonly #dial: Dial;
  #turn = 0;
  #dueUs: number;
  #timer: NodeJS.Timeout | null = null;
  #giveUp: (() => void) | null = null;

  /**
   * The first one is due at once, for the `nth` shard of the run a little later than for the one
   * before it. `connecting`: how many other connects are under way.
   */
  constructor(setting: DiallerSetting, nth: number, connecting: () => number) {
    this.#setting = setting;
    this.#connecting = connecting;
    this.#dial = setting.dial ?? dial;
    this.#dueUs = setting.clock.nowUs() + ((nth * APART_US) % EVERY_US);
    this.#wake(this.#dueUs);
  }

  /** Final. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#giveUp?.();
  }

  #wake(atUs: number): void {
    const inUs = atUs - this.#setting.clock.nowUs();
    this.#timer = setTimeout(() => this.#due(), Math.ceil(inUs / 1_000));
  }

  #due(): void {
    const { addresses } = this.#setting.book;
    const nowUs = this.#setting.clock.nowUs();
    if (this.#giveUp || this.#connecting() > 0) {
      this.#wake(nowUs + AGAIN_US);
      return;
    }
    // A timer may come a moment early: that is this one, not one more.
    this.#dueUs += EVERY_US * Math.max(1, Math.ceil((nowUs + 1 - this.#dueUs) / EVERY_US));
    this.#wake(this.#dueUs);
    const address = addresses[this.#turn++ % addresses.length];
    if (address !== undefined) this.#connect(address);
  }

  #connect(address: string): void {
    const { destination, clock, roundTrips } = this.#setting;
    this.count++;
    // No handshake: the round trip is told by TCP alone. One that fails tells nothing of the
    // distance, and requests tell of failures.
    const plain = { ...destination, secure: false };
    this.#giveUp = this.#dial(plain, address, (_failure, dialled) => {
      this.#giveUp = null;
      if (!dialled) return;
      dialled.wire.socket.destroy();
      roundTrips.saw(address, dialled.tcpUs, clock.monotonicAt(clock.nowUs()));
    });
  }
}
