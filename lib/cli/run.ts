import type { Command } from 'commander';
import { ExitCode } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { renderJson } from '../report/render/json.js';
import { wrap } from '../report/render/plain.js';
import { renderText } from '../report/render/text.js';
import { guardObjectives, guardPlace } from '../run/guard.js';
import { runLocally, StopSwitch } from '../run/local-run.js';
import { runFiles } from '../store/run-files.js';
import { frozenOf } from './frozen.js';
import { onInterrupt } from './interrupts.js';
import { refuseLater } from './later.js';
import { outlook } from './outlook.js';
import {
  collectOutputFile,
  type OutputFile,
  probeOutputFiles,
  writeOutputFiles,
} from './output-files.js';
import { addPlanOptions, type PlanOptions } from './plan-options.js';
import { planOf } from './plan-source.js';
import { addStoreOption, openStore, type StoreOption } from './store-option.js';
import { progressText } from './terminal/progress-text.js';
import { StatusLine } from './terminal/status-line.js';
import { hasColor, print, say, type Terminal, widthOf } from './terminal/terminal.js';

interface RunOptions extends PlanOptions, StoreOption {
  readonly label?: string;
  readonly out?: readonly OutputFile[];
  readonly json?: true;
  readonly quiet?: true;
}

const EXAMPLES = `
Examples, beside what others call them:
  isochrone run URL --users 100 --for 30s              wrk -c100 -d30s URL
  isochrone run URL --requests 1000 --users 100        ab -n 1000 -c 100 URL
  isochrone run URL --users 50 --ramp 10s --for 2m     locust -u 50 -r 5 -t 2m
  isochrone run URL --rate 200/s --for 30s             vegeta attack -rate 200
  isochrone run plan.yaml --set load.0.rate=800/s --objective "p99 < 250ms"

Exit codes:
  0 passed · 99 an objective was missed · 4 the measurement is not to be trusted
  2 usage or plan · 3 files or permissions · 130 Ctrl-C · 143 SIGTERM · 1 a bug`;

export function addRun(program: Command, terminal: Terminal): void {
  const command = program
    .command('run')
    .summary('measure a URL, or what a plan says')
    .description(
      'Measures a URL, or what a plan says, and reports.\nWithout PLAN or URL the plan is ./isochrone.yaml.',
    )
    .argument('[plan|url]');
  addStoreOption(
    addPlanOptions(command)
      .optionsGroup('Result:')
      .option('--label <text>', 'a name for this run, to find it by')
      .option('--json', 'the whole report as JSON on stdout')
      .option('--out <format=file>', 'text or json, into a file; repeatable', collectOutputFile)
      .option('--quiet', 'nothing but the result')
      .option('-y, --yes', 'never ask (this version asks nothing)'),
  ).addHelpText('after', EXAMPLES);
  refuseLater(command);
  command.action(async (argument: string | undefined, options: RunOptions) => {
    terminal.exitCode = await run(argument, options, terminal);
  });
}

async function run(
  argument: string | undefined,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const { store, folder } = openStore(options, terminal);
  const frozen = frozenOf(await planOf(argument, options, terminal), options);
  guardPlace(frozen);
  const warnings = guardObjectives(frozen);
  await store.probe();
  await probeOutputFiles(options.out ?? []);
  const kept = runFiles(store, frozen.run).address;
  if (!options.quiet) announce(terminal, frozen, store.address, warnings);

  const report = await runWatched(
    frozen,
    { store, folder, quiet: options.quiet ?? false },
    terminal,
  );
  if (options.json) print(terminal, renderJson(report));
  else {
    const { stdout } = terminal;
    print(terminal, renderText(report, { width: widthOf(stdout), color: hasColor(stdout), kept }));
  }
  await writeOutputFiles(report, options.out ?? []);
  return report.verdict.exitCode;
}

function announce(
  terminal: Terminal,
  frozen: FrozenPlan,
  kept: string,
  warnings: readonly string[],
): void {
  for (const line of wrap(outlook(frozen), widthOf(terminal.stderr))) say(terminal, line);
  say(terminal, `run ${frozen.run}, kept in ${kept}`, 'dim');
  for (const warning of warnings) say(terminal, `note: ${warning}`);
}

async function runWatched(
  frozen: FrozenPlan,
  options: {
    readonly store: ReturnType<typeof openStore>['store'];
    readonly folder: string;
    readonly quiet: boolean;
  },
  terminal: Terminal,
) {
  const status = new StatusLine(terminal, options.quiet);
  const stop = new StopSwitch();
  const release = onInterrupt({
    stop: (by) => {
      stop.order(by, by === 'interrupt' ? 'Ctrl-C' : 'SIGTERM');
      status.say('stopping; the report follows (Ctrl-C again leaves at once, without it)');
    },
    leave: () => {
      status.clear();
      process.exit(ExitCode.interrupted);
    },
  });
  try {
    return await runLocally(frozen, {
      store: options.store,
      folder: options.folder,
      stop,
      onProgress: (progress) => status.show(progressText(progress)),
    });
  } finally {
    status.clear();
    release();
  }
}
