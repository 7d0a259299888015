import { TextMistake } from './diagnostics.js';
import { parseRegex } from './match-text.js';
import type { Expect, JsonExpect } from './plan.js';
import { parseDurationUs } from './units.js';

type JsonTest = JsonExpect['test'];
type SizeLimit = NonNullable<Expect['size']>;

const COMPARISON = /^(==|!=|<=|>=|<|>)\s*(.*)$/s;

/**
 * What a value of JSON must be: itself (`"paid"`, `7`, `true`, `null`), `> 0`, `!= "none"`,
 * `/^pay_/`, or `{ exists: false }`. Throws a TextMistake.
 */
export function parseJsonTest(
  written: string | number | boolean | null | { readonly exists: boolean },
): JsonTest {
  if (typeof written === 'object' && written !== null) {
    return { kind: 'exists', exists: written.exists };
  }
  if (typeof written !== 'string') return { kind: 'equals', value: written };
  const match = parseRegex(written);
  if (match) return { kind: 'matches', match };
  const [, comparison, operand = ''] = COMPARISON.exec(written) ?? [];
  if (comparison === undefined) return { kind: 'equals', value: written };
  const value = operandOf(operand);
  if (comparison === '==') return { kind: 'equals', value };
  if (comparison === '!=') return { kind: 'compares', comparison, value };
  if (typeof value === 'number') {
    return { kind: 'compares', comparison: comparison as '<' | '<=' | '>' | '>=', value };
  }
  throw new TextMistake(
    `only numbers are compared by ${comparison}`,
    0,
    written.length,
    `write a number, like ${comparison} 10; a text that begins so is written == ${written}`,
  );
}

/** A value as JSON has it, else text as it stands. */
function operandOf(text: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || /^(?:string|number|boolean)$/.test(typeof value)) {
      return value as string | number | boolean | null;
    }
  } catch {
    // Text without quotes.
  }
  return text;
}

const SIZE = String.raw`(\d+(?:\.\d+)?)\s*(B|kB|KiB|MB|MiB)?`;
const ONE_SIZE = new RegExp(String.raw`^(<=|>=|<|>)?\s*${SIZE}$`);
const SIZE_RANGE = new RegExp(String.raw`^${SIZE}\.\.${SIZE}$`);
const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1_000,
  KiB: 1_024,
  MB: 1_000_000,
  MiB: 1_048_576,
};

/** Bytes of a body: `12`, `< 10kB`, `>= 1`, `1..2kB`. Throws a TextMistake. */
export function parseSizeLimit(written: number | string): SizeLimit {
  const text = String(written);
  const [, from, fromUnit, to, toUnit] = SIZE_RANGE.exec(text) ?? [];
  if (from !== undefined) {
    const least = bytesOf(from, fromUnit ?? toUnit, text);
    const most = bytesOf(to!, toUnit, text);
    if (least <= most) return { least, most };
    throw new TextMistake(`'${text}' is a range from large to small`, 0, text.length);
  }
  const [, comparison, number, unit] = ONE_SIZE.exec(text) ?? [];
  if (number === undefined) throw noSize(text);
  const bytes = bytesOf(number, unit, text);
  if (comparison === '<') {
    if (bytes > 0) return { least: null, most: bytes - 1 };
    throw new TextMistake('no body has less than nothing', 0, text.length);
  }
  if (comparison === '<=') return { least: null, most: bytes };
  if (comparison === '>') return { least: bytes + 1, most: null };
  return comparison === '>=' ? { least: bytes, most: null } : { least: bytes, most: bytes };
}

function bytesOf(number: string, unit = 'B', text: string): number {
  const bytes = Math.round(Number(number) * UNIT_BYTES[unit]! * 1e3) / 1e3;
  if (!Number.isSafeInteger(bytes)) throw noSize(text);
  return bytes;
}

function noSize(text: string): TextMistake {
  const help = 'whole bytes, kB or MB, as in < 10kB, >= 1, or 1..2kB';
  return new TextMistake(`'${text}' is no size`, 0, text.length, help);
}

/** The most that an answer may take, µs: `500ms` or `< 500ms`. Throws a TextMistake. */
export function parseTimeLimit(text: string): number {
  const us = parseDurationUs(text.replace(/^<=?\s*/, ''));
  if (us !== null && us > 0) return us;
  throw new TextMistake(`'${text}' is no limit of time`, 0, text.length, 'for example < 500ms');
}
