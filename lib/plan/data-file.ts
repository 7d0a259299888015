import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import type { CsvError } from 'csv-parse/sync';

/** A table as it was read: all of it text. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What is wrong with a file of rows, in words for people. */
export class TableMistake extends Error {
  readonly help: string | undefined;

  constructor(message: string, help?: string) {
    super(message);
    this.help = help;
  }
}

/** Every worker holds it in memory. */
const MOST_BYTES = 32_000_000;

/** Reads the rows of a CSV file, the first of which names the columns. Throws a TableMistake. */
export function readCsv(bytes: Uint8Array): Table {
  const text = textOf(bytes);
  // Loaded here and now, as most plans have no need of it.
  const { parse } = createRequire(import.meta.url)(
    'csv-parse/sync',
  ) as typeof import('csv-parse/sync');
  let lines: string[][];
  try {
    lines = parse(text, { delimiter: delimiterOf(text), skip_empty_lines: true });
  } catch (error) {
    throw csvMistake(error as CsvError);
  }
  const [columns = [], ...rows] = lines;
  return checked({ columns: columns.map((name) => name.trim()), rows });
}

/** Reads a list of objects; a field that one of them lacks, or that is null, is empty text. */
export function readJsonRows(bytes: Uint8Array): Table {
  let value: unknown;
  try {
    value = JSON.parse(textOf(bytes));
  } catch (error) {
    if (error instanceof TableMistake) throw error;
    throw new TableMistake(`it is no JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(value)) throw new TableMistake('it holds no list', ROWS);
  const columns = new Set<string>();
  value.forEach((row: unknown, i) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new TableMistake(`row ${i + 1} is no object`, ROWS);
    }
    for (const name of Object.keys(row)) columns.add(name);
  });
  const names = [...columns];
  const rows = value.map((row: Record<string, unknown>) =>
    names.map((name) => (Object.hasOwn(row, name) ? cellText(row[name]) : '')),
  );
  return checked({ columns: names, rows });
}

const ROWS = 'write a list of objects: [{ "name": "ann" }, { "name": "bob" }]';

function cellText(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length > MOST_BYTES) {
    throw new TableMistake(
      `it is larger than ${MOST_BYTES / 1e6} MB`,
      'every worker holds it in memory',
    );
  }
  if (!isUtf8(bytes)) throw new TableMistake('it is not in UTF-8', 'save it in that encoding');
  return new TextDecoder().decode(bytes);
}

/** That which the first line is cut by. */
function delimiterOf(text: string): string {
  const head = text.slice(0, Math.max(0, text.search(/\r|\n|$/))).replace(/"(?:[^"]|"")*"/g, '');
  return [',', ';', '\t'].find((one) => head.includes(one)) ?? ',';
}

function csvMistake({ code, message, lines }: CsvError & { lines?: number }): TableMistake {
  const line = lines === undefined ? '' : `line ${lines}`;
  if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    const [, expected, got] = /expect (\d+), got (\d+)/.exec(message) ?? [];
    return new TableMistake(
      `${line} has ${count(got, 'value')}, and there ${expected === '1' ? 'is' : 'are'} ${count(expected, 'column')}`,
      'values with a comma in them stand between double quotes',
    );
  }
  if (code === 'CSV_QUOTE_NOT_CLOSED') return new TableMistake('a double quote is never closed');
  if (code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE') {
    return new TableMistake(
      `${line} has a double quote within a value`,
      'put the value between double quotes and write the one inside twice: "say ""hi"""',
    );
  }
  return new TableMistake(message);
}

const count = (number: string | undefined, noun: string) =>
  `${number} ${noun}${number === '1' ? '' : 's'}`;

function checked(table: Table): Table {
  const { columns, rows } = table;
  const twice = columns.find((name, i) => columns.indexOf(name) < i);
  if (columns.includes('')) throw new TableMistake('one of its columns has no name');
  if (twice !== undefined) throw new TableMistake(`two of its columns are called '${twice}'`);
  if (rows.length === 0) throw new TableMistake('it holds no row');
  return table;
}
