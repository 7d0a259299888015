import { basename } from 'node:path';
import { readCsv, readJsonRows, TableMistake } from './data-file.js';
import type { WrittenData } from './data-schema.js';
import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import type { DataSet } from './plan.js';
import { variableNameProblem } from './template-text.js';

/**
 * The tables of a plan with all of their rows. One that cannot be read has no columns: what uses it
 * is no mistake besides.
 */
export function readData(
  written: WrittenData | undefined,
  path: Path,
  readFile: (path: string) => Uint8Array,
  mistakes: Mistakes,
): DataSet[] {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return [];
  return Object.entries(written).map(([name, source]): DataSet => {
    const here = [...path, name];
    const unread: DataSet = { name, pick: 'sequential', columns: [], count: 0, rows: [] };
    if (!mistakes.sound(here)) return unread;
    const problem = variableNameProblem(name);
    if (problem !== null) {
      mistakes.add(here, problem, { part: 'key' });
      return unread;
    }
    const isCsv = 'csv' in source;
    const file = isCsv ? source.csv : source.json;
    try {
      const bytes = readFile(file);
      const { columns, rows } = isCsv ? readCsv(bytes) : readJsonRows(bytes);
      return {
        name,
        pick: source.pick ?? 'sequential',
        columns,
        count: rows.length,
        source: { format: isCsv ? 'csv' : 'json', file: basename(file) },
        rows,
      };
    } catch (error) {
      const { message, help } = problemOf(error, file);
      mistakes.add([...here, isCsv ? 'csv' : 'json'], message, { help });
      return unread;
    }
  });
}

function problemOf(error: unknown, file: string): { message: string; help?: string | undefined } {
  if (error instanceof TableMistake) {
    return { message: `${file} cannot be used: ${error.message}`, help: error.help };
  }
  const { code, message } = error as NodeJS.ErrnoException;
  return {
    message: `cannot read ${file}: ${code === 'ENOENT' ? 'there is no such file' : message}`,
  };
}
