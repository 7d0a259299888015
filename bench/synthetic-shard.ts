// One worker's life on simulated time: the real recorder, made-up answers, fragments cut when the
// engine would cut them. What it writes is what a run of that size would write.
import type { FragmentContent } from '../lib/measure/fragment-content.js';
import { Recorder } from '../lib/measure/recorder.js';
import type { Sample } from '../lib/measure/sample.js';
import type { Timeline } from '../lib/measure/timeline.js';
import { Random } from './random.js';

export interface SyntheticShard {
  readonly region: string;
  readonly leg: number;
  readonly n: number;
  readonly timeline: Timeline;
  /** The leg, µs from the run's start. */
  readonly startUs: number;
  readonly endUs: number;
  readonly perSecond: number;
  readonly requests: number;
  readonly fragmentUs: number;
}

const SECOND_US = 1_000_000;
const ADDRESSES = ['203.0.113.10', '203.0.113.11'];
/** Errors that share a text, as most do. */
const FAILURES = [
  { code: 1050, message: 'no complete answer within 10 s', detail: null },
  { code: 1503, message: 'status 503', detail: 'upstream connect error or disconnect' },
] as const;

/** Cuts fragments while it goes; the last one, after everything has ended, is the final one. */
export function* synthetic(shard: SyntheticShard): Generator<FragmentContent> {
  const { timeline, startUs, endUs, fragmentUs, region, leg, n } = shard;
  const random = new Random(leg * 1_000_003 + n * 7919 + 1);
  const recorder = new Recorder({
    identity: { run: '20261121-141503-budget-7f3a', region, leg, n, attempt: 1 },
    timeline,
    requests: requestNames(shard.requests),
  });
  const service = Array.from({ length: shard.requests }, () => 20_000 + random.below(150_000));
  const ending = new EndQueue();
  for (const address of ADDRESSES) connect(recorder, address, true, startUs, random);
  let cutUs = startUs + fragmentUs;
  for (let k = 0; k < ((endUs - startUs) / SECOND_US) * shard.perSecond; k++) {
    const dueUs = startUs + Math.floor(((k + 0.5) * SECOND_US) / shard.perSecond);
    for (; cutUs <= dueUs; cutUs += fragmentUs) {
      finish(recorder, ending, cutUs, random);
      yield recorder.flush(cutUs, false);
    }
    finish(recorder, ending, dueUs, random);
    const request = random.below(shard.requests);
    const window = timeline.windowAt(dueUs);
    recorder.scheduled(window, request);
    ending.add(exchange(window, request, dueUs, service[request]!, random));
    // A connection is replaced now and then, ahead of need.
    if (random.next() < 0.001) connect(recorder, ADDRESSES[k % 2]!, true, dueUs, random);
  }
  finish(recorder, ending, Number.POSITIVE_INFINITY, random);
  yield recorder.flush(endUs + 10 * SECOND_US, true);
}

export function requestNames(count: number): string[] {
  const paths = ['GET /catalogue/items', 'POST /basket/lines', 'GET /search?q=', 'PUT /profile/'];
  return Array.from({ length: count }, (_, i) => `${paths[i % paths.length]}/${i}`);
}

/** All phases of one request; 1 % fail, 0.5 % wait for a new connection. */
function exchange(
  window: number,
  request: number,
  dueUs: number,
  serviceUs: number,
  random: Random,
): Sample {
  const takenUs = dueUs + Math.floor(30 * random.lognormal(1));
  const connects = random.next() < 0.005;
  const blockedUs = random.next() < 0.02 ? random.below(20_000) : random.below(15);
  const connectUs = connects ? takenUs + blockedUs : -1;
  const writtenUs = takenUs + blockedUs + (connects ? 150_000 + random.below(40_000) : 0);
  const firstByteUs = writtenUs + 70_000 + Math.floor(serviceUs * random.lognormal(0.5));
  return {
    request,
    window,
    dueUs,
    takenUs,
    connectUs,
    writtenUs,
    sentUs: -1,
    firstByteUs,
    endUs: firstByteUs + Math.floor(2_000 * random.lognormal(0.8)),
    bytesIn: 1_500 + random.below(20_000),
    bytesOut: 250 + random.below(400),
    roundTripUs: 70_000 + random.below(500),
    serverTimeUs: -1,
    resent: false,
    hops: 0,
  };
}

function connect(
  recorder: Recorder,
  address: string,
  ahead: boolean,
  atUs: number,
  random: Random,
): void {
  const tcpUs = 70_000 + random.below(2_000);
  recorder.connection(
    { address, ahead, dnsUs: -1, tcpUs, tlsUs: 75_000 + random.below(9_000) },
    atUs,
  );
  recorder.roundTrip(address, tcpUs, atUs);
}

/** Ends what has ended by then, in the order in which it ends. */
function finish(recorder: Recorder, ending: EndQueue, untilUs: number, random: Random): void {
  for (let sample = ending.next(untilUs); sample !== null; sample = ending.next(untilUs)) {
    if (sample.connectUs >= 0) {
      connect(recorder, ADDRESSES[sample.request % 2]!, false, sample.connectUs, random);
    }
    if (random.next() >= 0.01) recorder.ok(sample);
    else {
      const { code, message, detail } = FAILURES[random.below(FAILURES.length)]!;
      recorder.failed(sample, code, message, detail);
    }
  }
}

/** A binary heap of what is in flight, by the instant at which it ends. */
class EndQueue {
  readonly #heap: Sample[] = [];

  add(sample: Sample): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(sample);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]!.endUs <= sample.endUs) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = sample;
  }

  /** The one that ends first, unless that is later. */
  next(untilUs: number): Sample | null {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.endUs > untilUs) return null;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(sample: Sample): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.endUs < heap[below]!.endUs) below += 1;
      if (heap[below]!.endUs >= sample.endUs) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = sample;
  }
}
