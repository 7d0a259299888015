import type { Command } from 'commander';
import type { ContextOption } from './deploy-settings.js';
import { gather } from './plan-options.js';
import type { Terminal } from './terminal/terminal.js';

export interface DeployOptions extends ContextOption {
  readonly yes?: true;
}

export function addDeploy(program: Command, terminal: Terminal): void {
  program
    .command('deploy')
    .summary('put workers into AWS')
    .description(
      'Puts workers, orchestrator and bucket into your AWS account, or brings them up to date.\nTakes regions, host and peak rate from PLAN, or from ./isochrone.yaml; -c says the rest.\nAsks before rights are widened, as the CDK does.',
    )
    .argument('[plan]')
    .option('-c, --context <name=value>', 'a setting, as in -c maxRate=800; repeatable', gather)
    .option('-y, --yes', 'never ask')
    .action(async (argument: string | undefined, options: DeployOptions) => {
      // What only a deployment needs is loaded for none but it.
      const { deploy } = await import('./aws-deploy.js');
      await deploy(argument, options, terminal);
    });
}
