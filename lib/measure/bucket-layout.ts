// HdrHistogram's layout for 1 µs to 1 h with 3 significant digits: values below 2048 have a bucket
// each, every doubling beyond has 1024 buckets of equal width. A bucket is named by its index in
// the one counts array that all HdrHistogram libraries share.

/** What lies above is counted in the top bucket. */
export const HIGHEST_US = 3_600_000_000;

/** For whole values from 0 to HIGHEST_US. */
export function indexOf(valueUs: number): number {
  const shift = 21 - Math.clz32(valueUs | 2047);
  return (shift << 10) + (valueUs >>> shift);
}

/** The bucket that holds one hour. */
export const TOP_INDEX = indexOf(HIGHEST_US);

function shiftOf(index: number): number {
  return index < 2048 ? 0 : (index >>> 10) - 1;
}

export function lowestUs(index: number): number {
  const shift = shiftOf(index);
  return (index - (shift << 10)) * (1 << shift);
}

/** The highest value that the bucket cannot tell from its others. */
export function highestUs(index: number): number {
  const shift = shiftOf(index);
  return (index - (shift << 10) + 1) * (1 << shift) - 1;
}

/** The middle of the bucket, rounded up. */
export function middleUs(index: number): number {
  const shift = shiftOf(index);
  return (index - (shift << 10)) * (1 << shift) + ((1 << shift) >> 1);
}
