import { Argument, type Command } from 'commander';
import { planJsonSchema } from '../plan/schema.js';
import { reportJsonSchema } from '../report/report-schema.js';
import { print, type Terminal } from './terminal/terminal.js';

export function addSchema(program: Command, terminal: Terminal): void {
  program
    .command('schema')
    .summary('print the JSON Schema of plans or reports')
    .description('Prints a JSON Schema: of plans, for editors, or of report.json.')
    .addArgument(new Argument('[of]', 'what').choices(['plan', 'report']).default('plan'))
    .action((of: 'plan' | 'report') => {
      const schema = of === 'plan' ? planJsonSchema() : reportJsonSchema();
      print(terminal, JSON.stringify(schema, null, 2));
    });
}
