/** Durations, rates and shares as a plan writes them. The patterns also stand in the JSON Schema. */
const NUMBER = String.raw`\d+(?:\.\d+)?`;
const DURATION = `(?:${NUMBER}(?:ms|s|m|h))+`;

export const DURATION_PATTERN = new RegExp(`^${DURATION}$`);
export const DURATION_RANGE_PATTERN = new RegExp(String.raw`^${DURATION}(?:\.\.${DURATION})?$`);
export const RATE_PATTERN = new RegExp(String.raw`^${NUMBER}(?:\.\.${NUMBER})?/[smh]$`);
export const USER_RAMP_PATTERN = /^\d+\.\.\d+$/;
/** US dollars, to a hundredth of a cent. */
export const MONEY_PATTERN = /^\$\d{1,6}(?:\.\d{1,4})?$/;
export const PERCENT_PATTERN = /^\d+(?:\.\d{1,2})?%$/;

export type Range = readonly [from: number, to: number];

const UNIT_US: Readonly<Record<string, number>> = { ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Whole microseconds; null for what is no duration or names less than one microsecond. */
export function parseDurationUs(text: string): number | null {
  if (!DURATION_PATTERN.test(text)) return null;
  let exactUs = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g)) {
    exactUs += Number(number) * UNIT_US[unit!]!;
  }
  const us = Math.round(exactUs);
  // Decimals such as 1.1s are inexact in binary; a real fraction of a microsecond is far larger.
  return Number.isSafeInteger(us) && Math.abs(us - exactUs) < 1e-3 ? us : null;
}

/** `1s..3s`, or `2s` for both ends. */
export function parseDurationRangeUs(text: string): Range | null {
  const [first = '', second = first] = text.split('..');
  const fromUs = parseDurationUs(first);
  const toUs = parseDurationUs(second);
  return fromUs === null || toUs === null ? null : [fromUs, toUs];
}

/** Starts per second at both ends: `50/s`, `30/m`, `50..600/s`. */
export function parseRate(text: string): Range | null {
  if (!RATE_PATTERN.test(text)) return null;
  const [numbers = '', unit = ''] = text.split('/');
  const [from = '', to = from] = numbers.split('..');
  const seconds = UNIT_SECONDS[unit]!;
  return [Number(from) / seconds, Number(to) / seconds];
}

/** `100` or `0..100`. */
export function parseUsers(value: number | string): Range | null {
  if (typeof value === 'number') return [value, value];
  if (!USER_RAMP_PATTERN.test(value)) return null;
  const [from, to] = value.split('..').map(Number);
  return [from!, to!];
}

/** Hundredths of a percent, exactly: `33.33%` is 3333. */
export function parsePercentHundredths(text: string): number | null {
  if (!PERCENT_PATTERN.test(text)) return null;
  const [whole = '', decimals = ''] = text.slice(0, -1).split('.');
  return Number(whole) * 100 + Number(decimals.padEnd(2, '0'));
}

/** The shortest way to write a duration that reads back as the same: `1m30s`, `500ms`. */
export function formatDuration(us: number): string {
  const hours = Math.floor(us / 3600e6);
  const minutes = Math.floor((us % 3600e6) / 60e6);
  const seconds = Math.floor((us % 60e6) / 1e6);
  const ms = (us % 1e6) / 1e3;
  const text =
    (hours ? `${hours}h` : '') +
    (minutes ? `${minutes}m` : '') +
    (seconds ? `${seconds}s` : '') +
    (ms ? `${ms}ms` : '');
  return text || '0s';
}
