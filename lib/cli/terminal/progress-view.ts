import type { Progress } from '../../store/progress.js';
import { LiveBlock } from './live-block.js';
import { liveLines } from './live-lines.js';
import { progressText } from './progress-text.js';
import { hasColor, isLive, say, type Terminal, widthOf } from './terminal.js';

const LOG_EVERY_MS = 10_000;
const DRAW_EVERY_MS = 250;

/**
 * What a run is doing, on stderr: on a terminal a block that is drawn again in place, elsewhere a
 * line every ten seconds, so that a log stays readable. Quiet shows nothing.
 */
export class ProgressView {
  readonly #terminal: Terminal;
  readonly #mode: 'live' | 'log' | 'none';
  readonly #now: () => number;
  readonly #block: LiveBlock;
  #timer: NodeJS.Timeout | null = null;
  #progress: Progress | null = null;
  #heardAtMs = 0;
  /** The run's first instant on our own clock: of all tellings, that of the least delay. */
  #startAtMs = Number.POSITIVE_INFINITY;
  #saidAtMs: number;

  constructor(
    terminal: Terminal,
    options: { readonly quiet: boolean; readonly now?: () => number },
  ) {
    this.#terminal = terminal;
    this.#mode = options.quiet ? 'none' : isLive(terminal) ? 'live' : 'log';
    this.#now = options.now ?? (() => performance.now());
    this.#block = new LiveBlock(terminal.stderr);
    this.#saidAtMs = this.#now();
  }

  show(progress: Progress): void {
    if (this.#mode === 'none') return;
    const now = this.#now();
    this.#progress = progress;
    this.#heardAtMs = now;
    if (progress.elapsedUs !== -1) {
      this.#startAtMs = Math.min(this.#startAtMs, now - progress.elapsedUs / 1000);
    }
    if (this.#mode === 'log') {
      if (now - this.#saidAtMs < LOG_EVERY_MS) return;
      this.#saidAtMs = now;
      this.#terminal.stderr.write(`${progressText(progress)}\n`);
      return;
    }
    this.#draw();
    if (this.#timer) return;
    // Between two tellings the clock goes on, and the terminal may change its size.
    this.#timer = setInterval(this.#draw, DRAW_EVERY_MS);
    this.#timer.unref();
    this.#terminal.stderr.on('resize', this.#draw);
    process.on('SIGTSTP', this.#suspend);
  }

  /** A message that stays, above the block. */
  say(text: string): void {
    this.#block.clear();
    say(this.#terminal, text);
    if (this.#timer) this.#draw();
  }

  /** The end of it: nothing is left behind. */
  clear(): void {
    if (this.#timer) {
      clearInterval(this.#timer);
      this.#timer = null;
      this.#terminal.stderr.off('resize', this.#draw);
      process.off('SIGTSTP', this.#suspend);
    }
    this.#block.clear();
  }

  readonly #draw = (): void => {
    const progress = this.#progress;
    if (progress === null) return;
    const { stderr } = this.#terminal;
    const now = this.#now();
    const started = this.#startAtMs !== Number.POSITIVE_INFINITY;
    const scene = {
      progress,
      elapsedUs: started ? (now - this.#startAtMs) * 1000 : progress.elapsedUs,
      quietMs: now - this.#heardAtMs,
    };
    this.#block.draw(liveLines(scene, { width: widthOf(stderr) - 1, color: hasColor(stderr) }));
  };

  /** Ctrl-Z: whoever gets the terminal meanwhile gets its cursor too. */
  readonly #suspend = (): void => {
    this.#block.clear();
    process.kill(process.pid, 'SIGSTOP');
  };
}
