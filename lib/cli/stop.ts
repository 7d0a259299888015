import type { Command } from 'commander';
import { UnavailableError, UsageError } from '../errors.js';
import { instant } from '../report/render/figures.js';
import { plain } from '../report/render/plain.js';
import { findRun } from '../run/find-run.js';
import { type StopOutcome, stopRun } from '../run/stop-run.js';
import { untilBegun } from '../run/until-begun.js';
import { runFiles } from '../store/run-files.js';
import { notBegun } from './lost-sight.js';
import { addWhereOptions, openStore, type StoreOption } from './store-option.js';
import { print, type Terminal } from './terminal/terminal.js';

interface StopOptions extends StoreOption {
  readonly force?: true;
}

export function addStop(program: Command, terminal: Terminal): void {
  const command = program
    .command('stop')
    .summary('end a run early, wherever it was started')
    .description(
      'Tells a run to stop and waits until it has its report: at most 15 seconds, on AWS a minute.\nRUN is an id, the beginning of one, a label, latest, a folder or an s3:// address.',
    )
    .argument('[run]', 'which run', 'latest')
    .option('--force', 'on AWS: end its orchestrator, too, if that does not hear');
  addWhereOptions(command).action(async (form: string, options: StopOptions) => {
    const { store, flag } = await openStore(options, terminal);
    const found = await findRun(form, store);
    if (found.kind === 'report-file') {
      throw new UsageError(`${found.path} is a report: the run that it tells of is over`);
    }
    const begun = await untilBegun(runFiles(found.store, found.run));
    if (begun.kind !== 'begun') {
      throw new UnavailableError(notBegun(found.run, begun, flag).join('\n'));
    }
    // The AWS SDK is loaded by whoever needs it.
    const force = async (execution: string, cause: string) => {
      const { stopOrchestrator } = await import('../run/lambda.js');
      await stopOrchestrator(execution, cause);
    };
    const outcome = await stopRun(found.store, found.run, options.force ? { force } : {});
    print(terminal, told(found.run, outcome, flag));
  });
}

function told(run: string, outcome: StopOutcome, flag: string): string {
  switch (outcome.kind) {
    case 'over':
      return `${run} has ended already${verdictOf(outcome.state.verdict)}; nothing was stopped`;
    case 'ended': {
      const { order, state } = outcome;
      if (order === null) return `${run} ended by itself${verdictOf(state.verdict)}`;
      const why = order.by === 'user' ? '' : ` by ${plain(order.cause)}`;
      return `${run} was stopped${why}; its report: isochrone report ${run}${flag}`;
    }
    case 'told':
      return outcome.order === null
        ? `${run} has sent everything, and is still merging what it measured`
        : `${run} was told to stop and has not ended yet; later: isochrone report ${run}${flag}`;
    case 'silent':
      return `nobody leads ${run} any more (last seen ${instant(outcome.seenAtMs)}); what it measured: isochrone report ${run}${flag}`;
  }
}

function verdictOf(verdict: { readonly status: string } | null): string {
  return verdict === null ? '' : ` (${verdict.status})`;
}
