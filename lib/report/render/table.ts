import { columns, cut } from './plain.js';

export interface Column {
  readonly title: string;
  /** Names go left, figures right (the default). */
  readonly align?: 'left' | 'right';
  /** Where there is no room for all, columns with a number go, the highest first. */
  readonly optional?: number;
  /** The first column only: never cut, as what it holds is there to be copied. */
  readonly whole?: true;
}

/** What a cell says, and how it looks where there is colour. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

const GAP = 2;
/** The first column gives way to the others, but not below this. */
const NAME_LEAST = 16;
/** Nor other columns of text below this. */
const TEXT_LEAST = 8;

/** Lines of a table that fits `width`: its first column is cut, then optional columns are left out. */
export function table(
  head: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paintHead: (text: string) => string = (text) => text,
): string[] {
  const natural = head.map((column, i) =>
    Math.max(columns(column.title), ...rows.map((row) => columns(textOf(row[i] ?? '')))),
  );
  const shown = head.map((_, i) => i);
  const others = () => shown.slice(1).reduce((sum, i) => sum + GAP + (natural[i] ?? 0), 0);
  const nameLeast = Math.min(natural[0] ?? 0, head[0]?.whole ? Infinity : NAME_LEAST);
  while (others() + nameLeast > width) {
    const out = shown.reduce((worst, i) => (order(head[i]) > order(head[worst]) ? i : worst), 0);
    if (order(head[out]) === 0) break;
    shown.splice(shown.indexOf(out), 1);
  }
  const widths = [...natural];
  widths[0] = Math.max(nameLeast, Math.min(natural[0] ?? 0, width - others()));
  // What is not dropped gives way where it is text, too.
  let over = widths[0] + others() - width;
  for (const i of shown.slice(1).filter((i) => head[i]?.align === 'left')) {
    const less = Math.max(0, Math.min(over, natural[i]! - TEXT_LEAST));
    widths[i] = natural[i]! - less;
    over -= less;
  }

  const line = (cells: readonly Cell[]) =>
    shown
      .map((i, place) => pad(cells[i] ?? '', widths[i] ?? 0, head[i], place === shown.length - 1))
      .join(' '.repeat(GAP))
      .trimEnd();
  const titles = head.map((column) => ({ text: column.title, paint: paintHead }));
  const anyTitle = head.some((column) => column.title !== '');
  return [...(anyTitle ? [line(titles)] : []), ...rows.map(line)];
}

function order(column: Column | undefined): number {
  return column?.optional ?? 0;
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function pad(cell: Cell, width: number, column: Column | undefined, last: boolean): string {
  const text = cut(textOf(cell), width);
  const blank = ' '.repeat(Math.max(0, width - columns(text)));
  const painted = typeof cell === 'string' ? text : cell.paint(text);
  if (column?.align === 'left') return last ? painted : painted + blank;
  return blank + painted;
}
