import { styleText } from 'node:util';
import { columns, cut, wrap } from './plain.js';
import { type Cell, type Column, table } from './table.js';

type Paint = (text: string) => string;

export interface Ink {
  readonly good: Paint;
  readonly bad: Paint;
  readonly doubtful: Paint;
  /** What may be read last. */
  readonly faint: Paint;
  readonly strong: Paint;
}

type Format = Parameters<typeof styleText>[0];

export function ink(color: boolean): Ink {
  const paint =
    (format: Format): Paint =>
    (text) =>
      color && text !== '' ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: paint('green'),
    bad: paint('red'),
    doubtful: paint('yellow'),
    faint: paint('dim'),
    strong: paint('bold'),
  };
}

const INDENT = '  ';

/** What a report is written on, from top to bottom. */
export interface Paper {
  /** Columns that there is room for. */
  readonly width: number;
  readonly ink: Ink;
  /** One line that is known to fit, painted or not. */
  line(text?: string): void;
  /** Begins a section with its title, and a word of explanation. */
  section(title: string, aside?: string): void;
  /** `lead` stands before the text, and sets all of it in. */
  text(text: string, options?: { readonly lead?: string; readonly paint?: Paint }): void;
  /** One line of something foreign, cut where the page ends. */
  excerpt(text: string, lead: string): void;
  table(head: readonly Column[], rows: readonly (readonly Cell[])[]): void;
}

/** A page of plain text; nothing on it is wider than it is. */
export class Sheet implements Paper {
  readonly width: number;
  readonly ink: Ink;
  readonly #lines: string[] = [];

  constructor(width: number, color: boolean) {
    this.width = width;
    this.ink = ink(color);
  }

  line(text = ''): void {
    this.#lines.push(text);
  }

  /** An empty line, the title, and beside it the aside if there is room. */
  section(title: string, aside = ''): void {
    this.line();
    const fits = aside !== '' && columns(title) + 2 + columns(aside) <= this.width;
    this.line(this.ink.strong(cut(title, this.width)) + (fits ? `  ${this.ink.faint(aside)}` : ''));
    if (aside !== '' && !fits) this.text(aside, { paint: this.ink.faint });
  }

  /** Wrapped: `lead` stands before the first line. */
  text(text: string, options: { readonly lead?: string; readonly paint?: Paint } = {}): void {
    const { lead = INDENT, paint = (line: string) => line } = options;
    const blank = ' '.repeat(columns(lead));
    wrap(text, this.width - columns(lead)).forEach((line, i) => {
      this.line((i === 0 ? lead : blank) + paint(line));
    });
  }

  excerpt(text: string, lead: string): void {
    this.line(lead + this.ink.faint(cut(text, this.width - columns(lead))));
  }

  table(head: readonly Column[], rows: readonly (readonly Cell[])[]): void {
    for (const line of table(head, rows, this.width - INDENT.length, this.ink.faint)) {
      this.line(INDENT + line);
    }
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}
