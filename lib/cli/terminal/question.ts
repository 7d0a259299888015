import { createInterface } from 'node:readline/promises';
import { UsageError } from '../../errors.js';
import type { Terminal } from './terminal.js';

/** Where nobody can answer nothing is begun that would ask. */
export function checkAnswering({ yes }: { readonly yes?: true }, { stderr }: Terminal): void {
  if (yes || (process.stdin.isTTY && stderr.isTTY)) return;
  throw new UsageError('there is no terminal to ask on: add --yes to go on without being asked');
}

/** Asks the person at the terminal; what they write is one line. */
export async function ask(question: string, { stderr }: Terminal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: stderr });
  try {
    // Ctrl-C and the end of input close it, and nobody answers any more.
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    return (await Promise.race([lines.question(`${question} `), closed])).trim();
  } finally {
    lines.close();
  }
}
