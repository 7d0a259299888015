/**
 * All randomness of a run: a hash of its seed and of what is asked about, by 32-bit integer
 * arithmetic alone, so that every processor and every Node version comes to the same numbers.
 */

/** Every property draws from a stream of its own, so that none tells anything about another. */
export const STREAM = {
  arrivalCount: 1,
  arrivalInstant: 2,
  shard: 3,
  shuffle: 4,
  think: 5,
  emulation: 6,
  connectLoss: 7,
  exchangeLoss: 8,
  jitter: 9,
  /** What an iteration draws: values of templates, lengths of pauses. */
  iteration: 10,
  rows: 11,
} as const;

type Stream = (typeof STREAM)[keyof typeof STREAM];

/** How many values a hash can take. */
export const HASHES = 0x1_0000_0000;

/** MurmurHash3 (x86, 32 bits) of three words. Arguments count modulo 2³². */
export function hash(seed: number, stream: Stream, a: number, b: number): number {
  let h = mixed(mixed(mixed(seed | 0, stream), a), b) ^ 12;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** In [0, 1). */
export function uniform(seed: number, stream: Stream, a: number, b: number): number {
  return hash(seed, stream, a, b) / HASHES;
}

function mixed(h: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const next = h ^ k;
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}
