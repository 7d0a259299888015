import { styleText } from 'node:util';

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

/** A message to the person at the terminal. */
export function say(terminal: Terminal, line: string, format?: Format): void {
  const text = format ? styleText(format, line, { stream: terminal.stderr }) : line;
  terminal.stderr.write(`${text}\n`);
}

/** The result. Ends with a line break, whoever made it. */
export function print(terminal: Terminal, text: string): void {
  terminal.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
