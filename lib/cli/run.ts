import type { Command } from 'commander';
import { ExitCode, UnavailableError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Report } from '../report/report-schema.js';
import { localCostNotes } from '../run/cost-estimate.js';
import { abortNotes, guardObjectives, guardPlace, guardRows } from '../run/guard.js';
import { runLocally } from '../run/local-run.js';
import { StopSwitch } from '../run/stop-switch.js';
import type { Progress } from '../store/progress.js';
import { runFiles } from '../store/run-files.js';
import { announce } from './announcement.js';
import { runOnAws } from './aws-run.js';
import { detach } from './detach.js';
import { frozenOf } from './frozen.js';
import { type ObjectivePlaces, objectivePlaces } from './github.js';
import { onInterrupt } from './interrupts.js';
import { keptInStore } from './kept-run.js';
import { addOutOption, type OutputFile } from './output-files.js';
import { addPlanOptions, type PlanOptions } from './plan-options.js';
import { type PlanInputs, planOf } from './plan-source.js';
import { addStoreOption, openStore, type StoreOption } from './store-option.js';
import { checkDetached, checkTelling, probeTelling, Telling } from './telling.js';
import type { Terminal } from './terminal/terminal.js';

export interface RunOptions extends PlanOptions, StoreOption {
  readonly label?: string;
  readonly out?: readonly OutputFile[];
  readonly json?: true;
  readonly jsonStream?: true;
  readonly github?: true;
  readonly quiet?: true;
  readonly detach?: true;
  readonly yes?: true;
}

const EXAMPLES = `
Examples, beside what others call them:
  isochrone run URL --users 100 --for 30s              wrk -c100 -d30s URL
  isochrone run URL --requests 1000 --users 100        ab -n 1000 -c 100 URL
  isochrone run URL --users 50 --ramp 10s --for 2m     locust -u 50 -r 5 -t 2m
  isochrone run URL --rate 200/s --for 30s             vegeta attack -rate 200
  isochrone run plan.yaml --set load.0.rate=800/s --objective "p99 < 250ms"
  isochrone run plan.yaml --on aws                     from many regions

Exit codes:
  0 passed · 99 an objective was missed; an abort rule or limit ended it
  4 the measurement is not to be trusted · 2 usage or plan
  3 files, rights, AWS · 130 Ctrl-C or isochrone stop · 143 SIGTERM · 1 a bug`;

export function addRun(program: Command, terminal: Terminal): void {
  const command = program
    .command('run')
    .summary('measure a URL, or what a plan says')
    .description(
      'Measures a URL, or what a plan says, and reports.\nWithout PLAN or URL the plan is ./isochrone.yaml.',
    )
    .argument('[plan|url]');
  addStoreOption(
    addOutOption(
      addPlanOptions(command)
        .optionsGroup('Result:')
        .option('--label <text>', 'a name for this run, to find it by')
        .option('--json', 'the whole report as JSON on stdout')
        .option('--json-stream', 'events as JSON on stdout, one a line'),
    )
      .option('--github', 'into the summary of a GitHub job, with annotations')
      .option('--quiet', 'nothing but the result')
      .option('--detach', 'go on in the background, without this terminal')
      .option('-y, --yes', 'never ask what a run on AWS may cost'),
  ).addHelpText('after', EXAMPLES);
  command.action(async (argument: string | undefined, options: RunOptions) => {
    const measure = options.on === undefined ? run : runOnAws;
    terminal.exitCode = await measure(argument, options, terminal);
  });
}

async function run(
  argument: string | undefined,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  checkTelling(options, terminal);
  checkDetached(options);
  const { store, folder, flag } = await openStore(options, terminal);
  const inputs: PlanInputs = new Map();
  const frozen = frozenOf(await planOf(argument, options, terminal, inputs), options);
  guardPlace(frozen);
  guardRows(frozen);
  const warnings = [...guardObjectives(frozen), ...abortNotes(frozen), ...localCostNotes(frozen)];
  await store.probe();
  await probeTelling(options, terminal);
  const { out = [], json = false, jsonStream = false, quiet = false, github = false } = options;
  if (!quiet) announce(terminal, frozen, store.address, warnings);
  const files = runFiles(store, frozen.run);
  for (const bytes of inputs.values()) await files.inputs.put(bytes);
  const places = await objectivePlaces(argument, options, terminal);
  const leading = { store, folder, out, json, jsonStream, quiet, github, places };
  if (!options.detach) return leadRun(frozen, leading, terminal);
  await detach(frozen, { ...leading, storeFlag: flag }, terminal);
  return ExitCode.good;
}

export interface LeadOptions {
  readonly store: Awaited<ReturnType<typeof openStore>>['store'];
  readonly folder: string;
  readonly out: readonly OutputFile[];
  readonly json: boolean;
  readonly jsonStream?: boolean;
  readonly quiet: boolean;
  readonly github?: boolean;
  readonly places?: ObjectivePlaces | undefined;
  /** Digests of code that may be carried out; absent where this process has bundled it. */
  readonly code?: readonly string[];
}

/** Takes a run from its frozen plan to its result, and tells it. */
export async function leadRun(
  frozen: FrozenPlan,
  options: LeadOptions,
  terminal: Terminal,
): Promise<number> {
  const telling = new Telling(terminal, options, keptInStore(runFiles(options.store, frozen.run)));
  telling.started(frozen);
  const report = await runWatched(frozen, options, telling).catch((error: unknown) => {
    throw error instanceof UnavailableError ? lostSight(frozen.run, error) : error;
  });
  return telling.ended(report);
}

/** Who does not see a run any more does not know how it ends. */
function lostSight(run: string, cause: UnavailableError): UnavailableError {
  const message = `lost sight of ${run}, which has no verdict yet: ${cause.message}`;
  return new UnavailableError(`${message}\n  isochrone watch ${run}    looks for it again`, {
    cause,
  });
}

async function runWatched(
  frozen: FrozenPlan,
  { store, folder, code }: LeadOptions,
  telling: Telling,
): Promise<Report> {
  const stop = new StopSwitch();
  const release = onInterrupt({
    stop: (by) => {
      stop.order(by, by === 'interrupt' ? 'Ctrl-C' : 'SIGTERM');
      telling.say('stopping; the report follows (Ctrl-C again leaves at once, without it)');
    },
    leave: () => {
      telling.leave();
      process.exit(ExitCode.interrupted);
    },
  });
  try {
    const onProgress = (progress: Progress) => telling.progress(progress);
    return await runLocally(frozen, { store, folder, stop, onProgress, ...(code && { code }) });
  } finally {
    telling.leave();
    release();
  }
}
