import type { HistogramEntry } from './fragment-content.js';
import type { Sample } from './sample.js';
import { SpanHistograms } from './span-histograms.js';
import type { Timeline } from './timeline.js';

/** What TCP sends at once on a new connection; a longer request waits for further round trips. */
const FIRST_FLIGHT_BYTES = 14_000;

const WINDOW_METRICS = ['latency', 'service'] as const;
const BLOCK_METRICS = ['latency', 'service', 'failed'] as const;
const [LATENCY, SERVICE, FAILED] = [0, 1, 2];

const LONG_METRICS = [
  'ttfb',
  'lag',
  'blocked',
  'setup',
  'firstByte',
  'body',
  'processing',
  'sending',
  'serverTime',
  'iteration',
] as const;
const [TTFB, LAG, BLOCKED, SETUP, FIRST_BYTE, BODY, PROCESSING, SENDING, SERVER_TIME, ITERATION] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
];

/**
 * How long requests took, and where the time went: by window over all of them, by block and long
 * block for each. All belongs to the scheduled instant.
 * latency = lag + blocked + setup + first byte + body, to the microsecond.
 */
export class RequestSpans {
  readonly #timeline: Timeline;
  readonly #windows: SpanHistograms;
  readonly #blocks: SpanHistograms;
  readonly #longs: SpanHistograms;

  constructor(timeline: Timeline) {
    const { windows, blocks, longs } = timeline;
    this.#timeline = timeline;
    this.#windows = new SpanHistograms('window', windows.length, WINDOW_METRICS, -1);
    this.#blocks = new SpanHistograms('block', blocks.length, BLOCK_METRICS);
    this.#longs = new SpanHistograms('long', longs.length, LONG_METRICS);
  }

  ok(sample: Sample): void {
    const { window, request, dueUs, takenUs, writtenUs, firstByteUs, endUs } = sample;
    const latencyUs = endUs - dueUs;
    const serviceUs = endUs - writtenUs;
    this.#windows.record(window, -1, LATENCY, latencyUs);
    this.#windows.record(window, -1, SERVICE, serviceUs);
    const block = this.#timeline.blockOfWindow[window]!;
    this.#blocks.record(block, request, LATENCY, latencyUs);
    this.#blocks.record(block, request, SERVICE, serviceUs);

    const long = this.#timeline.longOfWindow[window]!;
    const setupUs = setupOf(sample);
    const firstByteSpanUs = firstByteUs - writtenUs;
    this.#longs.record(long, request, TTFB, firstByteUs - dueUs);
    this.#longs.record(long, request, BLOCKED, writtenUs - takenUs - setupUs);
    this.#longs.record(long, request, FIRST_BYTE, firstByteSpanUs);
    this.#longs.record(long, request, BODY, endUs - firstByteUs);
    if (sample.connectUs >= 0) this.#longs.record(long, request, SETUP, setupUs);
    if (sample.sentUs >= 0) this.#longs.record(long, request, SENDING, sample.sentUs - writtenUs);
    if (sample.serverTimeUs >= 0)
      this.#longs.record(long, request, SERVER_TIME, sample.serverTimeUs);
    if (sample.roundTripUs >= 0 && sample.bytesOut <= FIRST_FLIGHT_BYTES && !sample.resent) {
      const processingUs = firstByteSpanUs - sample.roundTripUs;
      this.#longs.record(long, request, PROCESSING, processingUs > 0 ? processingUs : 0);
    }
  }

  failed({ window, request, dueUs, endUs }: Sample): void {
    const block = this.#timeline.blockOfWindow[window]!;
    this.#blocks.record(block, request, FAILED, endUs - dueUs);
  }

  /** A whole flow, from the scheduled instant of its start. */
  iteration(window: number, subject: number, us: number): void {
    this.#longs.record(this.#timeline.longOfWindow[window]!, subject, ITERATION, us);
  }

  /** Of every request that was taken up, however it ended: it judges the generator. */
  lag({ window, request, dueUs, takenUs }: Sample): void {
    if (takenUs < 0) return;
    this.#longs.record(this.#timeline.longOfWindow[window]!, request, LAG, takenUs - dueUs);
  }

  /** Windows are told as far as they have come, blocks when they are closed. */
  drain(
    blockClosed: (index: number) => boolean,
    longClosed: (index: number) => boolean,
  ): HistogramEntry[] {
    return [
      ...this.#windows.drain(() => true),
      ...this.#blocks.drain(blockClosed),
      ...this.#longs.drain(longClosed),
    ];
  }
}

/** The part of the wait that a new connection took; 0 where none was waited for. */
function setupOf({ takenUs, connectUs, writtenUs }: Sample): number {
  return connectUs < 0 ? 0 : writtenUs - Math.max(takenUs, connectUs);
}
