import type { Report, Slice } from '../report-schema.js';

export interface Cut {
  readonly region: string | null;
  readonly request: string | null;
  readonly stage: string | null;
}

/** A slice, and where in report.json it stands. */
export interface Found {
  readonly slice: Slice;
  readonly at: string;
}

/** Finds slices by what they are about. */
export class Cuts {
  readonly #places = new Map<string, Found>();

  constructor({ slices }: Report) {
    for (const [i, slice] of slices.entries()) {
      this.#places.set(key(slice), { slice, at: `/slices/${i}` });
    }
  }

  find(cut: Partial<Cut>): Found | undefined {
    return this.#places.get(key({ region: null, request: null, stage: null, ...cut }));
  }
}

function key({ region, request, stage }: Cut): string {
  return JSON.stringify([region, request, stage]);
}
