/**
 * A small terminal: what it is told in text and escape sequences, it shows as lines. When it gets
 * narrower it breaks lines anew, as most do; a sequence that it does not know is a mistake.
 */
export class Screen {
  columns: number;
  rows: number;
  readonly isTTY = true;
  cursorShown = true;
  /** Frames between the marks of synchronized output. */
  frames = 0;
  /** All that was ever written. */
  written = '';
  #lines: string[][] = [[]];
  #row = 0;
  #column = 0;
  #open = false;

  constructor(columns: number, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  /** Without trailing blanks and empty lines at the end. */
  get lines(): string[] {
    const lines = this.#lines.map((line) => line.join('').trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  resize(columns: number): void {
    const lines: string[][] = [];
    this.#lines.forEach((line, row) => {
      if (row === this.#row) this.#row = lines.length;
      do lines.push(line.splice(0, columns));
      while (line.length > 0);
    });
    this.#lines = lines;
    this.columns = columns;
  }

  write(text: string): boolean {
    this.written += text;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it reads
    for (const [token] of text.matchAll(/\x1b\[[?0-9;]*[A-Za-z]|[\s\S]/gu)) this.#take(token);
    return true;
  }

  on(): this {
    return this;
  }
  off(): this {
    return this;
  }
  hasColors(): boolean {
    return false;
  }

  #take(token: string): void {
    if (token === '\n') {
      this.#row++;
      this.#column = 0;
      this.#line();
    } else if (token === '\r') this.#column = 0;
    else if (token.startsWith('\x1b')) this.#obey(token.slice(2));
    else {
      if (this.#column === this.columns) throw new Error(`a line is wider than ${this.columns}`);
      this.#line()[this.#column++] = token;
    }
  }

  #obey(sequence: string): void {
    const up = /^(\d+)A$/.exec(sequence)?.[1];
    if (up !== undefined) this.#row = Math.max(0, this.#row - Number(up));
    else if (sequence === 'K') this.#line().length = this.#column;
    else if (sequence === 'J') {
      this.#line().length = this.#column;
      this.#lines.length = this.#row + 1;
    } else if (sequence === '?25l') this.cursorShown = false;
    else if (sequence === '?25h') this.cursorShown = true;
    else if (sequence === '?2026h') {
      if (this.#open) throw new Error('a frame begins within a frame');
      this.#open = true;
    } else if (sequence === '?2026l') {
      this.#open = false;
      this.frames++;
    } else if (!/^\d*(;\d+)*m$/.test(sequence)) throw new Error(`unknown: ESC [ ${sequence}`);
  }

  #line(): string[] {
    while (this.#lines.length <= this.#row) this.#lines.push([]);
    return this.#lines[this.#row]!;
  }
}
