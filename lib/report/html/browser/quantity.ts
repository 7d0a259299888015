const FACTORS: Readonly<Record<string, number>> = {
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  '%': 1,
  '/s': 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  PB: 1e15,
};

/**
 * What a cell says as a number, to sort by; null for none. Where failures hide a percentile it is
 * worse than any number.
 */
export function quantityOf(cell: string): number | null {
  const text = cell.trim().replaceAll(',', '');
  if (text === 'errors') return Number.POSITIVE_INFINITY;
  const span = /^(?=\d)(?:(\d+)h ?)?(?:(\d+)m ?)?(?:([\d.]+)s)?$/.exec(text);
  if (span) {
    const [, hours = 0, minutes = 0, seconds = 0] = span;
    return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1e3;
  }
  const quantity = /^[<>]?(-?)\$?(\d[\d.]*) ?(\S*)$/.exec(text);
  if (!quantity) return null;
  const [, sign, digits, unit = ''] = quantity;
  const factor = unit === '' ? 1 : FACTORS[unit];
  if (factor === undefined) return null;
  return (sign === '-' ? -1 : 1) * Number(digits) * factor + bend(text);
}

/** `<0.001 %` is less than `0.001 %`. */
function bend(text: string): number {
  return text.startsWith('<') ? -1e-9 : text.startsWith('>') ? 1e-9 : 0;
}
