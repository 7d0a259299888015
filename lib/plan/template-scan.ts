import { TextMistake } from './diagnostics.js';

/** A stretch of a text: written as it stands, or to be filled in. Positions are in the whole text. */
export interface Stretch {
  readonly hole: boolean;
  readonly start: number;
  readonly end: number;
}

const OPEN = '{{';
const CLOSE = '}}';

export function hasTemplate(text: string): boolean {
  return text.includes(OPEN);
}

/** Cuts a text at its `{{ … }}`; one that is never closed is a hole up to the end of the text. */
export function stretches(text: string): Stretch[] {
  const found: Stretch[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf(OPEN, at);
    const start = open < 0 ? text.length : open;
    if (start > at) found.push({ hole: false, start: at, end: start });
    if (open < 0) break;
    at = closing(text, open);
    found.push({ hole: true, start: open, end: at });
  }
  return found;
}

export function isClosed(text: string, { start, end }: Stretch): boolean {
  return end - start >= 4 && text.startsWith(CLOSE, end - 2);
}

/** Applies a change to all of a text but its templates. */
export function aroundTemplates(text: string, change: (literal: string) => string): string {
  return stretches(text)
    .map(({ hole, start, end }) => (hole ? text.slice(start, end) : change(text.slice(start, end))))
    .join('');
}

/** Where the hole ends: braces between quotes do not close it, unless nothing else does. */
function closing(text: string, open: number): number {
  let quote = '';
  for (let at = open + 2; at < text.length; at++) {
    const here = text[at]!;
    if (quote !== '') {
      if (here === '\\') at++;
      else if (here === quote) quote = '';
    } else if (here === '"' || here === "'") quote = here;
    else if (text.startsWith(CLOSE, at)) return at + 2;
  }
  const first = text.indexOf(CLOSE, open + 2);
  return first < 0 ? text.length : first + 2;
}

export interface Token {
  readonly kind: 'name' | 'text' | 'number' | 'mark' | 'end';
  /** What a text says; of all others, as it is written. */
  readonly value: string;
  readonly start: number;
  readonly length: number;
}

const TOKEN =
  /([A-Za-z_]\w*)|(-?\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([().,|[\]])/sy;
const COLUMN = /[\w-]+/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** What stands within one hole, word by word. */
export class Tokens {
  readonly #text: string;
  readonly #end: number;
  #at: number;
  #next: Token;

  constructor(text: string, hole: Stretch) {
    this.#text = text;
    this.#at = hole.start + 2;
    this.#end = hole.end - 2;
    this.#next = this.#read(TOKEN);
  }

  get next(): Token {
    return this.#next;
  }

  take(): Token {
    const token = this.#next;
    // The name of a column may hold dashes, and begin with a digit.
    this.#next = this.#read(token.value === '.' && token.kind === 'mark' ? COLUMN : TOKEN);
    return token;
  }

  takeIf(mark: string): boolean {
    if (this.#next.kind !== 'mark' || this.#next.value !== mark) return false;
    this.take();
    return true;
  }

  #read(pattern: RegExp): Token {
    const text = this.#text;
    while (this.#at < this.#end && /\s/.test(text[this.#at]!)) this.#at++;
    const start = this.#at;
    if (start >= this.#end) return { kind: 'end', value: '', start, length: 2 };
    pattern.lastIndex = start;
    const found = pattern.exec(text);
    if (!found || start + found[0].length > this.#end) {
      throw misread(text[start]!, start, pattern === COLUMN);
    }
    this.#at += found[0].length;
    return { ...tokenOf(found), start, length: found[0].length };
  }
}

function misread(character: string, at: number, inColumn: boolean): TextMistake {
  if (inColumn) {
    const help = 'other names than of letters, digits and dashes: users["full name"]';
    return new TextMistake('the name of a column is missing here', at, 1, help);
  }
  if (/["']/.test(character)) return new TextMistake('this text has no closing quote', at, 1);
  const help = 'texts stand between quotes, helpers are written like {{ int(1, 100) }}';
  return new TextMistake(`'${character}' means nothing here`, at, 1, help);
}

function tokenOf([whole, name, number, text]: RegExpExecArray): Pick<Token, 'kind' | 'value'> {
  if (number !== undefined) return { kind: 'number', value: number };
  if (text !== undefined) {
    const value = text
      .slice(1, -1)
      .replace(/\\(.)/gs, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
    return { kind: 'text', value };
  }
  return /^[().,|[\]]$/.test(whole)
    ? { kind: 'mark', value: whole }
    : { kind: 'name', value: name ?? whole };
}
