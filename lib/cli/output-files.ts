import { access, constants, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { UnavailableError, UsageError } from '../errors.js';
import { nearest } from '../plan/diagnostics.js';
import type { Report } from '../report/report-schema.js';
import type { MergedFiles } from '../run/merged-histograms.js';
import { FORMATS, type Format, rendered } from './report-formats.js';

export interface OutputFile {
  readonly format: Format;
  readonly path: string;
}

/** Gives a command `--out`, which may be repeated. */
export function addOutOption(command: Command): Command {
  return command.addOption(
    new Option('--out <format=file>', 'into a file; repeatable')
      .choices(FORMATS)
      .argParser(collectOutputFile),
  );
}

/** Reads `--out text=FILE`, for commander. */
function collectOutputFile(value: string, before: readonly OutputFile[] = []): OutputFile[] {
  const at = value.indexOf('=');
  const path = value.slice(at + 1);
  if (at < 1 || path === '') {
    throw new UsageError(`--out ${value}: write a format and a file, as in --out html=report.html`);
  }
  return [...before, { format: parseFormat(value.slice(0, at), '--out'), path }];
}

export function parseFormat(format: string, flag: string): Format {
  const known = FORMATS.find((one) => one === format);
  if (known !== undefined) return known;
  const meant = format === 'md' ? 'markdown' : nearest(format, FORMATS);
  const help =
    meant === null
      ? `the formats are ${FORMATS.slice(0, -1).join(', ')} and ${FORMATS.at(-1)}`
      : `did you mean ${meant}?`;
  throw new UsageError(`${flag} cannot write ${JSON.stringify(format)}: ${help}`);
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

export async function writeOutputFiles(
  report: Report,
  merged: MergedFiles,
  files: readonly OutputFile[],
): Promise<void> {
  for (const { format, path } of files) {
    const pieces = await rendered(format, report, merged);
    try {
      await writeFile(path, pieces);
    } catch (error) {
      throw new UnavailableError(`cannot write ${path}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}
