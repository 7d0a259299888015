import { cut } from '../../report/render/plain.js';
import { isLive, say, type Terminal, widthOf } from './terminal.js';

const EVERY_MS = 10_000;

/**
 * What a run is doing: on a terminal one line rewritten in place, elsewhere a line every ten
 * seconds, so that a log stays readable. Quiet shows nothing.
 */
export class StatusLine {
  readonly #terminal: Terminal;
  readonly #mode: 'live' | 'log' | 'none';
  readonly #now: () => number;
  #shown = false;
  #saidAtMs: number;

  constructor(terminal: Terminal, quiet: boolean, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#mode = quiet ? 'none' : isLive(terminal) ? 'live' : 'log';
    this.#now = now;
    this.#saidAtMs = now();
  }

  show(text: string): void {
    if (this.#mode === 'none') return;
    const { stderr } = this.#terminal;
    if (this.#mode === 'live') {
      // One column is left free: a full line makes some terminals wrap.
      stderr.write(`\r\x1b[2K${cut(text, widthOf(stderr) - 1)}`);
      this.#shown = true;
      return;
    }
    const now = this.#now();
    if (now - this.#saidAtMs < EVERY_MS) return;
    this.#saidAtMs = now;
    stderr.write(`${text}\n`);
  }

  /** A message that stays, above the line. */
  say(text: string): void {
    this.clear();
    say(this.#terminal, text);
  }

  clear(): void {
    if (!this.#shown) return;
    this.#terminal.stderr.write('\r\x1b[2K');
    this.#shown = false;
  }
}
