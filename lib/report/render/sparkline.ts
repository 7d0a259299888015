const LEVELS = '▁▂▃▄▅▆▇█';
const TO_COME = '·';

/**
 * A series as a line of bars from 0 to its highest value, no wider than `width`: neighbours are
 * drawn as one where there is no room, by the higher of them, and broader where there is. A blank is a stretch without a
 * value; of `length` points in all, those that are yet to come are dots.
 *
 *     sparkline([1, 2, null, 8], 6, 6) // '▁▂ █··'
 */
export function sparkline(
  series: readonly (number | null)[],
  length: number,
  width: number,
): string {
  const points = Math.max(length, series.length);
  if (points === 0 || width < 1) return '';
  const each = Math.ceil(points / width);
  const broad = Math.max(1, Math.floor(width / points));
  const highest = Math.max(0, ...series.map((value) => value ?? 0));
  let line = '';
  for (let from = 0; from < points; from += each) {
    if (from >= series.length) {
      line += TO_COME.repeat(broad);
      continue;
    }
    const values = series.slice(from, from + each).filter((value) => value !== null);
    line += (values.length === 0 ? ' ' : bar(Math.max(...values), highest)).repeat(broad);
  }
  return line;
}

function bar(value: number, highest: number): string {
  const level = highest === 0 ? 0 : Math.ceil((value / highest) * LEVELS.length) - 1;
  return LEVELS[Math.max(0, level)]!;
}
