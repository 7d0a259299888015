import type { CheckRow } from './fragment-content.js';

/** How often one thing that is expected of answers held; counted by whoever judges. */
export interface CheckCount {
  passed: number;
  failed: number;
}

interface Entry extends CheckCount {
  readonly request: number;
  readonly text: string;
}

const OTHER = 'other';

/** What is expected of answers, by request and text, and how often it held since it was drained. */
export class CheckTable {
  readonly #max: number;
  readonly #entries = new Map<string, Entry>();

  /** Texts beyond `max` are counted as one. */
  constructor(max: number) {
    this.#max = max;
  }

  of(request: number, text: string): CheckCount {
    const kept = this.#entries.size < this.#max ? text : OTHER;
    const known =
      this.#entries.get(`${request} ${text}`) ?? this.#entries.get(`${request} ${kept}`);
    if (known !== undefined) return known;
    const entry = { request, text: kept, passed: 0, failed: 0 };
    this.#entries.set(`${request} ${kept}`, entry);
    return entry;
  }

  drain(): CheckRow[] {
    const rows: CheckRow[] = [];
    for (const entry of this.#entries.values()) {
      const { request, text, passed, failed } = entry;
      if (passed + failed === 0) continue;
      rows.push({ request, text, passed, failed });
      entry.passed = 0;
      entry.failed = 0;
    }
    return rows;
  }
}
