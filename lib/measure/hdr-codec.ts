// HdrHistogram's V2 payload: what the libraries of that name write and read. Forty bytes of head,
// then ZigZag LEB128 numbers from the lowest bucket to the highest used: a count, or, negative, how
// many empty buckets to skip.
import { deflateSync, inflateSync } from 'node:zlib';
import { HIGHEST_US, highestUs, lowestUs, middleUs, TOP_INDEX } from './bucket-layout.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { DamagedError } from './damaged-error.js';
import type { Exact } from './exact.js';
import { type Counts, Histogram, LIST_LIMIT } from './histogram.js';

/** 0x10 in the cookie says: numbers of variable length. */
const COOKIE = 0x1c849303 | 0x10;
const COMPRESSED_COOKIE = 0x1c849304 | 0x10;
export const HEAD_BYTES = 40;
/** Where in the head the length of what follows it stands. */
export const LENGTH_OFFSET = 4;
/** A histogram of 64-bit values has no bucket beyond: 2048 + 52 doublings of 1024. */
const LAST_INDEX = 2048 + 52 * 1024;
/** What a payload may unpack to: every bucket with a count of nine bytes. */
const MAX_PAYLOAD_BYTES = HEAD_BYTES + LAST_INDEX * 9;

/** Appends a histogram as a V2 payload. */
export function encodePayload(histogram: Histogram, out: ByteWriter): void {
  const start = out.length;
  out.u32(COOKIE);
  out.u32(0);
  out.u32(0); // normalizing index offset: none
  out.u32(3); // significant digits
  out.u32(0); // lowest discernible value, 64 bits
  out.u32(1);
  out.u32(0); // highest trackable value, 64 bits
  out.u32(HIGHEST_US);
  out.f64(1); // integer to double conversion ratio
  let next = 0;
  histogram.forEachBucket((index, count) => {
    const gap = index - next;
    // One empty bucket is a count of zero, as the libraries write it; several are skipped.
    if (gap === 1) out.u8(0);
    else if (gap > 1) out.varint(gap * 2 - 1);
    out.varint(count * 2);
    next = index + 1;
  });
  if (next === 0) out.u8(0);
  out.u32At(start + LENGTH_OFFSET, out.length - start - HEAD_BYTES);
}

/**
 * Adds a V2 payload to a histogram, straight from its bytes. `exact` is what is known of the
 * samples beside the payload; without it minimum, maximum and sum are those of the buckets.
 * A payload that is refused leaves the histogram as it was.
 */
export function addPayload(
  histogram: Histogram,
  bytes: Uint8Array,
  exact: Exact | null = null,
): void {
  if (!histogram.isDense) {
    histogram.add(decodePayload(bytes, exact));
    return;
  }
  checkHead(bytes);
  addDense(histogram, bytes, exact);
}

/** A payload as a histogram of its own. */
export function decodePayload(bytes: Uint8Array, exact: Exact | null = null): Histogram {
  checkHead(bytes);
  const histogram = new Histogram();
  if ((exact?.count ?? bytes.length) <= LIST_LIMIT) {
    addSamples(histogram, bytes, exact);
  } else {
    histogram.counts(0, 0);
    addDense(histogram, bytes, exact);
  }
  return histogram;
}

/** The form that .hlog files hold, in base64. */
export function encodeCompressed(histogram: Histogram): Uint8Array {
  const payload = new ByteWriter();
  encodePayload(histogram, payload);
  const packed = deflateSync(payload.written());
  const out = new ByteWriter(packed.length + 8);
  out.u32(COMPRESSED_COOKIE);
  out.u32(packed.length);
  out.bytes(packed);
  return out.written();
}

export function decodeCompressed(bytes: Uint8Array): Histogram {
  return decodePayload(unpack(bytes));
}

