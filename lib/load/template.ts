import { createHmac } from 'node:crypto';
import { isHeaderValue } from '../plan/headers.js';
import type { HelperName } from '../plan/template-helpers.js';
import {
  type Expression,
  hasTemplate,
  parseTemplate,
  resolve,
  type TemplateNames,
} from '../plan/template-text.js';
import { Failure } from './failure.js';

/** Where a text stands decides what a value that is put into it must be written as. */
export type Escape = 'path' | 'header' | 'json' | 'form' | 'none';

/** What an iteration knows, by the indexes of the names that a template was compiled with. */
export interface TemplateValues {
  variable(slot: number): string;
  cell(set: number, column: number): string;
  /** Unsigned, 32 bits: the next of the iteration's own stream. */
  draw(): number;
  nowMs(): number;
  /** Told of what was made out of a secret and another value, and so is one. */
  keep?(derived: string): void;
}

export interface CompiledTemplate {
  /** What it always comes to; null: it differs. */
  readonly constant: string | null;
  /** Throws a Failure where a value cannot stand in its place. */
  render(values: TemplateValues): string;
}

export interface TemplateSetting {
  readonly names: TemplateNames;
  readonly escape: Escape;
  /** Puts secrets in; what it puts in is never read as a template. */
  readonly reveal: (literal: string) => string;
  /** Told of what was made out of a secret, and so is one. */
  readonly keep?: (derived: string) => void;
}

/** A value that is made anew each time. */
type Source = (values: TemplateValues) => string;
type Piece = string | Source;

/** Made ready once; filled in for each iteration. Throws a TextMistake. */
export function compileTemplate(text: string, setting: TemplateSetting): CompiledTemplate {
  const pieces =
    setting.escape === 'json' && hasTemplate(text)
      ? jsonPieces(JSON.parse(text), setting)
      : textPieces(text, setting);
  return joined(pieces);
}

function textPieces(text: string, setting: TemplateSetting): Piece[] {
  return parseTemplate(text).map((part) =>
    typeof part === 'string' ? setting.reveal(part) : hole(part, setting),
  );
}

/** What is put into texts is escaped as JSON wants it; a text that is one number loses its quotes. */
function jsonPieces(value: unknown, setting: TemplateSetting): Piece[] {
  const { reveal } = setting;
  if (typeof value === 'string') {
    if (!hasTemplate(value)) return [reveal(JSON.stringify(value))];
    const parts = parseTemplate(value);
    const [only] = parts;
    const pieces = parts.map((part) =>
      typeof part === 'string' ? reveal(JSON.stringify(part).slice(1, -1)) : hole(part, setting),
    );
    const bare = parts.length === 1 && typeof only === 'object' && isNumber(only);
    return bare ? pieces : ['"', ...pieces, '"'];
  }
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  if (Array.isArray(value)) {
    return ['[', ...value.flatMap((one, i) => [comma(i), ...jsonPieces(one, setting)]), ']'];
  }
  const fields = Object.entries(value).flatMap(([name, one], i) => [
    comma(i),
    ...jsonPieces(name, setting),
    ':',
    ...jsonPieces(one, setting),
  ]);
  return ['{', ...fields, '}'];
}

const comma = (i: number) => (i === 0 ? '' : ',');
const isNumber = (part: Expression) => part.kind === 'call' && part.helper === 'number';

function hole(expression: Expression, setting: TemplateSetting): Piece {
  const { names, reveal, keep } = setting;
  let secret = false;
  const source = compile(expression, names, (literal) => {
    const revealed = reveal(literal);
    secret ||= revealed !== literal;
    return revealed;
  });
  const escaped = ESCAPES[setting.escape];
  if (typeof source !== 'string') {
    if (!secret) return (values) => escaped(source(values));
    return (values) => {
      const made = source(values);
      values.keep?.(made);
      return escaped(made);
    };
  }
  const constant = escaped(source);
  if (secret) {
    keep?.(source);
    keep?.(constant);
  }
  return constant;
}

