import { type BillLine, TITLES } from '../../cloud/bill.js';
import { bytes, count, usd } from './figures.js';
import type { Cell } from './table.js';

/** A line of a bill as cells: what, how much of it. */
export function costCells({ item, quantity }: Pick<BillLine, 'item' | 'quantity'>): Cell[] {
  return [TITLES[item], quantityText({ item, quantity })];
}

/** `–` where a price is missing: nothing is put in its place. */
export function usdText(dollars: number | null): string {
  return dollars === null ? '–' : usd(dollars);
}

function quantityText({ item, quantity }: Pick<BillLine, 'item' | 'quantity'>): string {
  if (item === 'gbSeconds') return `${count(quantity)} GB-s`;
  return item.startsWith('bytes') ? bytes(quantity) : count(quantity);
}
