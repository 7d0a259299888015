import { button, element } from './elements.js';
import { quantityOf } from './quantity.js';

/** Headings become buttons that sort, rows with an address get a link to it. */
export function prepareTables(within: ParentNode): void {
  for (const table of within.querySelectorAll<HTMLTableElement>(
    'table.sortable:not(.ready, .paper *)',
  )) {
    prepareTable(table);
  }
}

export function prepareTable(table: HTMLTableElement): void {
  table.classList.add('ready');
  const headings = [...(table.tHead?.rows[table.tHead.rows.length - 1]?.cells ?? [])];
  const body = table.tBodies[0];
  if (!body) return;
  for (const row of body.rows) addLink(row);
  const order = [...body.rows];
  headings.forEach((heading, column) => {
    const text = heading.textContent ?? '';
    heading.replaceChildren(button(text, () => sort(table, headings, column, order)));
  });
}

function addLink(row: HTMLTableRowElement): void {
  if (row.id === '' || row.querySelector('.to')) return;
  const link = element('a', { href: `#${row.id}`, className: 'to', textContent: '#' });
  link.setAttribute('aria-label', 'Address of this row');
  row.cells[0]?.append(' ', link);
}

/** Worst first, then best first, then as it was. */
function sort(
  table: HTMLTableElement,
  headings: readonly HTMLElement[],
  column: number,
  order: readonly HTMLTableRowElement[],
): void {
  const body = table.tBodies[0];
  const heading = headings[column];
  if (!body || !heading) return;
  const said = (row: HTMLTableRowElement) => row.cells[column]?.textContent ?? '';
  const keys = new Map(order.map((row) => [row, quantityOf(said(row))]));
  const numbers = [...keys.values()].filter((value) => value !== null).length;
  const byNumber = numbers > 0;
  const steps = byNumber ? ['descending', 'ascending'] : ['ascending', 'descending'];
  const now = steps[steps.indexOf(heading.getAttribute('aria-sort') ?? '') + 1];
  for (const one of headings) one.removeAttribute('aria-sort');
  if (now === undefined) {
    body.append(...order);
    return;
  }
  heading.setAttribute('aria-sort', now);
  const sign = now === 'ascending' ? 1 : -1;
  const sorted = [...order].sort((a, b) => {
    if (!byNumber) return sign * said(a).localeCompare(said(b), 'en', { numeric: true });
    const [left, right] = [keys.get(a) ?? null, keys.get(b) ?? null];
    // What has no number comes last, whichever way.
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return left === right ? 0 : sign * (left - right);
  });
  body.append(...sorted);
}
