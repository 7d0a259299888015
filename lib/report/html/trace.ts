import {
  askedRate,
  bytes,
  count,
  instant,
  percent,
  rate,
  span,
  time,
  usd,
} from '../render/figures.js';
import { plain, plainLines } from '../render/plain.js';
import { type Distribution, PERCENTILE_KEYS, type Report } from '../report-schema.js';
import { html, type Markup } from './markup.js';

/** How a value of report.json is written on the page, by the name that stands in `data-as`. */
export const FORMATS = {
  time: (value) => time(value as number),
  rate: (value) => rate(value as number),
  asked: (value) => askedRate(value as number),
  count: (value) => count(value as number),
  percent: (value) => percent(value as number),
  bytes: (value) => bytes(value as number),
  usd: (value) => usd(value as number),
  span: (value) => span(value as number),
  instant: (value) => instant(Date.parse(value as string)),
  nth: (value) => `p${value as number}`,
  number: (value) => String(value),
  text: (value) => plain(String(value)),
  lines: (value) => plainLines(String(value)),
} as const satisfies Readonly<Record<string, (value: unknown) => string>>;
export type Format = keyof typeof FORMATS;

type Values = readonly (number | null)[];

/** How several values become the one that is shown, by the name that stands in `data-op`. */
export const OPERATIONS = {
  sum: known(total),
  less: known(([from = 0, taken = 0]) => Math.max(0, from - taken)),
  /** What some are of a whole, which comes last. */
  share: known((values) => total(values.slice(0, -1)) / (values.at(-1) ?? 0)),
  /** What the first is of all of them together. */
  portion: known(([part = 0, ...others]) => part / (part + total(others))),
  /** How many are more than nothing. */
  some: known((values) => values.filter((value) => value > 0).length),
  most: known((values) => Math.max(...values)),
  least: known((values) => Math.min(...values)),
  /** Of a list, how many there are. */
  length: known(([length = 0]) => length),
  spread,
  /** What is left of the first; the last three are as of `spread`. */
  rest: ([whole, ...parts]: Values): number => {
    const some = parts.slice(0, -3).reduce<number>((total, part) => total + (part ?? 0), 0);
    return Math.max(0, (whole ?? 0) - some - spread(parts.slice(-3)));
  },
} as const satisfies Readonly<Record<string, (values: Values) => number | null>>;

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** What some took, spread over all: the mean of those, their number, the number of all. */
function spread([mean, count, all]: Values): number {
  return ((mean ?? 0) * (count ?? 0)) / (all ?? 0);
}

/** Of what is not known nothing can be reckoned. */
function known(reckon: (values: readonly number[]) => number) {
  return (values: Values): number | null =>
    values.every((value) => value !== null) ? reckon(values) : null;
}

export type Operation = keyof typeof OPERATIONS;

export const NOTHING = '–';
/** Stands where so many failed that a percentile of the others would mislead. */
export const MASKED = 'errors';

/**
 * Puts figures on the page that say where in report.json they are from: `data-from` holds the
 * places (JSON pointers), `data-as` the format. So none can be shown that is not in there.
 */
export class Trace {
  readonly report: Report;
  readonly #values = new Map<string, unknown>();

  constructor(report: Report) {
    this.report = report;
  }

  /** What stands at a JSON pointer; a place that is not there is a bug. */
  value(pointer: string): unknown {
    const known = this.#values.get(pointer);
    if (known !== undefined) return known;
    const end = pointer.lastIndexOf('/');
    if (end < 0) return this.report;
    const parent = this.value(pointer.slice(0, end));
    const key = unescapeKey(pointer.slice(end + 1));
    if (typeof parent !== 'object' || parent === null) {
      if (parent === null) return null;
      throw new Error(`report.json has no ${pointer}`);
    }
    if (!Object.hasOwn(parent, key)) throw new Error(`report.json has no ${pointer}`);
    const value = (parent as Readonly<Record<string, unknown>>)[key];
    if (typeof value === 'object' && value !== null) this.#values.set(pointer, value);
    return value;
  }

  /** What is shown of one place: a number, `–`, or the word for a masked percentile. */
  shown(pointer: string, format: Format): string {
    const value = this.value(pointer);
    if (this.isMasked(pointer)) return MASKED;
    return value === null ? NOTHING : FORMATS[format](value);
  }

  isMasked(pointer: string): boolean {
    const end = pointer.lastIndexOf('/');
    const key = pointer.slice(end + 1);
    if (!(PERCENTILE_KEYS as readonly string[]).includes(key)) return false;
    const distribution = this.value(pointer.slice(0, end)) as Distribution | null;
    return distribution?.masked?.some((masked) => masked === key) ?? false;
  }

  figure(pointer: string, format: Format): Markup {
    const text = this.shown(pointer, format);
    return html`<data data-from="${pointer}" data-as="${format}">${text}</data>`;
  }

  /** What several places come to; `–` where one of them is unknown. */
  derived(operation: Operation, pointers: readonly string[], format: Format): Markup {
    const from = compact(pointers).join(' ');
    const text = this.reckoned(operation, pointers, format);
    return html`<data data-from="${from}" data-op="${operation}" data-as="${format}">${text}</data>`;
  }

  reckoned(operation: Operation, pointers: readonly string[], format: Format): string {
    const values = pointers.map((pointer) => {
      const value = this.value(pointer);
      return Array.isArray(value) ? value.length : (value as number | null);
    });
    const result = OPERATIONS[operation](values);
    return result === null || !Number.isFinite(result) ? NOTHING : FORMATS[format](result);
  }
}

/** Places that differ only in an index become one: `/errors/{0,5,7}/count`. */
export function compact(pointers: readonly string[]): string[] {
  const parts = pointers.map((pointer) => /^(.*?\/)(\d+)(\/.*)$/.exec(pointer));
  const [first] = parts;
  const alike = parts.every((part) => part && part[1] === first?.[1] && part[3] === first?.[3]);
  if (pointers.length < 2 || !alike || !first) return [...pointers];
  return [`${first[1]}{${parts.map((part) => part?.[2]).join(',')}}${first[3]}`];
}

function unescapeKey(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
