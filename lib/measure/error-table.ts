import type { ErrorRow } from './fragment-content.js';

export const MAX_TEXT = 500;
const OTHER = 'other';

interface Kind {
  readonly code: number;
  readonly message: string;
  readonly request: number;
  count: number;
  firstUs: number;
  lastUs: number;
  /** The first one ever met, until it has been drained. */
  sample: string | null;
  sampled: boolean;
}

/**
 * Ways to fail, by code, message and request, since they were last drained. A message may hold
 * anything, so only so many kinds are kept; what comes later is counted by code and request alone.
 */
export class ErrorTable {
  readonly #requests: number;
  readonly #maxKinds: number;
  readonly #kinds = new Map<number, Map<string, Kind>>();
  #known = 0;

  constructor(requests: number, maxKinds: number) {
    this.#requests = requests;
    this.#maxKinds = maxKinds;
  }

  add(code: number, message: string, request: number, atUs: number, detail: string | null): void {
    const kind = this.#kind(code, shortened(message), request);
    if (kind.count === 0) {
      kind.firstUs = atUs;
      kind.lastUs = atUs;
    }
    if (!kind.sampled && detail !== null) {
      kind.sample = shortened(detail);
      kind.sampled = true;
    }
    kind.count += 1;
    if (atUs < kind.firstUs) kind.firstUs = atUs;
    if (atUs > kind.lastUs) kind.lastUs = atUs;
  }

  drain(): ErrorRow[] {
    const rows: ErrorRow[] = [];
    for (const kinds of this.#kinds.values()) {
      for (const kind of kinds.values()) {
        if (kind.count === 0) continue;
        const { code, message, request, count, firstUs, lastUs, sample } = kind;
        rows.push({ code, message, request, count, firstUs, lastUs, sample });
        kind.count = 0;
        kind.sample = null;
      }
    }
    return rows;
  }

  #kind(code: number, message: string, request: number): Kind {
    const place = code * this.#requests + request;
    let kinds = this.#kinds.get(place);
    if (kinds === undefined) {
      kinds = new Map();
      this.#kinds.set(place, kinds);
    }
    const known = kinds.get(message);
    if (known !== undefined) return known;
    const kept = this.#known < this.#maxKinds ? message : OTHER;
    const other = kinds.get(kept);
    if (other !== undefined) return other;
    const kind: Kind = {
      code,
      message: kept,
      request,
      count: 0,
      firstUs: 0,
      lastUs: 0,
      sample: null,
      sampled: false,
    };
    kinds.set(kept, kind);
    this.#known += 1;
    return kind;
  }
}

/** Cut to what a report can show, never within a surrogate pair. */
function shortened(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const last = text.charCodeAt(MAX_TEXT - 1);
  const pair = last >= 0xd800 && last < 0xdc00;
  return text.slice(0, pair ? MAX_TEXT - 1 : MAX_TEXT);
}