/** The payload within a compressed histogram. */
export function unpack(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 8) {
    throw new DamagedError(`a compressed histogram has at least 8 bytes, not ${bytes.length}`);
  }
  const view = viewOf(bytes);
  if (view.getUint32(0) !== COMPRESSED_COOKIE) {
    throw new DamagedError(`no compressed HdrHistogram V2: it begins with ${hex(view, 0)}`);
  }
  const length = view.getUint32(4);
  if (bytes.length - 8 < length) {
    throw new DamagedError(
      `a compressed histogram is cut short: it says ${length} bytes, ${bytes.length - 8} are there`,
    );
  }
  try {
    return inflateSync(bytes.subarray(8, 8 + length), {
      // Payloads shrink to a half or a third: one chunk holds them, and not much more.
      chunkSize: Math.max(512, 3 * length),
      maxOutputLength: MAX_PAYLOAD_BYTES,
    });
  } catch (cause) {
    throw new DamagedError('a compressed histogram cannot be unpacked', { cause });
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hex(view: DataView, offset: number): string {
  return `0x${view.getUint32(offset).toString(16).padStart(8, '0')}`;
}

function checkHead(bytes: Uint8Array): void {
  if (bytes.length < HEAD_BYTES) {
    throw new DamagedError(`a histogram has a head of 40 bytes, only ${bytes.length} are there`);
  }
  const view = viewOf(bytes);
  if (view.getUint32(0) !== COOKIE) {
    throw new DamagedError(`no HdrHistogram V2 payload: it begins with ${hex(view, 0)}`);
  }
  const length = view.getUint32(LENGTH_OFFSET);
  if (length !== bytes.length - HEAD_BYTES) {
    throw new DamagedError(
      `a histogram says that it holds ${length} bytes, ${bytes.length - HEAD_BYTES} are there`,
    );
  }
  // hdr-histogram-js writes a normalizing offset of 1 and never applies it; others write 0.
  const offset = view.getUint32(8);
  const digits = view.getUint32(12);
  const lowest = view.getUint32(16) * 2 ** 32 + view.getUint32(20);
  if (offset > 1 || digits !== 3 || lowest !== 1) {
    throw new DamagedError(
      `a histogram of another layout: ${digits} significant digits from ${lowest} up, ` +
        `shifted by ${offset}; only 3 digits from 1 up, not shifted, can be added`,
    );
  }
}

/** For few samples: one by one, so that they stay a list. Only for an empty histogram. */
function addSamples(histogram: Histogram, bytes: Uint8Array, exact: Exact | null): void {
  const seen = survey(bytes, (index, n) => histogram.recordMany(lowestUs(index), n));
  checkCount(seen.count, exact);
  if (seen.count > 0) histogram.correct(exact ?? seen);
}

function addDense(histogram: Histogram, bytes: Uint8Array, exact: Exact | null): void {
  const known = exact ?? survey(bytes, () => {});
  const counts = histogram.counts(0, histogram.count + known.count);
  const progress: Progress = { at: HEAD_BYTES, index: 0, count: 0 };
  try {
    addCounts(histogram, counts, bytes, bytes.length, 1, progress);
    checkCount(progress.count, known);
  } catch (error) {
    // Counts that wrapped around on the way wrap back when the same is taken away again.
    const undone: Progress = { at: HEAD_BYTES, index: 0, count: 0 };
    addCounts(histogram, histogram.counts(0, 0), bytes, progress.at, -1, undone);
    throw error;
  }
  histogram.account(known);
}

/** How far a walk over a payload has come: all before `at` is in. */
interface Progress {
  at: number;
  index: number;
  count: number;
}

/**
 * Adds `sign` times the counts of a payload, up to `end`, to a dense histogram. The inner loop of
 * every merge, so it has no branch that depends on what kind of number it reads: an odd one (skip)
 * adds nothing and moves on, an even one (count) adds and moves by one. What does not fit in two
 * bytes, or in the counts as long as they are, goes to `addOne`.
 */
function addCounts(
  histogram: Histogram,
  counts: Counts,
  bytes: Uint8Array,
  end: number,
  sign: 1 | -1,
  progress: Progress,
): void {
  const negate = sign < 0 ? -1 : 0;
  let held = counts;
  for (;;) {
    const { length } = held;
    let { at, index } = progress;
    let count = 0;
    while (at < end && index < length) {
      let raw = bytes[at]!;
      if (raw > 127) {
        const second = at + 1 < end ? bytes[at + 1]! : 128;
        if (second > 127) break;
        raw = (raw & 127) | (second << 7);
        at = (at + 1) | 0;
      }
      at = (at + 1) | 0;
      const half = raw >> 1;
      const skip = -(raw & 1);
      const n = half & ~skip;
      held[index]! += (n ^ negate) - negate;
      count = (count + n) | 0;
      index = (index + 1 + (half & skip)) | 0;
    }
    progress.at = at;
    progress.index = index;
    progress.count += count;
    if (at >= end) return;
    held = addOne(histogram, held, bytes, end, sign, progress);
  }
}

/** The rare numbers: long ones, and those beyond the counts as they are. */
function addOne(
  histogram: Histogram,
  counts: Counts,
  bytes: Uint8Array,
  end: number,
  sign: 1 | -1,
  progress: Progress,
): Counts {
  const reader = new ByteReader(bytes.subarray(progress.at, end));
  const whole = reader.left;
  const raw = reader.varint();
  let held = counts;
  if (raw % 2 === 1) {
    progress.index += (raw + 1) / 2;
  } else {
    if (raw > 0) {
      const index = within(progress.index);
      held = histogram.counts(index, 0);
      held[index]! += (sign * raw) / 2;
      progress.count += raw / 2;
    }
    progress.index += 1;
  }
  progress.at += whole - reader.left;
  return held;
}

/** Reads a payload number by number; what the buckets tell of the samples, to their precision. */
function survey(bytes: Uint8Array, visit: (index: number, n: number) => void): Exact {
  const reader = new ByteReader(bytes.subarray(HEAD_BYTES));
  let minUs = -1;
  let maxUs = 0;
  let sumUs = 0;
  let count = 0;
  let clamped = 0;
  let at = 0;
  while (reader.left > 0) {
    const raw = reader.varint();
    if (raw % 2 === 1) {
      at += (raw + 1) / 2;
      continue;
    }
    if (raw > 0) {
      const n = raw / 2;
      const index = within(at);
      if (index !== at) clamped += n;
      if (minUs < 0) minUs = lowestUs(index);
      maxUs = highestUs(index);
      sumUs += middleUs(index) * n;
      count += n;
      visit(index, n);
    }
    at += 1;
  }
  return { count, minUs: Math.max(0, minUs), maxUs, sumUs, clamped };
}

/** The bucket to count in: what lies above an hour belongs to the top one. */
function within(index: number): number {
  if (index > LAST_INDEX) {
    throw new DamagedError(`a histogram counts at ${index}, beyond the last bucket of any`);
  }
  return Math.min(index, TOP_INDEX);
}

function checkCount(count: number, exact: Exact | null): void {
  if (count > Number.MAX_SAFE_INTEGER) {
    throw new DamagedError('a histogram holds more than 2^53 samples');
  }
  if (exact !== null && exact.count !== count) {
    throw new DamagedError(
      `a histogram holds ${count} samples where ${exact.count} are said to be`,
    );
  }
}
