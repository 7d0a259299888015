import { type Command, Option } from 'commander';
import { startOwnThread } from '../demo/own-thread.js';
import { tourCharacter } from '../demo/service.js';
import { tourPlan } from '../demo/tour-plan.js';
import { ExitCode, UsageError } from '../errors.js';
import { readPlan } from '../plan/read-plan.js';
import { tourText } from '../report/render/tour-text.js';
import { loadReport } from '../run/conclude.js';
import { frozenOf } from './frozen.js';
import { seedNumber } from './plan-options.js';
import { leadRun } from './run.js';
import { addStoreOption, openStore, type StoreOption } from './store-option.js';
import { hasColor, print, say, type Terminal, widthOf } from './terminal/terminal.js';

interface DemoOptions extends StoreOption {
  readonly seed: number;
  readonly serve?: true;
  readonly port?: number;
}

/** The port that the examples are for. */
const EXAMPLES_PORT = 8080;

export function addDemo(program: Command, terminal: Terminal): void {
  const command = program
    .command('demo')
    .summary('see it at work on a service of its own')
    .description(
      'Starts a small service on this machine, measures it for 20 seconds as five regions would see it, and explains the report. Nothing leaves this machine. It is a tour: it ends with 0 whatever the verdict.',
    )
    .addOption(
      new Option('--seed <number>', 'of all that is random').argParser(seedNumber).default(1),
    )
    .option('--serve', 'only start the service, for runs of your own; Ctrl-C ends it')
    .option(
      '--port <number>',
      `with --serve: listen there (default: ${EXAMPLES_PORT})`,
      portNumber,
    );
  addStoreOption(command).action(async (options: DemoOptions) => {
    terminal.exitCode = options.serve
      ? await serve(options, terminal)
      : await tour(options, terminal);
  });
}

async function tour(options: DemoOptions, terminal: Terminal): Promise<number> {
  if (options.port !== undefined) {
    throw new UsageError('--port goes with --serve: the tour takes whatever port is free');
  }
  const { store, folder } = await openStore(options, terminal);
  await store.probe();
  const { seed } = options;
  const service = await startOwnThread(tourCharacter(seed));
  try {
    const plan = readPlan(tourPlan(), {
      env: terminal.env,
      readFile: () => new Uint8Array(),
      emulate: true,
      overrides: { target: service.url },
    });
    // Nobody's objectives: where a busy machine leaves one undecided, the tour goes on.
    const frozen = frozenOf(plan, { seed, emulate: true, allowUndecided: true, label: 'demo' });
    say(terminal, `A small shop now runs on this machine, at ${service.url}.`);
    say(
      terminal,
      'It is measured for 20 s as five regions would see it, their distances emulated.',
    );
    const code = await leadRun(
      frozen,
      { store, folder, out: [], json: false, quiet: false },
      terminal,
    );
    const report = await loadReport(store, frozen.run);
    if (TOLD.includes(report.verdict.status)) {
      const { stdout } = terminal;
      const command = terminal.env.npm_command === 'exec' ? 'npx isochrone' : 'isochrone';
      print(
        terminal,
        tourText(report, { width: widthOf(stdout), color: hasColor(stdout), command }),
      );
    }
    return FOR_SHOW.includes(code) ? ExitCode.good : code;
  } finally {
    await service.close();
  }
}

/** Of a run that was stopped there is less to tell than its report says. */
const TOLD: readonly string[] = ['passed', 'failed', 'invalid'];
/** Verdicts, which a tour only shows: one promise is broken on purpose. */
const FOR_SHOW: readonly number[] = [ExitCode.objectives, ExitCode.invalid];

async function serve({ seed, port }: DemoOptions, terminal: Terminal): Promise<number> {
  const service = await startOwnThread(tourCharacter(seed), port ?? EXAMPLES_PORT);
  print(terminal, service.url);
  say(terminal, 'the demo shop; Ctrl-C ends it');
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await service.close();
  return ExitCode.good;
}

function portNumber(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) < 65_536) return Number(value);
  throw new UsageError(`--port ${value}: a port is a whole number below 65536`);
}
