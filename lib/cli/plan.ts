import type { Command } from 'commander';
import { forecast } from '../plan/forecast.js';
import { jsonText } from '../report/render/json.js';
import { estimateOf, guardCost, supposedSite } from '../run/cost-estimate.js';
import { guardObjectives, guardPlace, guardRows, objectiveNeeds } from '../run/guard.js';
import { awsOrderOf, eventText } from './aws-order.js';
import { frozenOf } from './frozen.js';
import { addPlanOptions, type PlanOptions } from './plan-options.js';
import { planOf } from './plan-source.js';
import { planText } from './plan-text.js';
import { hasColor, print, type Terminal, widthOf } from './terminal/terminal.js';

export function addPlan(program: Command, terminal: Terminal): void {
  const command = program
    .command('plan')
    .summary('show what a run would do, without sending anything')
    .description(
      'Shows what `isochrone run` with the same words would do, and sends nothing.\nFails as it would, with exit code 2, if it would refuse to start.',
    )
    .argument('[plan|url]');
  addPlanOptions(command)
    .optionsGroup('Result:')
    .option('--json', 'as JSON; with --on aws, the event that starts the run');
  command.action(async (argument: string | undefined, options: PlanOptions & { json?: true }) => {
    const { stdout } = terminal;
    if (options.on !== undefined) {
      const ordered = await awsOrderOf(argument, options, terminal);
      const { frozen } = ordered;
      const look = { width: widthOf(stdout), color: hasColor(stdout) };
      const estimate = estimateOf(frozen, supposedSite(frozen, terminal.env));
      print(terminal, options.json ? eventText(ordered) : planText(frozen, look, estimate));
      guardObjectives(frozen);
      guardCost(frozen, estimate);
      return;
    }
    const frozen = frozenOf(await planOf(argument, options, terminal), options);
    if (options.json) {
      const needs = objectiveNeeds(frozen);
      print(terminal, jsonText({ plan: frozen, forecast: forecast(frozen), needs }, 2));
    } else {
      print(terminal, planText(frozen, { width: widthOf(stdout), color: hasColor(stdout) }));
    }
    guardPlace(frozen);
    guardRows(frozen);
    guardObjectives(frozen);
  });
}
