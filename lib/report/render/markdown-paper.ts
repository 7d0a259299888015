import { htmlText, LONGEST_SENTENCE, prose, row } from './markdown-text.js';
import { type Ink, ink, type Paper } from './sheet.js';
import type { Cell, Column } from './table.js';

const MOST_ROWS = 100;
/** Marks that are coloured elsewhere. */
const SIGNS: Readonly<Record<string, string>> = { '✓': '✅', '✗': '❌', '!': '⚠️', '·': '' };

/** What a report is written on as Markdown: each section a block of its own, folded or not. */
export class MarkdownPaper implements Paper {
  readonly width = 100;
  readonly ink: Ink = ink(false);
  readonly #sections: string[][] = [];
  #folded = false;

  /** From here on sections are folded. */
  fold(): void {
    this.#folded = true;
  }

  /** Lines of Markdown as they are. */
  block(markdown: string): void {
    const last = this.#sections.at(-1);
    if (last === undefined) this.#sections.push([markdown]);
    else last.push(markdown);
  }

  /** Lines are kept apart by themselves. */
  line(): void {}

  section(title: string, aside = ''): void {
    if (this.#folded) {
      const small = aside === '' ? '' : ` <sub>${htmlText(aside)}</sub>`;
      const summary = `<summary><b>${htmlText(title)}</b>${small}</summary>`;
      this.#sections.push([`<details>${summary}`]);
      return;
    }
    const small = aside === '' ? '' : ` <sub>${prose(aside)}</sub>`;
    this.#sections.push([`### ${prose(title)}${small}`]);
  }

  text(
    text: string,
    { lead = '', paint }: { readonly lead?: string; readonly paint?: Ink['faint'] } = {},
  ): void {
    const mark = lead.trim();
    const sign = SIGNS[mark] ?? mark;
    const words = prose(sign === '' ? text : `${sign} ${text}`, LONGEST_SENTENCE);
    const said = paint === this.ink.faint ? `<sub>${words}</sub>` : words;
    // What is set in, or marked, is one of several; other leads are the beginning of a sentence.
    if (lead.length > 2 && mark.length <= 2) this.#item(said);
    else this.block(said);
  }

  excerpt(text: string): void {
    this.#item(prose(text));
  }

  table(head: readonly Column[], rows: readonly (readonly Cell[])[]): void {
    const shown = rows.slice(0, MOST_ROWS);
    this.block(
      [
        row(head.map(({ title }) => prose(title))),
        row(head.map(({ align }) => (align === 'left' ? ':--' : '--:'))),
        ...shown.map((cells) =>
          row(head.map(({ align }, i) => cellText(cells[i] ?? '', align === 'left'))),
        ),
      ].join('\n'),
    );
    const more = rows.length - shown.length;
    if (more > 0) this.text(`and ${more} more, in report.json`);
  }

  /** As much as `maxBytes` hold: sections from the front, each whole. */
  toMarkdown(maxBytes: number): string {
    let text = '';
    for (const blocks of this.#sections) {
      const closing = blocks[0]?.startsWith('<details>') ? ['</details>'] : [];
      const next = `${[...blocks, ...closing].join('\n\n')}\n\n`;
      const bytes = Buffer.byteLength(text) + Buffer.byteLength(next);
      if (bytes > maxBytes - Buffer.byteLength(REST)) {
        return text + (Buffer.byteLength(text) + Buffer.byteLength(REST) > maxBytes ? '' : REST);
      }
      text += next;
    }
    return text;
  }

  #item(text: string): void {
    const item = `- ${text}`;
    const blocks = this.#sections.at(-1);
    if (blocks?.at(-1)?.startsWith('- ')) blocks.push(`${blocks.pop()}\n${item}`);
    else this.block(item);
  }
}

const REST = 'The rest does not fit in here: it is in report.json.\n\n';

/** Figures stay with their units. */
function cellText(cell: Cell, broken: boolean): string {
  const text = prose(typeof cell === 'string' ? cell : cell.text);
  return broken ? text : text.replaceAll(' ', '\u00a0');
}
