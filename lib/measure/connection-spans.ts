import type { HistogramEntry } from './fragment-content.js';
import type { ConnectionSample } from './sample.js';
import { SpanHistograms } from './span-histograms.js';
import type { Timeline } from './timeline.js';

const MAX_ADDRESSES = 64;
const OTHER = 'other';

const METRICS = [
  'dns',
  'tcp',
  'tls',
  'dnsAhead',
  'tcpAhead',
  'tlsAhead',
  'roundTrip',
  'firstAnswer',
] as const;
const [DNS, DNS_AHEAD, ROUND_TRIP, FIRST_ANSWER] = [0, 3, 6, 7];

/** What opening connections took, by address and long block. */
export class ConnectionSpans {
  /** In the order in which they were first met. */
  readonly addresses: string[] = [];
  readonly #timeline: Timeline;
  readonly #longs: SpanHistograms;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#longs = new SpanHistograms('long', timeline.longs.length, METRICS);
  }

  connection({ address, ahead, dnsUs, tcpUs, tlsUs }: ConnectionSample, atUs: number): void {
    const long = this.#longAt(atUs);
    const subject = this.#subjectOf(address);
    const first = ahead ? DNS_AHEAD : DNS;
    if (dnsUs >= 0) this.#longs.record(long, subject, first, dnsUs);
    if (tcpUs >= 0) this.#longs.record(long, subject, first + 1, tcpUs);
    if (tlsUs >= 0) this.#longs.record(long, subject, first + 2, tlsUs);
  }

  roundTrip(address: string, roundTripUs: number, atUs: number): void {
    this.#longs.record(this.#longAt(atUs), this.#subjectOf(address), ROUND_TRIP, roundTripUs);
  }

  firstAnswer(address: string, firstByteUs: number, atUs: number): void {
    this.#longs.record(this.#longAt(atUs), this.#subjectOf(address), FIRST_ANSWER, firstByteUs);
  }

  drain(longClosed: (index: number) => boolean): HistogramEntry[] {
    return this.#longs.drain(longClosed);
  }

  #longAt(us: number): number {
    return this.#timeline.longOfWindow[this.#timeline.windowAt(us)]!;
  }

  /** Addresses beyond the bound share one name: a target with thousands must not fill the memory. */
  #subjectOf(address: string): number {
    const { addresses } = this;
    const known = addresses.indexOf(address);
    if (known >= 0) return known;
    if (addresses.length < MAX_ADDRESSES) addresses.push(address);
    else if (addresses.length === MAX_ADDRESSES) addresses.push(OTHER);
    return addresses.length - 1;
  }
}
