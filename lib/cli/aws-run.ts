import { orchestratorName } from '../cloud/deployment.js';
import { ExitCode, UnavailableError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { estimateOf, guardCost, supposedSite } from '../run/cost-estimate.js';
import type { Deployed } from '../run/deployed.js';
import { abortNotes, guardObjectives } from '../run/guard.js';
import { StopSwitch } from '../run/stop-switch.js';
import { runFiles } from '../store/run-files.js';
import { announce } from './announcement.js';
import { awsOrderOf } from './aws-order.js';
import { consent } from './consent.js';
import { objectivePlaces } from './github.js';
import { onInterrupt } from './interrupts.js';
import { keptInStore } from './kept-run.js';
import { lostSight, notBegun } from './lost-sight.js';
import type { RunOptions } from './run.js';
import { openOnAws } from './store-option.js';
import {
  checkDetached,
  checkTelling,
  probeTelling,
  Telling,
  type TellingOptions,
} from './telling.js';
import { checkAnswering } from './terminal/question.js';
import { print, say, type Terminal } from './terminal/terminal.js';

const FLAG = ' --on aws';

/** Has a deployment lead a run, and follows it as anyone can; without us it goes on. */
export async function runOnAws(
  argument: string | undefined,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  checkTelling(options, terminal);
  checkDetached(options);
  const { run, order, frozen, inputs } = await awsOrderOf(argument, options, terminal);
  const warnings = [...guardObjectives(frozen), ...abortNotes(frozen)];
  guardCost(frozen, estimateOf(frozen, supposedSite(frozen, terminal.env)));
  checkAnswering(options, terminal);
  await probeTelling(options, terminal);
  const places = await objectivePlaces(argument, options, terminal);
  const { deployed } = await openOnAws(options, terminal);
  const { home } = deployed;
  const site = { ...supposedSite(frozen, terminal.env), home };
  if (!options.quiet) announce(terminal, frozen, deployed.store.address, warnings);
  if (!(await consent(frozen, estimateOf(frozen, site), options, terminal))) {
    say(terminal, 'nothing was started');
    return ExitCode.interrupted;
  }
  const { orderInCloud } = await import('../run/cloud-run.js');
  const execution = await orderInCloud(deployed, run, order, inputs);
  if (!options.detach)
    return follow({ deployed, frozen, execution }, { ...options, places }, terminal);
  print(terminal, run);
  if (!options.quiet) {
    say(terminal, 'it goes on without this terminal');
    say(terminal, `  isochrone watch ${run}${FLAG}`);
    say(terminal, `  isochrone stop ${run}${FLAG}`);
  }
  return ExitCode.good;
}

interface Ordered {
  readonly deployed: Deployed;
  readonly frozen: FrozenPlan;
  readonly execution: string;
}

async function follow(
  { deployed, frozen, execution }: Ordered,
  options: TellingOptions,
  terminal: Terminal,
): Promise<number> {
  const { run } = frozen;
  const telling = new Telling(terminal, options, keptInStore(runFiles(deployed.store, run)));
  const stop = new StopSwitch();
  let told = false;
  const release = onInterrupt({
    stop: (by) => {
      stop.order(by, by === 'interrupt' ? 'Ctrl-C' : 'SIGTERM');
      telling.say('stopping; the report follows (Ctrl-C again leaves at once, without it)');
    },
    leave: () => {
      telling.leave();
      say(
        terminal,
        `${run} ${told ? 'was told to stop' : 'could not be told to stop, and goes on'}`,
      );
      say(terminal, `  isochrone watch ${run}${FLAG}    shows its report`);
      process.exit(ExitCode.interrupted);
    },
  });
  try {
    telling.started(frozen);
    const { followInCloud } = await import('../run/cloud-run.js');
    const followed = await followInCloud(deployed, run, execution, {
      stop,
      onProgress: (progress) => telling.progress(progress),
      onStopped: () => {
        told = true;
      },
      onTrouble: (message) => telling.say(`cannot tell it to stop yet: ${message}`),
    }).catch((error: unknown) => {
      if (!(error instanceof UnavailableError)) throw error;
      return { kind: 'lost', cause: error.message } as const;
    });
    if (followed.kind === 'ended') return await telling.ended(followed.report);
    telling.leave();
    const lines =
      followed.kind === 'waiting' || followed.kind === 'failed'
        ? notBegun(run, followed, FLAG, logOf(deployed))
        : lostSight(run, followed, FLAG);
    for (const line of lines) say(terminal, line);
    return ExitCode.unavailable;
  } finally {
    telling.leave();
    release();
  }
}

function logOf({ prefix, home }: Deployed): string {
  return `/aws/lambda/${orchestratorName(prefix)} in ${home}`;
}
