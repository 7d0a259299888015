import { isLiteralCredential } from './headers.js';
import { cut, hasReference } from './references.js';
import { HELPER_NAMES, helperOf } from './template-helpers.js';

/**
 * What a plan holds with credentials taken out that were written into the plan itself. References
 * and templates stay: they name what they stand for, and no more, but for texts within templates.
 */

/** What stands in place of what lets people in. */
const REMOVED = '(removed)';

/** Fields and headers that hold what lets people in, by the names that people give them. */
const NAMES =
  'passw(?:or)?d|passphrase|secret|token|api[-_]?key|auth|authorization|credential|session|cookie|signature';
const NAME = new RegExp(NAMES, 'i');
const JSON_FIELD = new RegExp(
  `("[^"]*(?:${NAMES})[^"]*"\\s*:\\s*)("(?:[^"\\\\]|\\\\.)*"|[\\d.]+)`,
  'gi',
);
const FORM_FIELD = new RegExp(`((?:^|[&?])[^=&"]*(?:${NAMES})[^=&"]*=)([^&"]*)`, 'gi');

/** What lies deeper is read as text. */
const DEEPEST = 1_000;

export function shownHeader(name: string, value: string): string {
  return isLiteralCredential(name, value) || NAME.test(name)
    ? withoutLiterals(value)
    : shown(value);
}

/** A field of a form, by its name. */
export function shownField(name: string, value: string): string {
  return NAME.test(name) ? withoutLiterals(value) : shownText(value);
}

/** Text of any kind: JSON, a form, or neither. */
export function shownText(text: string): string {
  const value = parsed(text);
  if (value !== undefined) {
    const without = shownJson(value);
    return JSON.stringify(without) === JSON.stringify(value) ? text : JSON.stringify(without);
  }
  // What is between braces may hold all that fields are told apart by.
  const pieces = cut(text);
  const holes = pieces.flatMap((piece) => (piece.hole ? shown(piece.text) : []));
  let next = 0;
  const marked = pieces.map((piece) => (piece.hole ? mark(next++) : piece.text)).join('');
  const unmarked = (part: string) =>
    part.replace(MARK, (whole, hole: string) => holes[Number(hole)] ?? whole);
  const mask = (_: string, lead: string, value: string) => {
    const quote = value.startsWith('"') ? '"' : '';
    const bare = quote === '' ? value : value.slice(1, -1);
    // A number needs quotes where it becomes a text.
    const quotes = quote === '' && lead.trimEnd().endsWith(':') ? '"' : quote;
    return `${lead}${quotes}${withoutLiterals(unmarked(bare))}${quotes}`;
  };
  return unmarked(marked.replace(JSON_FIELD, mask).replace(FORM_FIELD, mask));
}

export function shownJson(value: unknown, secret = false): unknown {
  if (typeof value === 'string') return secret ? withoutLiterals(value) : shownText(value);
  if (typeof value === 'number') return secret ? REMOVED : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => shownJson(one, secret));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, shownJson(one, secret || NAME.test(key))]),
  );
}

/** Kept of a credential, besides references and templates: how it is put together. */
const SCHEME = /^(?:apikey|basic|bearer|digest|negotiate|token) +(?=.)/i;
const JOINT = /^[\s;,&:]*(?:[\w.-]+=)?$/;

/** A value that lets people in: of what is written out nothing is kept. */
export function withoutLiterals(value: string): string {
  const [scheme = ''] = SCHEME.exec(value) ?? [];
  const pieces = cut(value.slice(scheme.length));
  if (!pieces.some(({ hole }) => hole)) return value === '' ? '' : scheme + REMOVED;
  return (
    scheme +
    pieces
      .map(({ hole, text }) => {
        if (hole) return withoutTexts(text);
        return JOINT.test(text) ? text : REMOVED;
      })
      .join('')
  );
}

/** Text that lets nobody in, but for the keys that it is signed with. */
function shown(text: string): string {
  return cut(text)
    .map((piece) =>
      piece.hole && /\bhmac\b/.test(piece.text) ? withoutTexts(piece.text) : piece.text,
    )
    .join('');
}

/** Names of columns between brackets, and texts. */
const TEXT = /\[\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gs;
const SEPARATOR = /^\W?$/;
const WORDS = HELPER_NAMES.flatMap((name) =>
  helperOf(name).parameters.flatMap(({ is = [] }) => (is === 'whole' ? [] : is)),
);

/** A template without the texts that stand in it, but for words of its own language. */
function withoutTexts(hole: string): string {
  return hole.replace(TEXT, (text) => {
    const inner = text.slice(1, -1);
    if (text.startsWith('[') || WORDS.includes(inner) || SEPARATOR.test(inner)) return text;
    return text[0] + (hasReference(inner) ? withoutLiterals(inner) : REMOVED) + text[0];
  });
}

/** What does not stand in texts that people write. */
const MARK = /\uE000(\d+)\uE001/g;
const mark = (hole: number) => `\uE000${hole}\uE001`;

/** Lists and maps; undefined: it is none. */
function parsed(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && isWithin(value, DEEPEST)
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((one) => isWithin(one, levels - 1));
}
