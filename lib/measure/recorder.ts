import { type CheckCount, CheckTable } from './check-table.js';
import { ConnectionSpans } from './connection-spans.js';
import { COUNTER_INDEX, CounterTable } from './counter-table.js';
import type { Counters } from './counters.js';
import { ErrorTable } from './error-table.js';
import { type FragmentContent, fragmentId } from './fragment-content.js';
import { estimates } from './omission-estimate.js';
import { RequestSpans } from './request-spans.js';
import type { ConnectionSample, Sample } from './sample.js';
import type { Timeline } from './timeline.js';

interface RecorderOptions {
  readonly identity: {
    readonly run: string;
    readonly region: string;
    readonly leg: number;
    readonly n: number;
    readonly attempt: number;
  };
  readonly timeline: Timeline;
  /** Requests and whatever else is counted under a name: flows. */
  readonly requests: readonly string[];
  /**
   * Mean time that users think between an answer and their next request, µs, where their pace is
   * set by the answers; null where a schedule sets it. Asks for the `estimate` of what they held back.
   */
  readonly thinkUs?: number | null;
  /** Ways to fail that are told apart; later ones are counted by code alone. */
  readonly maxErrors?: number;
}

/** How a request or an iteration ended. */
export type Outcome =
  | 'ok'
  | 'failed'
  | 'cutDeadline'
  | 'cutStop'
  | 'droppedGenerator'
  | 'droppedTarget';

const MAX_ERRORS = 200;
const MAX_CHECKS = 1_000;
const NO_CONNECTION = 1051;
const NEVER_SENT =
  'never sent, as no connection came free: the target was slow, `http.connections` low, or, where the checks `busy` or `event-loop` are not good, the generator too busy';

const C = COUNTER_INDEX;
const ITERATION_OUTCOME: Readonly<Record<Outcome, number>> = {
  ok: C.iterationsOk,
  failed: C.iterationsFailed,
  cutDeadline: C.iterationsCutDeadline,
  cutStop: C.iterationsCutStop,
  droppedGenerator: C.iterationsDroppedGenerator,
  droppedTarget: C.iterationsDroppedTarget,
};

