import { stripVTControlCharacters } from 'node:util';
import { ORDER, withEntities } from '../../charts/markup.js';

/** Text that is markup already. Only `html` and `trusted` make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export type Content = string | number | Markup | null | false | undefined | readonly Content[];

/**
 * A template whose every value is escaped unless it is markup itself; lists are joined, nothing
 * is nothing.
 *
 * @example
 * html`<li>${request.name}</li>`
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = parts[0] ?? '';
  for (let i = 0; i < values.length; i++) text += textOf(values[i]) + (parts[i + 1] ?? '');
  return new Markup(text);
}

/** What this program made itself: charts, the style and the script. Never what came from outside. */
export function trusted(markup: string): Markup {
  return new Markup(markup);
}

/** For markup that is put together in a loop. */
export function joined(parts: readonly Markup[], between = ''): Markup {
  return new Markup(parts.map(({ text }) => text).join(between));
}

function textOf(value: Content): string {
  if (value instanceof Markup) return value.text;
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'object') return value.map(textOf).join('');
  return escaped(String(value));
}

// What no document may hold, and what turns the direction of writing where nobody sees it.
const UNFIT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\u{e0000}-\u{e007f}]/gu;

export function escaped(text: string): string {
  // Rare, and dear to look for properly in every cell.
  const bare = text.includes('\u001b') ? stripVTControlCharacters(text) : text;
  return withEntities(bare.toWellFormed().replace(UNFIT, ''));
}

/** For a data block: no end of a script, no comment, and nothing that no document may hold. */
export function embeddedJson(value: unknown): Markup {
  return new Markup(
    JSON.stringify(value).replace(/[<>&]/g, codes).replace(ORDER, codes).replace(UNFIT, codes),
  );
}

function codes(text: string): string {
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
