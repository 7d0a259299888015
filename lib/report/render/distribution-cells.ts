import { type Distribution, PERCENTILES, type PercentileKey } from '../report-schema.js';
import { count, time } from './figures.js';
import type { Paper } from './sheet.js';
import type { Cell, Column } from './table.js';

export type Statistic = PercentileKey | 'max';

/** `p99.9`: what people call it. */
export function titleOf(statistic: Statistic): string {
  return statistic === 'max' ? 'max' : `p${PERCENTILES[statistic] / 100}`;
}

export const WITHHELD = '–';
const MASKED = 'errors';

/**
 * Cells of times. A percentile that the sample cannot support, or that failures cover, is never a
 * number; what the signs mean is said once, below the first table that has them.
 */
export class DistributionCells {
  readonly #paper: Paper;
  readonly #needs = new Map<PercentileKey, number>();
  readonly #explained = new Set<string>();
  #masked = false;

  constructor(paper: Paper) {
    this.#paper = paper;
  }

  columns(statistics: readonly Statistic[]): Column[] {
    // What goes first where a screen is narrow.
    const optional: Partial<Record<Statistic, number>> = { p90: 9, p999: 8, max: 6 };
    return statistics.map((statistic) => ({
      title: titleOf(statistic),
      ...(optional[statistic] === undefined ? {} : { optional: optional[statistic] }),
    }));
  }

  cells(distribution: Distribution, statistics: readonly Statistic[]): Cell[] {
    return statistics.map((statistic) => this.#cell(distribution, statistic));
  }

  /** Cells of what few samples are to be expected of, so that a missing percentile needs no note. */
  silent(distribution: Distribution, statistics: readonly Statistic[]): Cell[] {
    return statistics.map((statistic) => {
      const value = distribution[statistic];
      return value === null ? { text: WITHHELD, paint: this.#paper.ink.faint } : time(value);
    });
  }

  /** To be called after a table: explains the signs in it that were not explained before. */
  explain(): void {
    const { faint } = this.#paper.ink;
    const needs = [...this.#needs].filter(([key]) => !this.#explained.has(key));
    if (needs.length > 0) {
      const each = needs
        .sort(([a], [b]) => PERCENTILES[a] - PERCENTILES[b])
        .map(([key, n], i) => `${titleOf(key)} needs ${count(n)}${i === 0 ? ' answers' : ''}`);
      this.#paper.text(`${WITHHELD} is not shown: ${each.join(', ')}`, { paint: faint });
      for (const [key] of needs) this.#explained.add(key);
    }
    if (this.#masked && !this.#explained.has(MASKED)) {
      this.#paper.text(
        `${MASKED}: so many requests failed that this percentile of the good answers would mislead`,
        { paint: faint },
      );
      this.#explained.add(MASKED);
    }
  }

  #cell(distribution: Distribution, statistic: Statistic): Cell {
    if (statistic !== 'max') {
      if (distribution.masked?.includes(statistic)) {
        this.#masked = true;
        return { text: MASKED, paint: this.#paper.ink.bad };
      }
      const needed = distribution.needs?.[statistic];
      if (distribution[statistic] === null && needed !== undefined && distribution.count > 0) {
        this.#needs.set(statistic, needed);
      }
    }
    const value = distribution[statistic];
    return value === null ? { text: WITHHELD, paint: this.#paper.ink.faint } : time(value);
  }
}