/**
 * What one shard measures. Every request is `scheduled` once and ended once, by `ok`, `failed`,
 * `cut` or `dropped`; nothing is allocated in between, and samples are read at once and not kept.
 * `flush` hands over what has come together since the last time.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #timeline: Timeline;
  readonly #counters: CounterTable;
  readonly #errors: ErrorTable;
  readonly #checks = new CheckTable(MAX_CHECKS);
  readonly #requestSpans: RequestSpans;
  readonly #connectionSpans: ConnectionSpans;
  /** Requests and flows scheduled in each block and not ended yet: a block with any is still open. */
  readonly #inBlock: Int32Array;
  readonly #inLong: Int32Array;
  #inFlight = 0;
  #seq = 0;

  constructor(options: RecorderOptions) {
    const { timeline, requests } = options;
    const { windows, blocks, longs } = timeline;
    this.#options = options;
    this.#timeline = timeline;
    this.#counters = new CounterTable(windows.length, requests.length);
    this.#errors = new ErrorTable(requests.length, options.maxErrors ?? MAX_ERRORS);
    this.#requestSpans = new RequestSpans(timeline);
    this.#connectionSpans = new ConnectionSpans(timeline);
    this.#inBlock = new Int32Array(blocks.length);
    this.#inLong = new Int32Array(longs.length);
  }

  /** Requests and flows that were scheduled and have not ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** All that was counted so far, whatever has been flushed. */
  totals(): Counters {
    return this.#counters.totals();
  }

  // An iteration that is one request: both are counted together.

  scheduled(window: number, request: number): void {
    this.iterationScheduled(window, request);
    this.requestScheduled(window, request);
  }

  ok(sample: Sample): void {
    this.requestOk(sample);
    this.iterationEnded(sample.window, sample.request, 'ok');
  }

  failed(sample: Sample, code: number, message: string, detail: string | null): void {
    this.requestFailed(sample, code, message, detail);
    this.iterationEnded(sample.window, sample.request, 'failed');
  }

  /** In flight, or due and not begun, when the shard stopped or ran out of time. */
  cut(sample: Sample, by: 'deadline' | 'stop'): void {
    this.requestCut(sample, by);
    this.iterationEnded(sample.window, sample.request, by === 'stop' ? 'cutStop' : 'cutDeadline');
  }

  /** Due and never begun: the generator was late, or no connection to the target came free. */
  dropped(sample: Sample, cause: 'generator' | 'target'): void {
    this.requestDropped(sample, cause);
    const outcome = cause === 'target' ? 'droppedTarget' : 'droppedGenerator';
    this.iterationEnded(sample.window, sample.request, outcome);
  }

  // A flow: it holds its window open from its start to its end, and each of its requests its own.

  flowScheduled(window: number, flow: number): void {
    this.iterationScheduled(window, flow);
    this.#enter(window);
  }

  /** `us` is the whole iteration, from its scheduled instant: of good ones it is kept. */
  flowEnded(window: number, flow: number, outcome: Outcome, us: number): void {
    this.iterationEnded(window, flow, outcome);
    if (outcome === 'ok') this.#requestSpans.iteration(window, flow, us);
    this.#leave(window);
  }

  /** Why a flow failed, where it was none of its requests. */
  flowError(
    flow: number,
    code: number,
    message: string,
    detail: string | null,
    atUs: number,
  ): void {
    this.#errors.add(code, message, flow, atUs, detail);
  }

  // Requests and iterations apart.

  iterationScheduled(window: number, request: number): void {
    this.#counters.add(window, request, C.iterationsScheduled, 1);
  }

  iterationEnded(window: number, request: number, outcome: Outcome): void {
    this.#counters.add(window, request, ITERATION_OUTCOME[outcome], 1);
  }

  requestScheduled(window: number, request: number): void {
    this.#counters.add(window, request, C.scheduled, 1);
    this.#enter(window);
  }

  requestOk(sample: Sample): void {
    const { window, request, endUs } = sample;
    this.#counters.add(window, request, C.ok, 1);
    this.#counters.add(this.#timeline.windowAt(endUs), request, C.ended, 1);
    this.#countTraffic(sample);
    this.#requestSpans.ok(sample);
    this.#requestSpans.lag(sample);
    this.#leave(window);
  }

  requestFailed(sample: Sample, code: number, message: string, detail: string | null): void {
    const { window, request, endUs } = sample;
    const ending = this.#timeline.windowAt(endUs);
    this.#counters.add(window, request, C.failed, 1);
    this.#counters.add(ending, request, C.ended, 1);
    this.#counters.add(ending, request, C.endedFailed, 1);
    if (sample.writtenUs < 0) this.#counters.add(window, request, C.unsent, 1);
    this.#countTraffic(sample);
    this.#errors.add(code, message, request, endUs, detail);
    this.#requestSpans.failed(sample);
    this.#requestSpans.lag(sample);
    this.#leave(window);
  }

  requestCut(sample: Sample, by: 'deadline' | 'stop'): void {
    const { window, request } = sample;
    this.#counters.add(window, request, by === 'stop' ? C.cutStop : C.cutDeadline, 1);
    this.#countTraffic(sample);
    this.#requestSpans.lag(sample);
    this.#leave(window);
  }

  requestDropped(sample: Sample, cause: 'generator' | 'target'): void {
    const { window, request, endUs } = sample;
    if (cause === 'target') {
      this.#counters.add(window, request, C.droppedTarget, 1);
      this.#errors.add(NO_CONNECTION, NEVER_SENT, request, endUs, null);
    } else {
      this.#counters.add(window, request, C.droppedGenerator, 1);
    }
    this.#leave(window);
  }

  /** Where one thing that is expected of a request's answers is counted. */
  check(request: number, text: string): CheckCount {
    return this.#checks.of(request, text);
  }

  connection(connection: ConnectionSample, atUs: number): void {
    this.#connectionSpans.connection(connection, atUs);
  }

  /** The round trip to an address, as the connects seen there tell it. */
  roundTrip(address: string, roundTripUs: number, atUs: number): void {
    this.#connectionSpans.roundTrip(address, roundTripUs, atUs);
  }

  /** How long the first answer on a connection took to begin. */
  firstAnswer(address: string, firstByteUs: number, atUs: number): void {
    this.#connectionSpans.firstAnswer(address, firstByteUs, atUs);
  }

  /**
   * What was measured since the last flush. Counters and windows are told as far as they have come;
   * a block once, when its time is over and all that was scheduled in it has ended. At the shard's
   * end, everything.
   */
  flush(nowUs: number, final: boolean): FragmentContent {
    const { identity, requests } = this.#options;
    const { run, region, leg, n, attempt } = identity;
    const { blocks, longs, spec } = this.#timeline;
    const seq = this.#seq++;
    const blockClosed = (index: number): boolean =>
      final || (blocks[index]!.endUs <= nowUs && this.#inBlock[index] === 0);
    const longClosed = (index: number): boolean =>
      final || (longs[index]!.endUs <= nowUs && this.#inLong[index] === 0);
    const requestSpans = this.#requestSpans.drain(blockClosed, longClosed);
    const checks = this.#checks.drain();
    const { thinkUs = null } = this.#options;
    return {
      run,
      region,
      shard: { leg, n, attempt, seq, final },
      covers: [fragmentId({ region, leg, n, attempt, seq })],
      cutAtUs: nowUs,
      timeline: spec,
      requests,
      addresses: [...this.#connectionSpans.addresses],
      rows: this.#counters.drain(),
      histograms: [
        ...requestSpans,
        ...(thinkUs === null ? [] : estimates(requestSpans, thinkUs)),
        ...this.#connectionSpans.drain(longClosed),
      ],
      errors: this.#errors.drain(),
      ...(checks.length > 0 && { checks }),
    };
  }

  #countTraffic(sample: Sample): void {
    const { window, request } = sample;
    const counters = this.#counters;
    if (sample.writtenUs >= 0) counters.add(window, request, C.sent, 1);
    if (sample.firstByteUs >= 0) counters.add(window, request, C.answered, 1);
    if (sample.resent) counters.add(window, request, C.resent, 1);
    if (sample.hops > 0) counters.add(window, request, C.redirects, sample.hops);
    if (sample.bytesIn > 0) counters.add(window, request, C.bytesIn, sample.bytesIn);
    if (sample.bytesOut > 0) counters.add(window, request, C.bytesOut, sample.bytesOut);
  }

  #enter(window: number): void {
    this.#inBlock[this.#timeline.blockOfWindow[window]!]! += 1;
    this.#inLong[this.#timeline.longOfWindow[window]!]! += 1;
    this.#inFlight += 1;
  }

  #leave(window: number): void {
    this.#inBlock[this.#timeline.blockOfWindow[window]!]! -= 1;
    this.#inLong[this.#timeline.longOfWindow[window]!]! -= 1;
    this.#inFlight -= 1;
  }
}
