import { ExitCode } from '../errors.js';
import { ask } from './terminal/question.js';
import { say, type Terminal } from './terminal/terminal.js';

/** Asks before stacks are taken away. The CDK would ask, too, and not tell us of a no. */
export async function agreedTo(stacks: readonly string[], terminal: Terminal): Promise<boolean> {
  const answer = await ask(`destroy ${stacks.join(', ')}? [y/N]`, terminal);
  if (/^y(es)?$/i.test(answer)) return true;
  say(terminal, 'nothing was changed');
  terminal.exitCode = ExitCode.interrupted;
  return false;
}
