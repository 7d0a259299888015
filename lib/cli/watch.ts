import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ExitCode } from '../errors.js';
import { instant } from '../report/render/figures.js';
import { parseReport } from '../run/conclude.js';
import { findRun } from '../run/find-run.js';
import { followRun } from '../run/follow.js';
import { runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { collectOutputFile, probeOutputFiles } from './output-files.js';
import { addStoreOption, openStore, type StoreOption } from './store-option.js';
import { checkTelling, Telling, type TellingOptions } from './telling.js';
import { say, type Terminal } from './terminal/terminal.js';

interface WatchOptions extends StoreOption, TellingOptions {}

export function addWatch(program: Command, terminal: Terminal): void {
  const command = program
    .command('watch')
    .summary('follow a run that goes on, to its report')
    .description(
      'Follows a run that goes on, wherever it was started, and ends as it does: with its report and its exit code. One that has ended is reported at once. To leave it stops nothing.\nRUN is an id, the beginning of one, a label, latest, a folder or a report.json.',
    )
    .argument('[run]', 'which run', 'latest')
    .option('--json', 'the whole report as JSON on stdout')
    .option('--json-stream', 'events as JSON on stdout, one a line')
    .option('--out <format=file>', 'text or json, into a file; repeatable', collectOutputFile)
    .option('--quiet', 'nothing but the result');
  addStoreOption(command).action(async (form: string, options: WatchOptions) => {
    checkTelling(options);
    await probeOutputFiles(options.out ?? []);
    const found = await findRun(form, openStore(options, terminal).store);
    if (found.kind === 'run') {
      terminal.exitCode = await watch(found.store, found.run, options, terminal);
      return;
    }
    const report = parseReport(await readFile(found.path), found.path);
    terminal.exitCode = await new Telling(terminal, options, found.path).ended(report);
  });
}

async function watch(
  store: Store,
  run: string,
  options: WatchOptions,
  terminal: Terminal,
): Promise<number> {
  const files = runFiles(store, run);
  const telling = new Telling(terminal, options, files.address);
  const frozen = await files.plan.read();
  if (frozen) telling.started(frozen);
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, leave);
  try {
    const followed = await followRun(store, run, {
      onProgress: (progress) => telling.progress(progress),
      signal: leaving.signal,
    });
    if (followed.kind === 'ended') return await telling.ended(followed.report);
    telling.leave();
    for (const line of lostSight(run, followed)) say(terminal, line);
    return ExitCode.unavailable;
  } finally {
    telling.leave();
    for (const signal of signals) process.off(signal, leave);
  }
}

/** Who does not see a run any more does not know how it ends. */
function lostSight(
  run: string,
  followed: Exclude<Awaited<ReturnType<typeof followRun>>, { kind: 'ended' }>,
): string[] {
  switch (followed.kind) {
    case 'left':
      return [
        `${run} goes on, and nothing of it is lost`,
        `  isochrone watch ${run}    takes it up again`,
        `  isochrone stop ${run}     ends it`,
      ];
    case 'lost':
      return [
        `lost sight of ${run}, which may well go on: ${followed.cause}`,
        `  isochrone watch ${run}    takes it up again`,
      ];
    case 'vanished':
      return [
        `nobody leads ${run} any more: last seen ${instant(followed.seenAtMs)}, and it has no verdict`,
        `  isochrone report ${run}    merges what it has measured`,
      ];
  }
}
