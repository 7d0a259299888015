import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { instant } from '../report/render/figures.js';
import { plain } from '../report/render/plain.js';
import { findRun } from '../run/find-run.js';
import { type StopOutcome, stopRun } from '../run/stop-run.js';
import { addStoreOption, openStore, type StoreOption } from './store-option.js';
import { print, type Terminal } from './terminal/terminal.js';

export function addStop(program: Command, terminal: Terminal): void {
  const command = program
    .command('stop')
    .summary('end a run early, wherever it was started')
    .description(
      'Tells a run to stop and waits until it has its report, at most 15 seconds.\nRUN is an id, the beginning of one, a label, latest or a folder.',
    )
    .argument('[run]', 'which run', 'latest');
  addStoreOption(command).action(async (form: string, options: StoreOption) => {
    const found = await findRun(form, openStore(options, terminal).store);
    if (found.kind === 'report-file') {
      throw new UsageError(`${found.path} is a report: the run that it tells of is over`);
    }
    print(terminal, told(found.run, await stopRun(found.store, found.run)));
  });
}

function told(run: string, outcome: StopOutcome): string {
  switch (outcome.kind) {
    case 'over':
      return `${run} has ended already${verdictOf(outcome.state.verdict)}; nothing was stopped`;
    case 'ended': {
      const { order, state } = outcome;
      if (order === null) return `${run} ended by itself${verdictOf(state.verdict)}`;
      const why = order.by === 'user' ? '' : ` by ${plain(order.cause)}`;
      return `${run} was stopped${why}; its report: isochrone report ${run}`;
    }
    case 'told':
      return outcome.order === null
        ? `${run} has sent everything, and is still merging what it measured`
        : `${run} was told to stop and has not ended yet; later: isochrone report ${run}`;
    case 'silent':
      return `nobody leads ${run} any more (last seen ${instant(outcome.seenAtMs)}); what it measured: isochrone report ${run}`;
  }
}

function verdictOf(verdict: { readonly status: string } | null): string {
  return verdict === null ? '' : ` (${verdict.status})`;
}
