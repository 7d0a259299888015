import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';

/** Flags that this version knows only to refuse: none is ever parsed and ignored. */
const LATER: readonly (readonly [flag: string, sentence: string])[] = [
  ['--on [where]', 'runs happen on this machine; AWS regions are not there yet'],
];

/** Declares them, hidden from help, and refuses them by name before the command begins. */
export function refuseLater(command: Command): void {
  for (const [flag] of LATER) command.addOption(new Option(flag).hideHelp());
  command.hook('preAction', (_, action) => {
    const options = action.opts();
    for (const [flag, sentence] of LATER) {
      const option = new Option(flag);
      if (options[option.attributeName()] === undefined) continue;
      throw new UsageError(`${option.long} cannot be used in this version: ${sentence}`);
    }
  });
}
