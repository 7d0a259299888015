import type { Command } from 'commander';
import { ExitCode } from '../errors.js';
import { findRun } from '../run/find-run.js';
import { followRun } from '../run/follow.js';
import { untilBegun } from '../run/until-begun.js';
import { runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { readReportFile } from './kept-report.js';
import { keptAsFile, keptInStore } from './kept-run.js';
import { lostSight, notBegun } from './lost-sight.js';
import { addOutOption } from './output-files.js';
import { addWhereOptions, openStore, type StoreOption } from './store-option.js';
import { checkTelling, probeTelling, Telling, type TellingOptions } from './telling.js';
import { say, type Terminal } from './terminal/terminal.js';

interface WatchOptions extends StoreOption, TellingOptions {}

export function addWatch(program: Command, terminal: Terminal): void {
  const command = program
    .command('watch')
    .summary('follow a run that goes on, to its report')
    .description(
      'Follows a run that goes on, wherever it was started, and ends as it does: with its report and its exit code. One that has ended is reported at once. To leave it stops nothing.\nRUN is an id, the beginning of one, a label, latest, a folder, a report.json or an s3:// address.',
    )
    .argument('[run]', 'which run', 'latest')
    .option('--json', 'the whole report as JSON on stdout')
    .option('--json-stream', 'events as JSON on stdout, one a line');
  addOutOption(command)
    .option('--github', 'into the summary of a GitHub job, with annotations')
    .option('--quiet', 'nothing but the result');
  addWhereOptions(command).action(async (form: string, options: WatchOptions) => {
    checkTelling(options, terminal);
    await probeTelling(options, terminal);
    const { store, flag } = await openStore(options, terminal);
    const found = await findRun(form, store);
    if (found.kind === 'run') {
      terminal.exitCode = await watch(found, { ...options, flag }, terminal);
      return;
    }
    const report = await readReportFile(found.path);
    terminal.exitCode = await new Telling(terminal, options, keptAsFile(found.path)).ended(report);
  });
}

async function watch(
  { store, run }: { readonly store: Store; readonly run: string },
  options: WatchOptions & { readonly flag: string },
  terminal: Terminal,
): Promise<number> {
  const files = runFiles(store, run);
  const telling = new Telling(terminal, options, keptInStore(files));
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, leave);
  try {
    const begun = await untilBegun(files, { signal: leaving.signal });
    if (begun.kind !== 'begun') {
      for (const line of notBegun(run, begun, options.flag)) say(terminal, line);
      return ExitCode.unavailable;
    }
    const frozen = await files.plan.read();
    if (frozen) telling.started(frozen);
    const followed = await followRun(store, run, {
      onProgress: (progress) => telling.progress(progress),
      signal: leaving.signal,
    });
    if (followed.kind === 'ended') return await telling.ended(followed.report);
    telling.leave();
    for (const line of lostSight(run, followed, options.flag)) say(terminal, line);
    return ExitCode.unavailable;
  } finally {
    telling.leave();
    for (const signal of signals) process.off(signal, leave);
  }
}
