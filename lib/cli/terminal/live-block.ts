import { stripVTControlCharacters } from 'node:util';
import { columns } from '../../report/render/plain.js';

// Terminals that know synchronized output show what stands between these two at once.
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const ERASE_LINE_END = '\x1b[K';
const ERASE_BELOW = '\x1b[J';

/**
 * Some lines at the end of a terminal's output that are drawn again in place. The cursor rests at
 * the start of the line below them; while they stand there it is hidden.
 */
export class LiveBlock {
  readonly #stream: NodeJS.WriteStream;
  #drawn: readonly string[] = [];
  #width = 0;
  #hidden = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** No line may be as wide as the terminal: a full one makes some terminals wrap. */
  draw(lines: readonly string[]): void {
    const { rows = 24, columns: width = 80 } = this.#stream;
    // What has scrolled off the top cannot be drawn again.
    const shown = lines.slice(0, Math.max(1, rows - 1));
    const same =
      width === this.#width &&
      shown.length === this.#drawn.length &&
      shown.every((line, index) => line === this.#drawn[index]);
    if (same) return;
    const body = shown.map((line) => `${line}${ERASE_LINE_END}\n`).join('');
    this.#write(`${this.#hide()}${BEGIN}${this.#home(width)}${body}${ERASE_BELOW}${END}`);
    this.#drawn = shown;
    this.#width = width;
  }

  /** Takes the lines away and gives the cursor back. */
  clear(): void {
    if (this.#drawn.length > 0) {
      this.#write(`${BEGIN}${this.#home(this.#stream.columns ?? 80)}${ERASE_BELOW}${END}`);
      this.#drawn = [];
    }
    this.#show();
  }

  /**
   * To where the first line begins. A terminal that became narrower has broken the lines that no
   * longer fit, so that there are more of them than were drawn.
   */
  #home(width: number): string {
    let up = 0;
    for (const line of this.#drawn) {
      up += Math.max(1, Math.ceil(columns(stripVTControlCharacters(line)) / Math.max(1, width)));
    }
    return up === 0 ? '\r' : `\r\x1b[${up}A`;
  }

  #hide(): string {
    if (this.#hidden) return '';
    this.#hidden = true;
    process.on('exit', this.#show);
    return HIDE_CURSOR;
  }

  readonly #show = (): void => {
    if (!this.#hidden) return;
    this.#hidden = false;
    process.off('exit', this.#show);
    this.#write(SHOW_CURSOR);
  };

  #write(text: string): void {
    this.#stream.write(text);
  }
}
