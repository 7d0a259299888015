/** What the result is cut by; rows know regions, requests and stages by index. */
export interface Names {
  /** Of the run. */
  readonly id: string;
  /** Index of the stage that stands for the run; -1: all measured time. */
  readonly headline: number;
  readonly regions: readonly string[];
  readonly requests: readonly string[];
  /** Told by index behind the requests; no table of requests has a row of them. */
  readonly flows: readonly string[];
  readonly stages: readonly string[];
}

export function readNames(): Names {
  return JSON.parse(document.getElementById('names')?.textContent ?? '') as Names;
}
