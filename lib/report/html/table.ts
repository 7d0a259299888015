import { type Content, html, joined, type Markup } from './markup.js';
import { type Format, MASKED, NOTHING, type Operation, type Trace } from './trace.js';

/** A column whose figures come from the row's place in report.json. */
export interface FigureColumn {
  readonly title: Content;
  /** From the row's place; several, parted by blanks, where `op` says what becomes of them. */
  readonly of: string;
  readonly as: Format;
  readonly op?: Operation;
  /** Above it stands this, with its neighbours of the same group. */
  readonly group?: string;
}

/** A column of anything else. */
interface FreeColumn<T> {
  readonly title: string;
  readonly cell: (item: T) => Content;
  readonly left?: true;
}

export type Column<T> = FigureColumn | FreeColumn<T>;

export interface Row<T> {
  readonly item: T;
  readonly head: Content;
  /** Where in report.json its figures are; where the table says it for all rows, its index. */
  readonly at: string | number;
  readonly id?: string;
  readonly look?: string;
  /** Where its place has no others: the columns that have a figure, by `of`. */
  readonly only?: readonly string[];
  /** More attributes, for the script. */
  readonly data?: Readonly<Record<string, string>>;
}

export interface Table<T> {
  readonly caption: string;
  /** The list in report.json of which each row is an item, in its order. */
  readonly list?: string;
  /** What the row headings are. */
  readonly heads: string;
  /** Where the row headings are figures, too. */
  readonly headOf?: { readonly of: string; readonly as: Format };
  readonly columns: readonly Column<T>[];
  readonly rows: readonly Row<T>[];
  /** Sums; they stay below when rows are sorted. */
  readonly foot?: readonly Row<T>[];
  readonly look?: string;
  /** Its order is what it says; it is not for sorting. */
  readonly fixed?: true;
}

/**
 * A table in a frame that scrolls by itself where it is too wide. Every figure can be traced: the
 * row says its place in report.json (`data-at`, or `data-list` for all of them in order), the
 * column the rest of the way (`data-of`). A heading at the beginning of a row is one of the row
 * without saying so.
 */
export function table<T>(trace: Trace, spec: Table<T>): Markup {
  const { caption, heads, headOf, columns, rows, list, foot = [] } = spec;
  const look = [spec.look, spec.fixed ? null : 'sortable'].filter(Boolean).join(' ');
  const body = rows.map((row) => tableRow(trace, columns, row, list));
  return html`<div class="frame" role="region" aria-label="${caption}" tabindex="0"><table class="${look}"${list !== undefined && html` data-list="${list}"`}><caption>${caption}</caption><thead>${groups(columns)}<tr><th scope="col"${
    headOf !== undefined && html` data-of="${headOf.of}" data-as="${headOf.as}"`
  }>${heads}${columns.map(heading)}<tbody>${joined(body)}${
    foot.length > 0 && html`<tfoot>${foot.map((row) => tableRow(trace, columns, row))}`
  }</table></div>`;
}

/** Cells are many and their end tags may be left out: so they are. */
function tableRow<T>(
  trace: Trace,
  columns: readonly Column<T>[],
  row: Row<T>,
  list?: string,
): Markup {
  const at = list === undefined ? String(row.at) : `${list}/${row.at}`;
  const data = Object.entries(row.data ?? {}).map(([key, value]) => html` data-${key}="${value}"`);
  const cells = columns.map((column) => cell(trace, column, row, at));
  return html`<tr${row.id !== undefined && html` id="${row.id}"`}${
    row.look !== undefined && html` class="${row.look}"`
  }${list === undefined && html` data-at="${at}"`}${data}><th>${row.head}${joined(cells)}`;
}

function cell<T>(trace: Trace, column: Column<T>, { item, only }: Row<T>, at: string): Markup {
  if (!('of' in column)) {
    return column.left ? html`<td class="l">${column.cell(item)}` : html`<td>${column.cell(item)}`;
  }
  const { of, as, op } = column;
  if (only !== undefined && !only.includes(of)) return html`<td>`;
  const text =
    op === undefined
      ? trace.shown(`${at}/${of}`, as)
      : trace.reckoned(
          op,
          of.split(' ').map((part) => `${at}/${part}`),
          as,
        );
  if (text === MASKED) return html`<td class="x">${text}`;
  return text === NOTHING ? html`<td class="z">${text}` : html`<td>${text}`;
}

function heading<T>(column: Column<T>): Markup {
  if (!('of' in column)) {
    return column.left
      ? html`<th scope="col" class="l">${column.title}`
      : html`<th scope="col">${column.title}`;
  }
  const { title, of, as, op } = column;
  return html`<th scope="col" data-of="${of}" data-as="${as}"${
    op !== undefined && html` data-op="${op}"`
  }>${title}`;
}

/** The row above the headings, where columns belong together. */
function groups<T>(columns: readonly Column<T>[]): Markup | null {
  const names = columns.map((column) => ('group' in column ? (column.group ?? '') : ''));
  if (names.every((name) => name === '')) return null;
  const spans: { name: string; width: number }[] = [];
  for (const name of names) {
    const last = spans.at(-1);
    if (last?.name === name) last.width++;
    else spans.push({ name, width: 1 });
  }
  return html`<tr class="groups"><td>${spans.map(({ name, width }) =>
    name === ''
      ? html`<td colspan="${width}">`
      : html`<th scope="colgroup" colspan="${width}">${name}`,
  )}`;
}
