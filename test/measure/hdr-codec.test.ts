import * as hdr from 'hdr-histogram-js';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../bench/random.js';
import { TOP_INDEX } from '../../lib/measure/bucket-layout.js';
import { ByteWriter } from '../../lib/measure/byte-writer.js';
import { DamagedError } from '../../lib/measure/damaged-error.js';
import type { Exact } from '../../lib/measure/exact.js';
import {
  addPayload,
  decodeCompressed,
  decodePayload,
  encodeCompressed,
  encodePayload,
  unpack,
} from '../../lib/measure/hdr-codec.js';
import { Histogram } from '../../lib/measure/histogram.js';

const HOUR_US = 3_600_000_000;

beforeAll(() => hdr.initWebAssembly());

function payloadOf(histogram: Histogram): Uint8Array {
  const out = new ByteWriter(16);
  encodePayload(histogram, out);
  return out.written();
}

function exactOf({ count, minUs, maxUs, sumUs, clamped }: Histogram): Exact {
  return { count, minUs, maxUs, sumUs, clamped };
}

function bucketsOf(histogram: Histogram): number[][] {
  return histogram.buckets().map(({ index, count }) => [index, count]);
}

type Record = (valueUs: number, n: number) => void;

const DISTRIBUTIONS: readonly [string, (record: Record, random: Random) => void][] = [
  ['nothing', () => {}],
  ['one zero', (record) => record(0, 1)],
  ['one sample', (record) => record(123_456, 1)],
  [
    'neighbours',
    (record) => {
      for (const value of [5, 6, 8, 11, 2048, 2050]) record(value, 1);
    },
  ],
  ['the top', (record) => record(HOUR_US, 3)],
  ['few', (record, random) => repeat(25, () => record(latency(random), 1))],
  ['many', (record, random) => repeat(10_000, () => record(latency(random), 1))],
  ['the whole range', (record, random) => repeat(9_000, () => record(anything(random), 1))],
  ['large counts', (record, random) => repeat(300, () => record(anything(random), large(random)))],
];

function repeat(times: number, work: () => void): void {
  for (let i = 0; i < times; i++) work();
}
function latency(random: Random): number {
  return Math.floor(80_000 * random.lognormal(0.6));
}
function anything(random: Random): number {
  return Math.floor(HOUR_US ** random.next());
}
/** Up to 2^36: numbers of one to six bytes. */
function large(random: Random): number {
  return Math.floor(2 ** (36 * random.next()));
}

describe.each(DISTRIBUTIONS)('a payload of %s', (_name, fill) => {
  it('is read by hdr-histogram-js, bucket by bucket', () => {
    const ours = new Histogram();
    fill((value, n) => ours.recordMany(value, n), new Random(1));
    const base64 = Buffer.from(encodeCompressed(ours)).toString('base64');
    const theirs = hdr.decodeFromCompressedBase64(base64, 64);
    expect(theirs.totalCount).toBe(ours.count);
    if (ours.count === 0) return;
    for (const percentile of [1, 25, 50, 90, 99, 99.9]) {
      // Ours never lies above the maximum; theirs is the bucket's end.
      expect(Math.min(theirs.getValueAtPercentile(percentile), ours.maxUs)).toBe(
        ours.percentileUs(percentile * 100),
      );
    }
    // Once more through them, so that every single bucket is compared.
    const back = Buffer.from(hdr.encodeIntoCompressedBase64(theirs), 'base64');
    expect(bucketsOf(decodeCompressed(back))).toEqual(bucketsOf(ours));
  });

  it.each([
    ['plain', { bitBucketSize: 64 as const }],
    ['packed', { bitBucketSize: 'packed' as const }],
    ['wasm', { bitBucketSize: 64 as const, useWebAssembly: true }],
  ])('is read as hdr-histogram-js writes it (%s)', (_kind, options) => {
    const theirs = hdr.build({
      ...options,
      highestTrackableValue: HOUR_US,
      numberOfSignificantValueDigits: 3,
    });
    const ours = new Histogram();
    fill((value, n) => {
      theirs.recordValueWithCount(value, n);
      ours.recordMany(value, n);
    }, new Random(2));
    const read = decodeCompressed(Buffer.from(hdr.encodeIntoCompressedBase64(theirs), 'base64'));
    theirs.destroy();
    expect(read.count).toBe(ours.count);
    expect(bucketsOf(read)).toEqual(bucketsOf(ours));
  });

  it('comes back as it was, with what is known exactly', () => {
    const histogram = new Histogram();
    fill((value, n) => histogram.recordMany(value, n), new Random(3));
    expect(decodePayload(payloadOf(histogram), exactOf(histogram)).equals(histogram)).toBe(true);
  });

  it('adds to any histogram what adding the histogram itself would', () => {
    const histogram = new Histogram();
    fill((value, n) => histogram.recordMany(value, n), new Random(4));
    for (const held of [0, 10, 5000]) {
      const random = new Random(held);
      const sum = new Histogram();
      repeat(held, () => sum.record(latency(random)));
      const truth = sum.clone();
      truth.add(histogram);
      addPayload(sum, payloadOf(histogram), exactOf(histogram));
      expect(sum.equals(truth)).toBe(true);
    }
  });
});

