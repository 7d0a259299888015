import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UnavailableError } from '../errors.js';
import type { TextOptions } from '../report/render/text.js';
import { REPORT_PAGE } from '../run/conclude.js';
import type { MergedFiles } from '../run/merged-histograms.js';
import type { RunFiles } from '../store/run-files.js';
import { hasColor, type Terminal, widthOf } from './terminal/terminal.js';

/** Where a run and what its report was made from are kept. */
export interface KeptRun {
  /** For people. */
  readonly address: string;
  readonly merged: MergedFiles;
  /** Where its page is, if it has one yet. */
  page(): Promise<string | null>;
}

export function keptInStore({ address, merged, report }: RunFiles): KeptRun {
  return {
    address,
    merged,
    page: async () =>
      (await report.list()).includes(REPORT_PAGE) ? report.address(REPORT_PAGE) : null,
  };
}

/** A report.json by itself; in the copied folder of a run the histograms lie beside it. */
export function keptAsFile(path: string): KeptRun {
  const folder = join(dirname(dirname(path)), 'merged');
  return {
    address: path,
    merged: {
      address: (name) => join(folder, name),
      // The names come from the file itself, and lead nowhere else.
      read: async (name) => (basename(name) === name ? readIfThere(join(folder, name)) : null),
    },
    page: async () => null,
  };
}

/** How a report is shown on a terminal, with where it is kept. */
export async function lookOf({ stdout }: Terminal, kept: KeptRun): Promise<TextOptions> {
  const page = await kept.page();
  return {
    width: widthOf(stdout),
    color: hasColor(stdout),
    kept: kept.address,
    ...(page !== null && { page: page.slice(kept.address.length + 1) }),
  };
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw new UnavailableError(`cannot read ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
