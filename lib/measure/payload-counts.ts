// The numbers of an HdrHistogram V2 payload, behind its head: from the lowest bucket to the highest
// used, an even number is twice a count, an odd one skips empty buckets.

import type { Counts } from './bucket-counts.js';
import { highestUs, lowestUs, middleUs, TOP_INDEX } from './bucket-layout.js';
import { ByteReader } from './byte-reader.js';
import { DamagedError } from './damaged-error.js';
import type { Exact } from './exact.js';
import type { Histogram } from './histogram.js';

export const HEAD_BYTES = 40;
/** A histogram of 64-bit values has no bucket beyond: 2048 + 52 doublings of 1024. */
export const LAST_INDEX = 2048 + 52 * 1024;

/** How far a walk over a payload has come: all before `at` is in. */
export interface Progress {
  at: number;
  index: number;
  count: number;
}

/** Four numbers of one byte skip at most 64 buckets each. */
const MOST_OF_FOUR = 256;

/**
 * Adds the counts of a payload to a dense histogram. The inner loop of every merge, so nothing in
 * it branches on what a number means: an odd one (skip) adds nothing and moves on, an even one
 * (count) adds and moves by one; and numbers of one byte, nearly all, are taken by fours. What
 * takes more than two bytes, or lies beyond the counts as long as they are, goes to `addOne`.
 */
export function addCounts(
  histogram: Histogram,
  counts: Counts,
  bytes: Uint8Array,
  progress: Progress,
): void {
  const end = bytes.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  let held = counts;
  while (progress.at < end) {
    const { length } = held;
    let { at, index } = progress;
    let count = 0;
    while (at < end && index < length) {
      const four = at + 4 <= end && index + MOST_OF_FOUR < length ? view.getInt32(at, true) : -1;
      if ((four & 0x80808080) === 0) {
        const a = four & 127;
        const b = (four >> 8) & 127;
        const c = (four >> 16) & 127;
        const d = four >> 24;
        held[index]! += countOf(a);
        index = (index + stepsOf(a)) | 0;
        held[index]! += countOf(b);
        index = (index + stepsOf(b)) | 0;
        held[index]! += countOf(c);
        index = (index + stepsOf(c)) | 0;
        held[index]! += countOf(d);
        index = (index + stepsOf(d)) | 0;
        count = (count + countOf(a) + countOf(b) + countOf(c) + countOf(d)) | 0;
        at = (at + 4) | 0;
        continue;
      }
      let raw = bytes[at]!;
      if (raw > 127) {
        const second = at + 1 < end ? bytes[at + 1]! : 128;
        if (second > 127) break;
        raw = (raw & 127) | (second << 7);
        at = (at + 1) | 0;
      }
      at = (at + 1) | 0;
      held[index]! += countOf(raw);
      count = (count + countOf(raw)) | 0;
      index = (index + stepsOf(raw)) | 0;
    }
    progress.at = at;
    progress.index = index;
    progress.count += count;
    if (at < end) held = addOne(histogram, held, bytes, progress);
  }
}

function countOf(raw: number): number {
  return (raw >> 1) & ((raw & 1) - 1);
}

function stepsOf(raw: number): number {
  return 1 + ((raw >> 1) & -(raw & 1));
}

/** The rare numbers: long ones, and those beyond the counts as they are. */
function addOne(
  histogram: Histogram,
  counts: Counts,
  bytes: Uint8Array,
  progress: Progress,
): Counts {
  const reader = new ByteReader(bytes.subarray(progress.at));
  const before = reader.left;
  const raw = reader.varint();
  let held = counts;
  if (raw % 2 === 1) {
    progress.index += (raw + 1) / 2;
  } else {
    if (raw > 0) {
      const index = within(progress.index);
      held = histogram.counts(index, 0);
      held[index]! += raw / 2;
      progress.count += raw / 2;
    }
    progress.index += 1;
  }
  progress.at += before - reader.left;
  return held;
}

/** Reads a payload number by number; what the buckets tell of the samples, to their precision. */
export function survey(bytes: Uint8Array, visit: (index: number, n: number) => void): Exact {
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
