import type { CookieJar } from './cookie-jar.js';
import type { Lane } from './lane.js';
import type { Visitor } from './visitor.js';

/**
 * What somebody keeps: in the open model from the start of an iteration to its end, in the closed
 * one from a user's coming to its leaving.
 */
export interface Session extends Visitor {
  readonly lane: Lane | null;
  /** null: the plan has no flows, and nobody keeps any. */
  readonly cookies: CookieJar | null;
  /** Number of the user; -1: of an iteration that is nobody's. */
  readonly user: number;
}
