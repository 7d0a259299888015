// How fast histograms can be merged: ours against hdr-histogram-js in its fastest form (wasm).
// Both read the same texts, compressed HdrHistogram V2 in base64, which is the one form that both
// take, and add what they hold to one sum. As in our fragments, count, minimum, maximum and sum of
// each stand beside it.
import * as hdr from 'hdr-histogram-js';
import type { Exact } from '../lib/measure/exact.js';
import { addPayload, encodeCompressed, unpack } from '../lib/measure/hdr-codec.js';
import { Histogram } from '../lib/measure/histogram.js';
import { median } from './figures.js';
import { Random } from './random.js';

interface Case {
  readonly samples: number;
  readonly histograms: number;
}

interface Packed {
  readonly base64: string;
  readonly exact: Exact;
}

/** For the compiler; not counted. */
const WARM_ROUNDS = 3;

export interface MergeResult {
  readonly samples: number;
  /** CPU time for one histogram, µs: the median round. */
  readonly oursUs: number;
  readonly theirsUs: number;
  /** Median of the rounds' ratios, theirs ÷ ours. */
  readonly ratio: number;
}

/** Must be called once before anything is compared. */
export function prepare(): void {
  hdr.initWebAssemblySync();
}

/** Takes turns, so that a noisy moment hits both; rounds are compared pair by pair. */
export function compareMerges({ samples, histograms }: Case, rounds: number): MergeResult {
  const packed = Array.from({ length: histograms }, (_, seed) => lognormal(samples, seed + 1));
  const ours: number[] = [];
  const theirs: number[] = [];
  const checks = new Set<string>();
  for (let round = -WARM_ROUNDS; round < rounds; round++) {
    const our = cpuUs(() => mergeOurs(packed));
    const their = cpuUs(() => mergeTheirs(packed));
    checks.add(our.check).add(their.check);
    if (round < 0) continue;
    ours.push(our.cpuUs / histograms);
    theirs.push(their.cpuUs / histograms);
  }
  if (checks.size !== 1) throw new Error(`the sums differ: ${[...checks].join(', ')}`);
  return {
    samples,
    oursUs: median(ours),
    theirsUs: median(theirs),
    ratio: median(ours.map((us, round) => theirs[round]! / us)),
  };
}

function mergeOurs(packed: readonly Packed[]): string {
  const sum = new Histogram();
  for (const { base64, exact } of packed) {
    addPayload(sum, unpack(Buffer.from(base64, 'base64')), exact);
  }
  return `${sum.count} samples, p99 ${sum.percentileUs(9900)} µs`;
}

function mergeTheirs(packed: readonly Packed[]): string {
  const sum = hdr.build({
    useWebAssembly: true,
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000_000,
    numberOfSignificantValueDigits: 3,
  });
  for (const { base64 } of packed) {
    const one = hdr.decodeFromCompressedBase64(base64, 32, true);
    sum.add(one);
    one.destroy();
  }
  const check = `${sum.totalCount} samples, p99 ${sum.getValueAtPercentile(99)} µs`;
  sum.destroy();
  return check;
}

/** Times of a service as they are met: a median of 80 ms and a tail of seconds. */
function lognormal(samples: number, seed: number): Packed {
  const random = new Random(seed);
  const histogram = new Histogram();
  for (let i = 0; i < samples; i++) histogram.record(Math.floor(80_000 * random.lognormal(0.5)));
  const { count, minUs, maxUs, sumUs, clamped } = histogram;
  return {
    base64: Buffer.from(encodeCompressed(histogram)).toString('base64'),
    exact: { count, minUs, maxUs, sumUs, clamped },
  };
}

function cpuUs(work: () => string): { cpuUs: number; check: string } {
  const before = process.cpuUsage();
  const check = work();
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: user + system, check };
}
