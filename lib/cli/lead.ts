import type { Command } from 'commander';
import { UnavailableError, UsageError } from '../errors.js';
import { runFiles } from '../store/run-files.js';
import { addOutOption, type OutputFile } from './output-files.js';
import { leadRun } from './run.js';
import { addStoreOption, openStore, type StoreOption } from './store-option.js';
import type { Terminal } from './terminal/terminal.js';

interface LeadOptions extends StoreOption {
  readonly out?: readonly OutputFile[];
  readonly code?: readonly string[];
}

/** What `run --detach` starts, and nobody types: leads a run that is frozen in its store. */
export function addLead(program: Command, terminal: Terminal): void {
  const command = program
    .command('lead', { hidden: true })
    .description('Leads a run that `isochrone run --detach` has frozen.')
    .argument('<run>')
    .option('--code <sha256...>', 'digests of code that its plan may have carried out');
  addStoreOption(addOutOption(command)).action(async (run: string, options: LeadOptions) => {
    const { store, folder } = await openStore(options, terminal);
    const files = runFiles(store, run);
    const [frozen, control] = await Promise.all([files.plan.read(), files.control.read()]);
    if (!frozen) throw new UnavailableError(`${files.address} holds no plan.json`);
    if (control?.startAtMs != null) throw new UsageError(`${run} has begun already`);
    terminal.exitCode = await leadRun(
      frozen,
      {
        store,
        folder,
        out: options.out ?? [],
        code: options.code ?? [],
        json: false,
        quiet: false,
      },
      terminal,
    );
  });
}
