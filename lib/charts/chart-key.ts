import {
  type Box,
  boxOf,
  draw,
  lineHeight,
  shortened,
  type TextLabel,
  widthOf,
} from './text-label.js';

/** One sign and what it stands for. */
export interface KeyEntry {
  readonly text: string;
  /** Of the sign, which is drawn with its left edge at x and its middle at y. */
  readonly width: number;
  readonly sign: (x: number, y: number) => string;
  /** A text within the sign, such as a number in a dot. */
  readonly mark?: (x: number, y: number) => TextLabel;
}

export interface Key {
  readonly markup: string;
  readonly height: number;
  readonly boxes: readonly Box[];
}

const SIGN_GAP = 5;
const ENTRY_GAP = 14;
const STYLE = 'key';

/**
 * What the signs of a chart mean, in as many lines as it takes. In columns, if there is more than a
 * line of them.
 */
export function chartKey(
  entries: readonly KeyEntry[],
  { x, y, width }: { readonly x: number; readonly y: number; readonly width: number },
): Key {
  if (entries.length === 0) return { markup: '', height: 0, boxes: [] };
  const line = lineHeight(STYLE) + 4;
  const texts = entries.map((entry) =>
    shortened(entry.text, STYLE, Math.max(0, width - entry.width - SIGN_GAP)),
  );
  const widths = entries.map(
    (entry, i) => entry.width + SIGN_GAP + widthOf(texts[i]!.text, STYLE) + ENTRY_GAP,
  );
  const starts = columnStarts(widths, width + ENTRY_GAP);
  const parts: string[] = [];
  const boxes: Box[] = [];
  let row = -1;
  let column = 0;
  let left = 0;
  for (const [i, entry] of entries.entries()) {
    const fits =
      row >= 0 &&
      (starts === null ? left + widths[i]! <= width + ENTRY_GAP : column < starts.length);
    if (!fits) [row, column, left] = [row + 1, 0, 0];
    const at = x + (starts === null ? left : starts[column]!);
    const middle = y + row * line + line / 2;
    const label: TextLabel = {
      ...texts[i]!,
      x: at + entry.width + SIGN_GAP,
      y: middle + 3.9,
      style: STYLE,
    };
    parts.push(entry.sign(at, middle), draw(label));
    boxes.push(boxOf(label), { x: at, y: middle - line / 2, width: entry.width, height: line });
    const mark = entry.mark?.(at, middle);
    if (mark !== undefined) parts.push(draw(mark));
    left += widths[i]!;
    column++;
  }
  return { markup: parts.join(''), height: (row + 1) * line, boxes };
}

/** null: one after the other, as they come, because a line has room for all or for no two. */
function columnStarts(widths: readonly number[], width: number): number[] | null {
  const sum = widths.reduce((all, one) => all + one, 0);
  const widest = Math.max(...widths);
  // One that is much longer than the others would leave holes.
  if (sum <= width || widest > (1.5 * sum) / widths.length) return null;
  const columns = Math.max(1, Math.floor(width / widest));
  if (columns === 1) return null;
  return Array.from({ length: columns }, (_, i) => i * widest);
}
