/** Numbers for people: three significant digits, a unit, and thousands apart. */

/** `412 µs`, `8.50 ms`, `1.34 s`, `1,800 s`. */
export function time(ms: number): string {
  if (Math.abs(ms) < 0.9995) return `${Math.round(ms * 1000)} µs`;
  if (Math.abs(ms) < 999.5) return `${significant(ms)} ms`;
  return `${significant(ms / 1000)} s`;
}

/** `598/s`, `1,172/s`, `0.500/s`. */
export function rate(perSecond: number): string {
  return perSecond === 0 ? '0/s' : `${significant(perSecond)}/s`;
}

/** A rate that was asked for, and is known to the last digit: `20/s`, `2.5/s`. */
export function askedRate(perSecond: number): string {
  return `${trimZeros(significant(perSecond))}/s`;
}

/** `1,234,567`. */
export function count(n: number): string {
  return group(String(Math.round(n)));
}

/** `1 worker`, `1,200 workers`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A fraction as a percentage that is never rounded to a false nothing or a false all. */
export function percent(fraction: number): string {
  const value = fraction * 100;
  if (value === 0) return '0 %';
  if (value < 0.001) return '<0.001 %';
  if (value === 100) return '100 %';
  if (value < 100 && value >= 99.95) {
    return value > 99.999
      ? '>99.99 %'
      : `${trimZeros((Math.floor(value * 1000) / 1000).toFixed(3))} %`;
  }
  // A share below 1 % needs no third digit.
  return `${trimZeros(value < 1 ? value.toPrecision(2) : significant(value))} %`;
}

/** `812 B`, `1.20 MB`: decimal units, as on the wire. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = n;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? count(value) : significant(value)} ${units[unit]}`;
}

/** `$2`, `$12.40`, `$0.031`, `$0.0012`, `<$0.0001`. */
export function usd(dollars: number): string {
  if (Number.isInteger(dollars)) return `$${group(String(dollars))}`;
  if (dollars < 0.0001) return '<$0.0001';
  if (dollars < 0.995) {
    const decimals = dollars < 0.0095 ? 4 : dollars < 0.095 ? 3 : 2;
    return `$${dollars.toFixed(decimals)}`;
  }
  return `$${group(dollars.toFixed(dollars < 1000 ? 2 : 0))}`;
}

/** `10m 10s`, `30s`, `2.5s`, `1h 30m`. */
export function span(seconds: number): string {
  if (seconds < 60) return `${trimZeros(seconds.toFixed(seconds < 10 ? 1 : 0))}s`;
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3600), 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  return parts
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join(' ');
}

/** `2026-11-21 14:15:03 UTC`. */
export function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function significant(value: number): string {
  const size = Math.abs(value);
  const decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  return group(value.toFixed(decimals));
}

function group(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function trimZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
