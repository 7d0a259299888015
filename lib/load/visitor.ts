import type { Lane } from './lane.js';

/**
 * Somebody who sends more than one request and is known again: an iteration of a flow, or a user
 * with all of its iterations.
 */
export interface Visitor {
  /** Connections that nobody else uses; null: any will do. */
  readonly lane: Lane | null;
  /** null: none are kept. */
  readonly cookies: Cookies | null;
}

/** What a visitor remembers of the headers that came back, those of followed redirects included. */
export interface Cookies {
  /** `head` holds status line and headers of an answer that sets some, and came from there. */
  keep(head: string, from: URL): void;
  /** Value of the header `cookie` for a request to there; empty: none is sent. */
  header(to: URL): string;
}
