import { styleText } from 'node:util';
import { plainLines } from '../../report/render/plain.js';

/** The outside of a command: what it may read of its surroundings and where it speaks. */
export interface Terminal {
  /** The result, and nothing else. */
  readonly stdout: NodeJS.WriteStream;
  /** Progress and messages. */
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the process will end with. */
  exitCode: number;
}

export type Format = Parameters<typeof styleText>[0];

/** Whether a stream takes colour: `NO_COLOR`, `FORCE_COLOR` and pipes are obeyed as Node does. */
export function hasColor(stream: NodeJS.WriteStream): boolean {
  return styleText('bold', 'x', { stream }) !== 'x';
}

/** Columns of a stream; what is no terminal is written for 80. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? Math.max(40, stream.columns || 80) : 80;
}

/** Whether a line can be rewritten in place there. */
export function isLive(terminal: Terminal): boolean {
  const { CI, TERM } = terminal.env;
  return Boolean(terminal.stderr.isTTY) && !CI && TERM !== 'dumb';
}

/** A message to the person at the terminal; whatever it quotes, the terminal obeys none of it. */
export function say(terminal: Terminal, message: string, format?: Format): void {
  const safe = plainLines(message);
  const text = format ? styleText(format, safe, { stream: terminal.stderr }) : safe;
  terminal.stderr.write(`${text}\n`);
}

/** The result. Ends with a line break, whoever made it. */
export function print(terminal: Terminal, text: string): void {
  terminal.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** A result in pieces, no faster than it is taken; a reader that has seen enough ends it. */
export async function pour({ stdout }: Terminal, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (stdout.destroyed || !stdout.writable) return;
    if (!stdout.write(piece)) await room(stdout);
  }
}

function room(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const events = ['drain', 'close', 'error'] as const;
    const done = () => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.once(event, done);
  });
}
