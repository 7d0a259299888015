/** In [0, 1): the same for the same seed, stream and n, and without any pattern between them. */
export function draw(seed: number, stream: number, n: number): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  for (const word of [stream, n]) {
    h = Math.imul(h ^ (h >>> 15) ^ word, 0x2c1b3c6d);
    h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  }
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

/** Around 1, as response times lie: e^(σ·z), z from the standard normal distribution. */
export function lognormal(sigma: number, u: number, v: number): number {
  return Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v));
}
