import { hash, STREAM } from './random.js';

/** Whose iterations draw, in as many words as the state has; no word tells anything of another. */
export type DrawKey = readonly [number, number, number, number];

/** `whose` names the worker: in a run no other has the same words in this order. */
export function drawKey(seed: number, ...whose: readonly number[]): DrawKey {
  const word = (which: number) =>
    whose.reduce(
      (key, part) => hash(key, STREAM.iteration, part, which),
      hash(seed, STREAM.iteration, which, 0),
    );
  return [word(0), word(1), word(2), word(3)];
}

/**
 * The random numbers of one iteration: a stream of its own, found without those of any other.
 * Its state is 128 bits wide (sfc32), each quarter hashed on its own all the way from the seed: with
 * 32 bits anywhere between, two workers or two iterations of a long run would draw the same ids.
 */
export class Draws {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 0;

  /** `ordinal` tells this iteration from all others that have the key. */
  begin([a, b, c, d]: DrawKey, ordinal: number): void {
    this.#a = hash(a, STREAM.iteration, ordinal, 0);
    this.#b = hash(b, STREAM.iteration, ordinal, 1);
    this.#c = hash(c, STREAM.iteration, ordinal, 2);
    this.#counter = hash(d, STREAM.iteration, ordinal, 3);
    // The state is stirred before anything is drawn from it.
    for (let i = 0; i < 12; i++) this.next();
  }

  /** Unsigned, 32 bits. */
  next(): number {
    const drawn = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + drawn) | 0;
    return drawn >>> 0;
  }
}
