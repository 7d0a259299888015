import { COUNTERS, type Counter } from '../measure/counters.js';
import type { FragmentContent } from '../measure/fragment-content.js';
import { Histogram } from '../measure/histogram.js';
import type { Timeline } from '../measure/timeline.js';

export const TIMES = ['latency', 'service'] as const;
export type Times = (typeof TIMES)[number];

/** The latest whole windows, as long together as was asked for, rounded up. */
export interface Stretch {
  readonly fromUs: number;
  readonly toUs: number;
  readonly windows: readonly { readonly index: number; readonly endUs: number }[];
}

/** Those whose counters or times are asked for. */
export interface Share {
  readonly regions: readonly string[];
  /** null: all of them. */
  readonly requests: readonly number[] | null;
}

interface Cell {
  /** By request, in the order of COUNTERS. */
  readonly rows: Map<number, number[]>;
  readonly times: Record<Times, Histogram>;
}

/** What workers have told of the latest windows of a run. */
export class ToldWindows {
  readonly #timeline: Timeline;
  readonly #keepUs: number;
  readonly #cells = new Map<number, Map<string, Cell>>();
  /** Windows that end before are not all there: they were forgotten, or never told to this one. */
  #heldFromUs = 0;

  /** Nobody asks for more than the latest `keepUs`. */
  constructor(timeline: Timeline, keepUs: number) {
    this.#timeline = timeline;
    this.#keepUs = keepUs;
  }

  add({ region, rows, histograms }: FragmentContent): void {
    for (const { window, request, values } of rows) {
      const sums = this.#cell(window, region).rows;
      const before = sums.get(request);
      sums.set(request, before ? before.map((sum, i) => sum + values[i]!) : [...values]);
    }
    for (const { span, index, subject, metric, histogram } of histograms) {
      if (span !== 'window' || subject !== -1) continue;
      const kept = TIMES.find((name) => name === metric);
      if (kept) this.#cell(index, region).times[kept].add(histogram);
    }
  }

  /** What was cut before an instant is not told to this one: somebody else had heard it. */
  heldSince(us: number): void {
    // A window that begins just then ends one later.
    this.#heldFromUs = Math.max(this.#heldFromUs, us + this.#timeline.spec.windowUs);
  }

  /** null: not so much of the schedule is known yet. What lies after its end does not count. */
  latest(lengthUs: number, knownToUs: number): Stretch | null {
    this.#forget(knownToUs);
    const { windows } = this.#timeline;
    const found: { index: number; endUs: number }[] = [];
    let us = 0;
    for (let index = this.#timeline.windowAt(knownToUs); index >= 0 && us < lengthUs; index--) {
      const { startUs, endUs, stage } = windows[index]!;
      if (stage < 0 || endUs > knownToUs) continue;
      if (endUs < this.#heldFromUs) return null;
      found.unshift({ index, endUs });
      us += endUs - startUs;
    }
    if (us < lengthUs) return null;
    return { fromUs: windows[found[0]!.index]!.startUs, toUs: found.at(-1)!.endUs, windows: found };
  }

  count(counter: Counter, { windows }: Pick<Stretch, 'windows'>, share: Share): number {
    const at = COUNTERS.indexOf(counter);
    let sum = 0;
    for (const { rows } of this.#cellsOf(windows, share)) {
      for (const [request, values] of rows) {
        if (share.requests?.includes(request) ?? true) sum += values[at]!;
      }
    }
    return sum;
  }

  /** Of good answers, to all requests together. */
  times(metric: Times, { windows }: Pick<Stretch, 'windows'>, share: Share): Histogram {
    const sum = new Histogram();
    for (const { times } of this.#cellsOf(windows, share)) sum.add(times[metric]);
    return sum;
  }

  *#cellsOf(windows: Stretch['windows'], { regions }: Share): Generator<Cell> {
    for (const { index } of windows) {
      for (const region of regions) {
        const cell = this.#cells.get(index)?.get(region);
        if (cell) yield cell;
      }
    }
  }

  #forget(knownToUs: number): void {
    const { windows, spec } = this.#timeline;
    const beforeUs = knownToUs - this.#keepUs - 2 * spec.windowUs;
    this.#heldFromUs = Math.max(this.#heldFromUs, beforeUs);
    for (const index of this.#cells.keys()) {
      if (windows[index]!.endUs < beforeUs) this.#cells.delete(index);
    }
  }

  #cell(window: number, region: string): Cell {
    const regions = this.#cells.get(window) ?? new Map<string, Cell>();
    this.#cells.set(window, regions);
    const cell = regions.get(region) ?? {
      rows: new Map(),
      times: { latency: new Histogram(), service: new Histogram() },
    };
    regions.set(region, cell);
    return cell;
  }
}
