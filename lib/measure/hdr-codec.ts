// HdrHistogram's V2 payload: what the libraries of that name write and read. Forty bytes of head,
// then ZigZag LEB128 numbers from the lowest bucket to the highest used: a count, or, negative, how
// many empty buckets to skip.
import { deflateSync, inflateSync } from 'node:zlib';
import { HIGHEST_US, lowestUs } from './bucket-layout.js';
import { ByteWriter } from './byte-writer.js';
import { DamagedError } from './damaged-error.js';
import type { Exact } from './exact.js';
import { Histogram, LIST_LIMIT } from './histogram.js';
import { addCounts, HEAD_BYTES, LAST_INDEX, type Progress, survey } from './payload-counts.js';

/** 0x10 in the cookie says: numbers of variable length. */
const COOKIE = 0x1c849303 | 0x10;
const COMPRESSED_COOKIE = 0x1c849304 | 0x10;
/** Where in the head the length of what follows it stands. */
export const LENGTH_OFFSET = 4;
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
    addCounts(histogram, counts, bytes, progress);
    checkCount(progress.count, known);
  } catch (error) {
    // Counts that wrapped around on the way wrap back when the same is taken away again.
    const held = histogram.counts(0, 0);
    survey(bytes.subarray(0, progress.at), (index, n) => {
      held[index]! -= n;
    });
    throw error;
  }
  histogram.account(known);
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
