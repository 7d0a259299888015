import { type PlainPath, plainPath } from '../plan/json-path.js';
import type { Plan } from '../plan/plan.js';
import { DEEPEST_JSON } from './json-text.js';

/** Finds values in JSON by a path of RFC 9535. */
export interface JsonQuery {
  /** The first that it finds; undefined: none. */
  first(root: unknown): unknown;
  /** All that it finds, one after the other: there may be very many. */
  all(root: unknown): Iterable<unknown>;
}

/** Understands paths that select; large, and needed by few plans. */
export type JsonEngine = (path: string) => JsonQuery;

/** null where all paths of a plan are plain. To be awaited before the start. */
export async function jsonEngineFor({
  requests,
}: Pick<Plan, 'requests'>): Promise<JsonEngine | null> {
  const paths = requests.flatMap(({ captures = [], expect }) => [
    ...captures.flatMap((capture) => (capture.from === 'json' ? [capture.path] : [])),
    ...(expect?.json ?? []).map(({ path }) => path),
  ]);
  if (paths.every((path) => plainPath(path))) return null;
  const { JSONPathEnvironment } = await import('json-p3');
  const environment = new JSONPathEnvironment({ maxRecursionDepth: DEEPEST_JSON + 1 });
  return (path) => {
    const query = environment.compile(path);
    type Value = Parameters<typeof query.lazyQuery>[0];
    const all = function* (root: unknown) {
      for (const { value } of query.lazyQuery(root as Value)) yield value as unknown;
    };
    return { all, first: (root) => all(root).next().value as unknown };
  };
}

/** Paths that go straight to a value need no engine. */
export function jsonQuery(path: string, engine: JsonEngine | null): JsonQuery {
  const plain = plainPath(path);
  if (plain) return plainQuery(plain);
  if (!engine) throw new Error(`nothing was loaded that understands the path ${path}`);
  return engine(path);
}

function plainQuery(path: PlainPath): JsonQuery {
  const first = (root: unknown): unknown => {
    let value = root;
    for (const segment of path) {
      if (typeof value !== 'object' || value === null) return undefined;
      if (Array.isArray(value) !== (typeof segment === 'number')) return undefined;
      if (!Object.hasOwn(value, segment)) return undefined;
      value = (value as Readonly<Record<string | number, unknown>>)[segment];
    }
    return value;
  };
  const all = (root: unknown) => {
    const value = first(root);
    return value === undefined ? [] : [value];
  };
  return { first, all };
}
