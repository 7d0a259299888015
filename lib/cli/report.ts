import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import type { Report } from '../report/report-schema.js';
import { loadReport } from '../run/conclude.js';
import { findRun } from '../run/find-run.js';
import { FolderStore } from '../store/folder-store.js';
import { runFiles } from '../store/run-files.js';
import { isS3Address } from '../store/s3-address.js';
import { openInBrowser } from './browser.js';
import { tellGithub } from './github.js';
import { readReportFile, wholeReport } from './kept-report.js';
import { type KeptRun, keptAsFile, keptInStore, lookOf } from './kept-run.js';
import { addOutOption, type OutputFile, parseFormat, writeOutputFiles } from './output-files.js';
import { FORMATS, type Format, rendered } from './report-formats.js';
import { addWhereOptions, DEFAULT_STORE, openStore, type StoreOption } from './store-option.js';
import { checkTelling, probeTelling } from './telling.js';
import { pour, print, say, type Terminal } from './terminal/terminal.js';

interface ReportOptions extends StoreOption {
  readonly format?: Format;
  readonly json?: true;
  readonly out?: readonly OutputFile[];
  readonly github?: true;
  readonly open?: true;
}

export function addReport(program: Command, terminal: Terminal): void {
  const command = program
    .command('report')
    .summary('show the report of a run again')
    .description(
      'Shows the report of a run, whatever its verdict was.\nRUN is an id, the beginning of one, a label, latest, a folder, a report.json or an s3:// address.',
    )
    .argument('[run]', 'which run', 'latest')
    .addOption(
      new Option('--format <format>', 'in which form (default: text)')
        .choices(FORMATS)
        .argParser((value: string) => parseFormat(value, '--format')),
    )
    .option('--json', 'the same as --format json')
    .option('--open', 'in the browser, and say where the page is');
  addWhereOptions(
    addOutOption(command).option('--github', 'into the summary of a GitHub job, with annotations'),
  ).action(async (run: string, options: ReportOptions) => {
    const format = formatOf(options);
    checkTelling(options, terminal);
    await probeTelling(options, terminal);
    const { report, kept } = await reportOf(run, options, terminal);
    if (format !== null) {
      const look = await lookOf(terminal, kept);
      await pour(terminal, await rendered(format, report, kept.merged, look));
    }
    await writeOutputFiles(report, kept.merged, options.out ?? []);
    if (options.github) await tellGithub(report, terminal);
    if (options.open) await open(report, kept, { alone: format === null }, terminal);
  });
}

/** null: nothing is asked for on stdout, as a page is opened instead. */
function formatOf({ format, json, open }: ReportOptions): Format | null {
  if (json && format !== undefined && format !== 'json') {
    throw new UsageError(`--json is --format json, and --format ${format} another: choose one`);
  }
  return format ?? (json ? 'json' : open ? null : 'text');
}

/** A page that only a bucket has, or none has yet, is put where a browser can read it. */
async function open(
  report: Report,
  kept: KeptRun,
  { alone }: { readonly alone: boolean },
  terminal: Terminal,
): Promise<void> {
  const page = await kept.page();
  let path = page === null || isS3Address(page) ? null : resolve(page);
  if (path === null) {
    path = join(await mkdtemp(join(tmpdir(), 'isochrone-')), 'report.html');
    await writeFile(path, await rendered('html', report, kept.merged));
  }
  // Where it is is the result, unless that is another.
  if (alone) print(terminal, path);
  else say(terminal, path);
  if (await openInBrowser(path, terminal.env)) return;
  say(terminal, 'nothing here opens a page: no BROWSER is set, and no screen is known');
}

async function reportOf(
  form: string,
  options: StoreOption,
  terminal: Terminal,
): Promise<{ report: Report; kept: KeptRun }> {
  const found = await findRun(form, (await openStore(options, terminal)).store);
  if (found.kind === 'report-file') {
    const { path } = found;
    return { report: await readReportFile(path), kept: keptAsFile(path) };
  }
  const { store, run } = found;
  // Of a run on AWS that was lost the report is made here: nobody but merge writes into its bucket.
  const own = FolderStore.open(DEFAULT_STORE);
  const loaded = await loadReport(store, run, Date.now(), own);
  const report = wholeReport(loaded, `the report of ${run}`);
  const files = runFiles(store, run);
  const inPlace = (await files.report.list()).length > 0;
  return { report, kept: keptInStore(inPlace ? files : runFiles(own, run)) };
}
