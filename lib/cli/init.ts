import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { UnavailableError, UsageError } from '../errors.js';
import { TextMistake } from '../plan/diagnostics.js';
import { readTarget } from '../plan/read-target.js';
import { planTemplate } from '../plan/template.js';
import { DEFAULT_PLAN } from './plan-source.js';
import { say, type Terminal } from './terminal/terminal.js';

interface InitOptions {
  readonly file: string;
  readonly force?: true;
}

export function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .summary('write a plan to begin with')
    .description('Writes a plan with comments, to be changed and run.')
    .argument('[url]', 'what to measure')
    .option('--file <file>', 'where to write it', DEFAULT_PLAN)
    .option('--force', 'replace the file if it is there')
    .action(async (url: string | undefined, { file, force }: InitOptions) => {
      const target = url === undefined ? undefined : checked(url, terminal);
      await writeNew(file, planTemplate(target), force ?? false);
      const named = file === DEFAULT_PLAN ? '' : ` ${file}`;
      say(terminal, `wrote ${file}. Next:`);
      say(terminal, `  isochrone plan${named}    shows what it would do`);
      say(terminal, `  isochrone run${named}     does it`);
    });
}

/** The URL as a plan's target has it; a wrong one is refused before it stands in a file. */
function checked(url: string, terminal: Terminal): string {
  try {
    return readTarget(url, terminal.env).url;
  } catch (error) {
    if (!(error instanceof TextMistake)) throw error;
    throw new UsageError(`${url}: ${[error.message, error.help].filter(Boolean).join('; ')}`);
  }
}

async function writeNew(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new UsageError(`${file} is there already; --force replaces it, --file writes another`);
    }
    throw new UnavailableError(`cannot write ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
