import { Argument, type Command } from 'commander';
import { plain } from '../report/render/plain.js';
import { listRuns } from '../store/run-list.js';
import { bashCompletion } from './completion/bash.js';
import { commandWords } from './completion/command-words.js';
import { fishCompletion } from './completion/fish.js';
import { zshCompletion } from './completion/zsh.js';
import { addStoreOption, openStore, type StoreOption } from './store-option.js';
import { print, type Terminal } from './terminal/terminal.js';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export function addCompletion(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .summary('print what makes a shell complete commands')
    .description(
      'Prints what makes a shell complete commands, flags, run ids and labels:\n  source <(isochrone completion bash)     in ~/.bashrc\n  source <(isochrone completion zsh)      in ~/.zshrc, after compinit\n  isochrone completion fish | source      in ~/.config/fish/config.fish',
    )
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS) => {
      print(terminal, SHELLS[shell](commandWords(program)));
    });
  addStoreOption(
    program
      .command('__complete', { hidden: true })
      .description('What the shell asks for while a person types.')
      .addArgument(new Argument('<what>').choices(['runs'])),
  ).action(async (_: string, options: StoreOption) => {
    for (const word of await runWords(options, terminal)) print(terminal, word);
  });
}

/** Whatever stands for a run. Where that cannot be told there is nothing to complete. */
async function runWords(options: StoreOption, terminal: Terminal): Promise<string[]> {
  try {
    const runs = await listRuns((await openStore(options, terminal)).store);
    if (runs.length === 0) return [];
    const labels = runs.flatMap(({ state }) => (state?.label ? plain(state.label) : []));
    return [...new Set(['latest', ...labels, ...runs.map(({ run }) => run)])];
  } catch {
    return [];
  }
}
