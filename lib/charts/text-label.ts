import { element, escaped, seen } from './markup.js';
import { fitted, textWidth } from './text-width.js';

/** Every text of a chart has one of these looks; the style sheet is made from this table. */
export const TEXT_STYLES = {
  body: { size: 12, bold: false },
  strong: { size: 12, bold: true },
  faint: { size: 12, bold: false },
  axis: { size: 11, bold: false },
  key: { size: 11, bold: false },
  mark: { size: 10, bold: true },
} as const;
export type TextStyle = keyof typeof TEXT_STYLES;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface TextLabel {
  readonly text: string;
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly style: TextStyle;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** More classes. */
  readonly look?: string;
  /** What was cut off to make it fit: shown when pointed at. */
  readonly whole?: string;
}

const ASCENT = 0.8;
const DESCENT = 0.24;

export function lineHeight(style: TextStyle): number {
  return Math.ceil(TEXT_STYLES[style].size * 1.35);
}

export function widthOf(text: string, style: TextStyle): number {
  const { size, bold } = TEXT_STYLES[style];
  return textWidth(seen(text), size, bold);
}

/** Text and what it was before it was cut to a width. */
export function shortened(
  text: string,
  style: TextStyle,
  width: number,
): { readonly text: string; readonly whole?: string } {
  const { size, bold } = TEXT_STYLES[style];
  const whole = seen(text);
  const cut = fitted(whole, width, size, bold);
  return cut === whole ? { text: whole } : { text: cut, whole };
}

export function boxOf({ text, x, y, style, anchor = 'start' }: TextLabel): Box {
  const width = widthOf(text, style);
  const { size } = TEXT_STYLES[style];
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { x: left, y: y - ASCENT * size, width, height: (ASCENT + DESCENT) * size };
}

export function draw({ text, x, y, style, anchor, look, whole }: TextLabel): string {
  if (seen(text) === '') return '';
  return element(
    'text',
    {
      class: look === undefined ? `t-${style}` : `t-${style} ${look}`,
      x,
      y,
      'text-anchor': anchor === 'start' ? undefined : anchor,
    },
    ...(whole === undefined ? [] : [element('title', {}, escaped(whole))]),
    escaped(text),
  );
}

export function overlap(a: Box, b: Box, gap = 0): boolean {
  return (
    a.x < b.x + b.width + gap &&
    b.x < a.x + a.width + gap &&
    a.y < b.y + b.height + gap &&
    b.y < a.y + a.height + gap
  );
}

export function within(box: Box, bounds: Box): boolean {
  return (
    box.x >= bounds.x &&
    box.y >= bounds.y &&
    box.x + box.width <= bounds.x + bounds.width &&
    box.y + box.height <= bounds.y + bounds.height
  );
}
