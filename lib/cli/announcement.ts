import type { FrozenPlan } from '../plan/frozen-plan.js';
import { wrap } from '../report/render/plain.js';
import { outlook } from './outlook.js';
import { say, type Terminal, widthOf } from './terminal/terminal.js';

/** What is about to be done, and what there is to say before it. */
export function announce(
  terminal: Terminal,
  frozen: FrozenPlan,
  kept: string,
  warnings: readonly string[],
): void {
  for (const line of wrap(outlook(frozen), widthOf(terminal.stderr))) say(terminal, line);
  say(terminal, `run ${frozen.run}, kept in ${kept}`, 'dim');
  for (const warning of warnings) say(terminal, `note: ${warning}`);
}
