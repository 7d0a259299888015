import { UnavailableError } from '../errors.js';
import type { ReadLimit, Store } from './store.js';

/** One object of a store that holds JSON. */
export interface JsonObject<T> {
  readonly key: string;
  read(limit?: ReadLimit): Promise<T | null>;
  /** With the tag that `swap` needs. */
  readTagged(): Promise<{ readonly value: T; readonly tag: string } | null>;
  create(value: T): Promise<boolean>;
  write(value: T): Promise<void>;
  swap(value: T, tag: string): Promise<string | null>;
}

/** `schema` is what the object's `schema` must say; null where it has none. */
export function jsonObject<T>(store: Store, key: string, schema: string | null): JsonObject<T> {
  const readTagged = async (limit?: ReadLimit) => {
    const stored = await store.read(key, limit);
    if (stored === null) return null;
    return { value: decode<T>(stored.bytes, `${store.address}/${key}`, schema), tag: stored.tag };
  };
  return {
    key,
    read: async (limit) => (await readTagged(limit))?.value ?? null,
    readTagged: () => readTagged(),
    create: (value) => store.create(key, encode(value)),
    write: (value) => store.write(key, encode(value)),
    swap: (value, tag) => store.swap(key, encode(value), tag),
  };
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** Only this program writes these objects: their schema's name vouches for the rest of them. */
function decode<T>(bytes: Uint8Array, where: string, schema: string | null): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw damaged(where, (error as Error).message, error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw damaged(where, 'it holds no JSON object');
  }
  const actual = 'schema' in value ? value.schema : undefined;
  if (schema !== null && actual !== schema) {
    throw new UnavailableError(
      `${where} says schema ${JSON.stringify(actual)} where this version reads "${schema}": use the version of Isochrone that wrote it`,
    );
  }
  return value as T;
}

function damaged(where: string, why: string, cause?: unknown): UnavailableError {
  return new UnavailableError(
    `${where} is damaged (${why}): restore it from a copy, or delete the run's folder`,
    { cause },
  );
}
