import { Command, CommanderError } from 'commander';
import { ExitCode } from '../errors.js';
import { VERSION } from '../run/version.js';
import { addCompletion } from './completion.js';
import { addDemo } from './demo.js';
import { addDeploy } from './deploy.js';
import { addDestroy } from './destroy.js';
import { addDoctor } from './doctor.js';
import { addInit } from './init.js';
import { addLead } from './lead.js';
import { addPlan } from './plan.js';
import { addReport } from './report.js';
import { addRun } from './run.js';
import { addRuns } from './runs.js';
import { addSchema } from './schema.js';
import { addStop } from './stop.js';
import { tellFailure } from './terminal/failure.js';
import { hasColor, type Terminal, widthOf } from './terminal/terminal.js';
import { addWatch } from './watch.js';

const BEGINNING = `
To begin with:
  isochrone demo
  isochrone run http://127.0.0.1:8080/ --rate 50/s --for 10s
  isochrone init https://example.com/`;

/** The whole command line; commands set the terminal's exit code. */
export function program(terminal: Terminal): Command {
  const { stdout, stderr } = terminal;
  const root = new Command('isochrone')
    .description('Measures how fast a web service answers, and tells when it could not.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => widthOf(stdout),
      getErrHelpWidth: () => widthOf(stderr),
      getOutHasColors: () => hasColor(stdout),
      getErrHasColors: () => hasColor(stderr),
    })
    .addHelpText('after', BEGINNING);
  for (const add of [
    addRun,
    addPlan,
    addInit,
    addDemo,
    addRuns,
    addReport,
    addWatch,
    addStop,
    addDeploy,
    addDestroy,
    addDoctor,
    addLead,
    addSchema,
    addCompletion,
  ])
    add(root, terminal);
  return root;
}

/** Runs one command line, given without the program's name, to its exit code. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await program(terminal).parseAsync(args, { from: 'user' });
    return terminal.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Its message has been written already.
      return error.exitCode === 0 ? ExitCode.good : ExitCode.usage;
    }
    return tellFailure(terminal, error);
  }
}
