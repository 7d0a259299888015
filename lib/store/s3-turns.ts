/**
 * Lets so many do something at a time, the others in the order in which they came. A request that
 * waits for a free connection would otherwise spend there the time that it has for its answer.
 */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // A turn is handed over, not given back: nobody who comes now gets in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
