import type { DiallerSetting } from './dialler.js';

const EVERY_US = 1_000_000;

/**
 * Notes every second how far the addresses in use are, as far as connects have told by then. It is
 * not noted with each connect: most of them are made while workers are armed, when they disturb
 * each other, and tell of a distance that no request has been measured with.
 */
export class DistanceRecord {
  readonly #setting: DiallerSetting;
  readonly #endUs: number;
  #dueUs: number;

  /** From the start of the leg to its end. */
  constructor(setting: DiallerSetting, endUs: number) {
    this.#setting = setting;
    this.#dueUs = setting.startUs;
    this.#endUs = endUs;
  }

  /** To be called every now and then. */
  sweep(): void {
    const { book, clock, recorder, roundTrips } = this.#setting;
    const nowUs = clock.nowUs();
    if (nowUs < this.#dueUs || nowUs >= this.#endUs) return;
    this.#dueUs += EVERY_US * Math.ceil((nowUs + 1 - this.#dueUs) / EVERY_US);
    for (const address of book.addresses) {
      const roundTripUs = roundTrips.of(address, clock.monotonicAt(nowUs));
      if (roundTripUs >= 0) recorder.roundTrip(address, roundTripUs, nowUs);
    }
  }
}
