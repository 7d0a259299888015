import type { Document, ErrorCode } from 'yaml';
import type { Diagnostic, Place } from './diagnostics.js';

const SENTENCES: Partial<Record<ErrorCode, { message: string; help?: string }>> = {
  TAB_AS_INDENT: { message: 'a tab cannot indent YAML', help: 'use spaces' },
  MULTIPLE_DOCS: { message: 'a file holds one plan', help: 'remove what follows `---`' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a value on this line holds another `: `',
    help: 'put quotes round the value',
  },
  BAD_SCALAR_START: {
    message: 'a text cannot begin with this character',
    help: 'put quotes round it',
  },
};

/** The mistakes of syntax, without those that only follow from the first on their line. */
export function syntaxDiagnostics(
  document: Document.Parsed,
  text: string,
  placeAt: (start: number, end: number) => Place,
): Diagnostic[] {
  const found = new Map<number | null, Diagnostic>();
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const isEcho = / token in YAML stream|flow-error-end/.test(message) && found.size > 0;
    const end = code === 'DUPLICATE_KEY' ? endOfWord(text, pos[0]) : pos[1];
    const start = Math.min(pos[0], text.length);
    const place = placeAt(start, end);
    if (isEcho || found.has(place.line)) continue;
    found.set(place.line, quoted(place) ?? plainDiagnostic(code, message, place));
  }
  return [...found.values()];
}

function plainDiagnostic(code: ErrorCode, message: string, place: Place): Diagnostic {
  if (code === 'DUPLICATE_KEY') {
    const name = place.text.slice(place.start, place.start + place.length).replaceAll('"', '');
    return { message: `'${name}' stands here twice`, place, helps: ['keep one of the two'] };
  }
  if (/call stack/.test(message)) return { message: 'this is nested too deeply', place, helps: [] };
  const sentence = SENTENCES[code];
  if (sentence) {
    return { message: sentence.message, place, helps: sentence.help ? [sentence.help] : [] };
  }
  const [, name] = /^\s*(?:- )?\s*([\w-]+):\S/.exec(place.text) ?? [];
  const helps = name
    ? [`put a space after '${name}:'`]
    : /flow-/.test(message)
      ? ['put quotes round a text that holds [ ] { } or a comma']
      : [];
  return { message: `this is not YAML: ${lowerFirst(message)}`, place, helps };
}

/** A text without quotes that holds `{{ … }}` or `[…]`, from where a value can begin. */
const UNQUOTED =
  /(?<=(?:^|[\s{[,]|: |- ))(?:\{\{.*?\}\}|[^\s"'{}[\],&*!|>%@`#])(?:\{\{.*?\}\}|\[[^[\]]*\]|[^,{}[\]"'#])*/g;

/**
 * The two traps of YAML, where a place lies in one of them: braces and brackets in a text without
 * quotes are maps and lists. The help is the line as it should be.
 */
export function quoted(place: Place): Diagnostic | null {
  for (const { 0: match, index } of place.text.matchAll(UNQUOTED)) {
    const value = match.trimEnd();
    const value0 = value.replace(/^.*?: /, '');
    const start = index + value.length - value0.length;
    const end = start + value0.length;
    const braces = value0.includes('{{');
    if (!braces && !value0.includes('[')) continue;
    if (place.start < start || place.start > end) continue;
    const line = `${place.text.slice(0, start)}"${value0}"${place.text.slice(end)}`.trim();
    return {
      message: braces
        ? 'YAML reads {{ … }} without quotes as a map'
        : 'YAML reads [ … ] inside braces or brackets as a list',
      place: { ...place, start, length: value0.length },
      helps: [`put quotes round it: ${line}`],
    };
  }
  return null;
}

function endOfWord(text: string, start: number): number {
  return start + Math.max(1, text.slice(start).search(/[:\s]|$/));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
