/**
 * How wide a text is, without a font at hand: the widest of the usual sans-serifs, so that what is
 * laid out by it leaves room on every machine. Hundredths of the font size, from the space to `~`.
 */
const REGULAR = [
  '32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34',
  '84 84 84 56 102 68 69 72 77 67 61 78 75 29 50 67 56 86 75 79 67 79 72 67 61 73 68 99',
  '69 67 69 39 34 39 84 56 50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52',
  '39 63 59 82 59 59 52 64 34 64 84',
]
  .join(' ')
  .split(' ')
  .map(Number);

const BOLD = [
  '35 46 52 84 70 100 87 31 46 46 52 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40',
  '84 84 84 61 100 77 76 73 83 68 68 82 84 37 56 77 64 100 84 85 73 85 77 72 68 81 77',
  '110 77 72 73 46 37 46 84 56 50 67 72 59 72 68 44 72 71 34 34 67 34 104 71 69 72 72',
  '49 60 48 71 65 92 65 65 58 71 37 71 84',
]
  .join(' ')
  .split(' ')
  .map(Number);

export function textWidth(text: string, size: number, bold = false): number {
  const widths = bold ? BOLD : REGULAR;
  let hundredths = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    hundredths += widths[code - 32] ?? beyondAscii(character, code, bold);
  }
  return (hundredths * size) / 100;
}

/** The text cut to a width, ending in `…` where something was cut off. */
export function fitted(text: string, width: number, size: number, bold = false): string {
  if (textWidth(text, size, bold) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (textWidth(`${kept}${character}…`, size, bold) > width) break;
    kept += character;
  }
  return kept === '' ? '' : `${kept.trimEnd()}…`;
}

function beyondAscii(character: string, code: number, bold: boolean): number {
  if (/\p{Mn}|\p{Me}/u.test(character)) return 0;
  // Latin with marks, Greek, Cyrillic: the widest letters are as wide as an M.
  if (code < 0x590) return /[\p{Lu}\p{So}]/u.test(character) ? 100 : bold ? 78 : 72;
  // Wide scripts and pictures; signs in between are at most as wide.
  return code > 0xffff ? 140 : 110;
}
