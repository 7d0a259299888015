import { Writable } from 'node:stream';
import type { Terminal } from '../../lib/cli/terminal/terminal.js';

class Heard extends Writable {
  text = '';
  readonly isTTY: boolean;
  readonly columns = 80;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  getColorDepth(): number {
    return this.isTTY ? 8 : 1;
  }
}

/** A terminal that remembers what was said to it. */
export function heardTerminal(options: { tty?: boolean; env?: Terminal['env'] } = {}) {
  const stdout = new Heard(options.tty ?? false);
  const stderr = new Heard(options.tty ?? false);
  const terminal: Terminal = {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    env: options.env ?? {},
    exitCode: 0,
  };
  return { terminal, said: () => ({ out: stdout.text, err: stderr.text }) };
}
