import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { renderJson } from '../report/render/json.js';
import { renderText } from '../report/render/text.js';
import type { Report } from '../report/report-schema.js';
import { loadReport, parseReport } from '../run/conclude.js';
import { findRun } from '../run/find-run.js';
import { FolderStore } from '../store/folder-store.js';
import { runFiles } from '../store/run-files.js';
import {
  collectOutputFile,
  type OutputFile,
  parseFormat,
  writeOutputFiles,
} from './output-files.js';
import { addWhereOptions, DEFAULT_STORE, openStore, type StoreOption } from './store-option.js';
import { hasColor, print, type Terminal, widthOf } from './terminal/terminal.js';

interface ReportOptions extends StoreOption {
  readonly format?: string;
  readonly json?: true;
  readonly out?: readonly OutputFile[];
}

export function addReport(program: Command, terminal: Terminal): void {
  const command = program
    .command('report')
    .summary('show the report of a run again')
    .description(
      'Shows the report of a run, whatever its verdict was.\nRUN is an id, the beginning of one, a label, latest, a folder, a report.json or an s3:// address.',
    )
    .argument('[run]', 'which run', 'latest')
    .option('--format <format>', 'text or json', 'text')
    .option('--json', 'the same as --format json')
    .option('--out <format=file>', 'also into a file; repeatable', collectOutputFile);
  addWhereOptions(command).action(async (run: string, options: ReportOptions) => {
    const format = options.json ? 'json' : parseFormat(options.format ?? 'text', '--format');
    const { report, kept } = await reportOf(run, options, terminal);
    const { stdout } = terminal;
    print(
      terminal,
      format === 'json'
        ? renderJson(report)
        : renderText(report, { width: widthOf(stdout), color: hasColor(stdout), kept }),
    );
    await writeOutputFiles(report, options.out ?? []);
  });
}

async function reportOf(
  form: string,
  options: StoreOption,
  terminal: Terminal,
): Promise<{ report: Report; kept: string }> {
  const found = await findRun(form, (await openStore(options, terminal)).store);
  if (found.kind === 'report-file') {
    return { report: parseReport(await readFile(found.path), found.path), kept: found.path };
  }
  const { store, run } = found;
  // Of a run on AWS that was lost the report is made here: nobody but merge writes into its bucket.
  const own = FolderStore.open(DEFAULT_STORE);
  const report = await loadReport(store, run, Date.now(), own);
  const files = runFiles(store, run);
  const inPlace = (await files.report.list()).length > 0;
  return { report, kept: inPlace ? files.address : runFiles(own, run).address };
}
