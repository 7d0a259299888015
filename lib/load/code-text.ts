import { inspect } from 'node:util';

/** What code logs or throws, as JSON where it can be: in other writings secrets would not be known again. */
export function textOf(what: unknown): string {
  if (typeof what === 'string') return what;
  if (what instanceof Error) return what.stack ?? what.message;
  try {
    return JSON.stringify(what) ?? String(what);
  } catch {
    return inspect(what);
  }
}
