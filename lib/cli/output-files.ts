import { access, constants, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UnavailableError, UsageError } from '../errors.js';
import { renderJson } from '../report/render/json.js';
import { renderText } from '../report/render/text.js';
import type { Report } from '../report/report-schema.js';

const FORMATS = ['text', 'json'] as const;
type Format = (typeof FORMATS)[number];

export interface OutputFile {
  readonly format: Format;
  readonly path: string;
}

/** Reads `--out text=FILE`, for commander. */
export function collectOutputFile(value: string, before: readonly OutputFile[] = []): OutputFile[] {
  const at = value.indexOf('=');
  const path = value.slice(at + 1);
  if (at < 1 || path === '') {
    throw new UsageError(`--out ${value}: write a format and a file, as in --out json=report.json`);
  }
  return [...before, { format: parseFormat(value.slice(0, at), '--out'), path }];
}

export function parseFormat(format: string, flag: string): Format {
  const known = FORMATS.find((one) => one === format);
  if (known !== undefined) return known;
  throw new UsageError(
    `${flag} cannot write ${JSON.stringify(format)} in this version: the formats are ${FORMATS.join(' and ')}`,
  );
}

/** Finds out before the load, not after it, that a file has nowhere to go. */
export async function probeOutputFiles(files: readonly OutputFile[]): Promise<void> {
  for (const { path } of files) {
    const folder = dirname(path);
    try {
      await access(folder, constants.W_OK);
    } catch (error) {
      throw new UnavailableError(
        `cannot write ${path}: the folder ${folder} is not there, or not yours to write to`,
        { cause: error },
      );
    }
  }
}

/** For a file there is no screen to fit: text is written for a wide page, without colour. */
export async function writeOutputFiles(
  report: Report,
  files: readonly OutputFile[],
): Promise<void> {
  for (const { format, path } of files) {
    const text =
      format === 'json' ? renderJson(report) : renderText(report, { width: 100, color: false });
    try {
      await writeFile(path, text);
    } catch (error) {
      throw new UnavailableError(`cannot write ${path}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}
