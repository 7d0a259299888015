import { COUNTERS, type Counter, type Counters } from './counters.js';
import type { CounterRow } from './fragment-content.js';

const WIDTH = COUNTERS.length;

/** Where each counter stands in a row. */
export const COUNTER_INDEX = Object.fromEntries(
  COUNTERS.map((counter, index) => [counter, index]),
) as Readonly<Record<Counter, number>>;

/** Counters by window × request since they were last drained, and, apart from them, of everything. */
export class CounterTable {
  readonly #requests: number;
  readonly #rows: (Float64Array | undefined)[];
  #touched: number[] = [];
  /** Counted on their own, so that they can be held against the sum of what was drained. */
  readonly #totals = new Float64Array(WIDTH);

  constructor(windows: number, requests: number) {
    this.#requests = requests;
    this.#rows = Array.from({ length: windows }, () => undefined);
  }

  add(window: number, request: number, counter: number, n: number): void {
    const rows = this.#rows[window] ?? this.#touch(window);
    rows[request * WIDTH + counter]! += n;
    this.#totals[counter]! += n;
  }

  totals(): Counters {
    return Object.fromEntries(
      COUNTERS.map((counter, index) => [counter, this.#totals[index]!]),
    ) as Counters;
  }

  /** What was counted since the last time, by window and request. */
  drain(): CounterRow[] {
    const drained: CounterRow[] = [];
    for (const window of this.#touched.sort((a, b) => a - b)) {
      const rows = this.#rows[window]!;
      this.#rows[window] = undefined;
      for (let request = 0; request < this.#requests; request++) {
        const values = rows.subarray(request * WIDTH, (request + 1) * WIDTH);
        if (values.some((value) => value !== 0)) {
          drained.push({ window, request, values: Array.from(values) });
        }
      }
    }
    this.#touched = [];
    return drained;
  }

  #touch(window: number): Float64Array {
    if (!(window >= 0 && window < this.#rows.length)) {
      throw new RangeError(`there is no window ${window}: the time line has ${this.#rows.length}`);
    }
    const rows = new Float64Array(this.#requests * WIDTH);
    this.#rows[window] = rows;
    this.#touched.push(window);
    return rows;
  }
}
