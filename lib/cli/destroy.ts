import type { Command } from 'commander';
import type { ContextOption } from './deploy-settings.js';
import { gather } from './plan-options.js';
import type { Terminal } from './terminal/terminal.js';

export interface DestroyOptions extends ContextOption {
  readonly yes?: true;
  /** The bucket's name, or true where it is to be asked for. */
  readonly results?: string | true;
}

export function addDestroy(program: Command, terminal: Terminal): void {
  program
    .command('destroy')
    .summary('take workers and orchestrator out of AWS again')
    .description(
      'Takes workers and orchestrator out of your AWS account. The bucket stays, with all runs in\nit: they can be read as before. --results deletes that, too, once its name has been given.',
    )
    .option('--results [bucket]', 'also delete the bucket and all runs; asks for its name')
    .option('-c, --context <name=value>', 'a setting, as in -c regions=eu-west-1', gather)
    .option('-y, --yes', 'never ask')
    .action(async (options: DestroyOptions) => {
      // What only a deployment needs is loaded for none but it.
      const { destroy } = await import('./aws-destroy.js');
      await destroy(options, terminal);
    });
}