describe('a payload', () => {
  it('without anything beside it tells minimum, maximum and sum to its own precision', () => {
    const random = new Random(5);
    const histogram = new Histogram();
    repeat(2_000, () => histogram.record(latency(random)));
    const read = decodePayload(payloadOf(histogram));
    for (const key of ['minUs', 'maxUs', 'sumUs'] as const) {
      expect(Math.abs(read[key] / histogram[key] - 1)).toBeLessThan(0.001);
    }
  });

  it('of a library with a longer range is clamped to one hour', () => {
    const theirs = hdr.build({ highestTrackableValue: 1e12, numberOfSignificantValueDigits: 3 });
    theirs.recordValue(50);
    theirs.recordValue(8 * HOUR_US);
    const bytes = unpack(Buffer.from(hdr.encodeIntoCompressedBase64(theirs), 'base64'));
    const dense = new Histogram();
    repeat(2_000, () => dense.record(50));
    addPayload(dense, bytes);
    expect(dense.clamped).toBe(1);
    expect(bucketsOf(dense)).toEqual([
      [50, 2001],
      [TOP_INDEX, 1],
    ]);
    expect(decodePayload(bytes).clamped).toBe(1);
  });

  it('may take a sum of 32-bit counts beyond 2^32', () => {
    const part = new Histogram();
    part.recordMany(1000, 4_000_000_000);
    part.recordMany(5000, 2_000);
    const sum = part.clone();
    addPayload(sum, payloadOf(part), exactOf(part));
    expect(bucketsOf(sum).map(([, count]) => count)).toEqual([8_000_000_000, 4_000]);
  });

  it('keeps counts up to 2^53', () => {
    const histogram = new Histogram();
    histogram.recordMany(0, Number.MAX_SAFE_INTEGER);
    const read = decodePayload(payloadOf(histogram), exactOf(histogram));
    expect(bucketsOf(read)).toEqual([[0, Number.MAX_SAFE_INTEGER]]);
  });

  it.each([
    ['of two digits', { numberOfSignificantValueDigits: 2 as const }],
    ['that counts in units of 1000', { lowestDiscernibleValue: 1000 }],
  ])('%s is refused', (_what, options) => {
    const theirs = hdr.build({
      highestTrackableValue: HOUR_US,
      numberOfSignificantValueDigits: 3,
      ...options,
    });
    theirs.recordValue(100_000);
    const bytes = Buffer.from(hdr.encodeIntoCompressedBase64(theirs), 'base64');
    expect(() => decodeCompressed(bytes)).toThrow(/another layout/);
  });
});

describe('a damaged payload', () => {
  const random = new Random(6);
  const histogram = new Histogram();
  repeat(3_000, () => histogram.record(latency(random)));
  histogram.recordMany(77, 2 ** 40);
  const good = payloadOf(histogram).slice();
  const exact = exactOf(histogram);

  /** A sum that is dense, and one that is a list: each has its own way through the codec. */
  function sums(): Histogram[] {
    const dense = new Histogram();
    repeat(3_000, () => dense.record(latency(random)));
    const list = new Histogram();
    list.record(4);
    return [dense, list];
  }

  it('is refused wherever it is cut, and changes nothing', () => {
    for (const sum of sums()) {
      const before = sum.clone();
      for (let length = 0; length < good.length; length += length < 60 ? 1 : 37) {
        const cut = good.slice(0, length);
        expect(() => addPayload(sum, cut, exact)).toThrow(DamagedError);
        // The same with a head that agrees with the length.
        if (length < 40) continue;
        new DataView(cut.buffer).setUint32(4, length - 40);
        expect(() => addPayload(sum, cut, exact)).toThrow(DamagedError);
      }
      expect(sum.equals(before)).toBe(true);
    }
  });

  it('of garbage is refused or harmless', () => {
    let refused = 0;
    for (const sum of sums()) {
      for (let round = 0; round < 1_000; round++) {
        const bytes = good.slice(0, 40 + random.below(400));
        new DataView(bytes.buffer).setUint32(4, bytes.length - 40);
        for (let i = 40; i < bytes.length; i++) bytes[i] = random.below(256);
        const before = sum.clone();
        try {
          addPayload(sum, bytes, exact);
        } catch (error) {
          expect(error).toBeInstanceOf(DamagedError);
          expect(sum.equals(before)).toBe(true);
          refused += 1;
        }
      }
    }
    expect(refused).toBe(2_000);
  });

  it('with flipped bytes is refused, or counts as many as are said to be', () => {
    for (let round = 0; round < 500; round++) {
      const bytes = good.slice();
      bytes[random.below(bytes.length)]! ^= 1 + random.below(255);
      try {
        expect(decodePayload(bytes, exact).count).toBe(exact.count);
      } catch (error) {
        expect(error).toBeInstanceOf(DamagedError);
      }
    }
  });

  it('that is compressed is refused too', () => {
    const packed = encodeCompressed(histogram);
    for (const length of [0, 7, 8, 20, packed.length - 1]) {
      expect(() => decodeCompressed(packed.slice(0, length))).toThrow(DamagedError);
    }
    const altered = packed.slice();
    altered[30]! ^= 0xff;
    expect(() => decodeCompressed(altered)).toThrow(DamagedError);
    expect(() => decodeCompressed(good)).toThrow('no compressed HdrHistogram V2');
  });
});
