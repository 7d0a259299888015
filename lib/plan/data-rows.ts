import type { DataSet } from './plan.js';

/** The rows of a table as they travel beside a plan: JSON, a list of lists of text. */
export function encodeRows(rows: readonly (readonly string[])[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(rows));
}

/** Throws where the bytes are not the rows that the plan tells of. */
export function decodeRows(
  bytes: Uint8Array,
  { name, columns, count }: Pick<DataSet, 'name' | 'columns' | 'count'>,
): readonly (readonly string[])[] {
  const rows: unknown = JSON.parse(new TextDecoder().decode(bytes));
  const isRow = (row: unknown) =>
    Array.isArray(row) &&
    row.length === columns.length &&
    row.every((cell) => typeof cell === 'string');
  if (!Array.isArray(rows) || rows.length !== count || !rows.every(isRow)) {
    throw new Error(`the rows of '${name}' are not those of the plan`);
  }
  return rows as string[][];
}