/** Neighbours that are constant become one. */
function joined(pieces: readonly Piece[]): CompiledTemplate {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const last = merged.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') {
      merged[merged.length - 1] = last + piece;
    } else merged.push(piece);
  }
  const [only = '', second] = merged;
  if (second === undefined && typeof only === 'string')
    return { constant: only, render: () => only };
  return {
    constant: null,
    render(values) {
      let text = '';
      for (const piece of merged) text += typeof piece === 'string' ? piece : piece(values);
      return text;
    },
  };
}

function compile(
  expression: Expression,
  names: TemplateNames,
  reveal: (literal: string) => string,
): Piece {
  if (expression.kind === 'text') return reveal(expression.text);
  if (expression.kind === 'name') {
    const found = resolve(expression, names);
    if (found.kind === 'variable') return (values) => values.variable(found.slot);
    return (values) => values.cell(found.set, found.column);
  }
  const { helper } = expression;
  const args = expression.args.map((one) => compile(one, names, reveal));
  const drawn = DRAWN[helper];
  if (drawn) return drawn(args);
  const work = WORK[helper]!;
  if (args.every((arg) => typeof arg === 'string')) return work(args);
  return (values) => work(args.map((arg) => filledIn(arg, values)));
}

const filledIn = (piece: Piece, values: TemplateValues) =>
  typeof piece === 'string' ? piece : piece(values);

/** Helpers that give another text each time. */
const DRAWN: Readonly<Partial<Record<HelperName, (args: readonly Piece[]) => Source>>> = {
  uuid: () => uuid,
  int: ([from, to]) => {
    const first = Number(from);
    const size = Number(to) - first + 1;
    return (values) => String(first + Math.floor(unit(values) * size));
  },
  pick: (args) => (values) => filledIn(args[Math.floor(unit(values) * args.length)]!, values),
  timestamp: ([format]) => {
    if (format === 'iso') return (values) => new Date(values.nowMs()).toISOString();
    if (format === 's') return (values) => String(Math.floor(values.nowMs() / 1000));
    return (values) => String(Math.floor(values.nowMs()));
  },
};

/** Helpers that make one text out of others. */
const WORK: Readonly<Partial<Record<HelperName, (args: readonly string[]) => string>>> = {
  base64: (texts) => Buffer.from(texts.join('')).toString('base64'),
  urlencode: ([text]) => encodeURIComponent(text!.toWellFormed()),
  number: ([text]) => {
    if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text!)) return text!;
    throw new Failure(1722, 'a value that must be a number is none', text!);
  },
  hmac: ([text, key, algorithm, encoding]) =>
    createHmac(algorithm!, key!)
      .update(text!)
      .digest(encoding as 'hex'),
};

/** In [0, 1), 53 bits. */
function unit(values: TemplateValues): number {
  return ((values.draw() >>> 5) * 0x4000000 + (values.draw() >>> 6)) / 2 ** 53;
}

/** Version 4 (RFC 9562): 122 of its bits are drawn. */
function uuid(values: TemplateValues): string {
  const first = hex(values.draw());
  const second = hex((values.draw() & 0xffff0fff) | 0x4000);
  const third = hex((values.draw() & 0x3fffffff) | 0x80000000);
  const last = hex(values.draw());
  return `${first}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${last}`;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(word: number): string {
  return (
    HEX[word >>> 24]! + HEX[(word >>> 16) & 255]! + HEX[(word >>> 8) & 255]! + HEX[word & 255]!
  );
}

export const ESCAPES: Readonly<Record<Escape, (value: string) => string>> = {
  none: (value) => value,
  json: (value) => JSON.stringify(value).slice(1, -1),
  form: (value) => new URLSearchParams([['', value]]).toString().slice(1),
  header: (value) => {
    if (isHeaderValue(value)) return value;
    throw new Failure(
      1722,
      'a header is one line of Latin letters, and a value for it is not',
      value,
    );
  },
  path: (value) => (UNFIT.test(value) ? value.replace(UNFIT_ALL, encoded) : value),
};

/** What cannot stand in a request line, or would end the path. */
const UNFIT = /[^!$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]/;
const UNFIT_ALL = new RegExp(`${UNFIT.source}+`, 'g');

const encoded = (text: string) => encodeURIComponent(text.toWellFormed());
