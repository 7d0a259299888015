// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import type { Mistakes } from './mistakes.js';
import { refusedText } from './not-yet.js';
import type { Path } from './places.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** Checks `${env:NAME}` and refuses `{{ … }}` and `${secret:NAME}` in every text of a plan. */
export function checkReferences(raw: unknown, env: Environment, mistakes: Mistakes): void {
  walk(raw, [], (path, text, part) => {
    if (part === 'key' && text === '__proto__') {
      mistakes.add(path, "'__proto__' cannot be the name of a field", { part });
    }
    const secret = /\$\{secret:[^}]*\}?/.exec(text);
    const template = /\{\{.*?\}\}/s.exec(text);
    for (const [match, kind] of [
      [secret, 'secret'],
      [template, 'template'],
    ] as const) {
      if (!match) continue;
      const { message, help } = refusedText(kind);
      const span = { start: match.index, length: match[0].length };
      mistakes.add(path, message, { part, span, help });
    }
    if (part === 'value') checkEnvironment(text, path, env, mistakes);
  });
}

function checkEnvironment(text: string, path: Path, env: Environment, mistakes: Mistakes): void {
  const slot = slotOf(path);
  for (const match of text.matchAll(/\$\{env:([^}]*)\}?/g)) {
    const [whole, name = ''] = match;
    const details = { span: { start: match.index, length: whole.length } };
    if (!slot) {
      mistakes.add(path, '${env:NAME} cannot stand here', {
        ...details,
        help: 'it may stand in the target, in paths, in header values and in bodies',
      });
    } else if (!new RegExp(`^(?:${REFERENCE.source})$`).test(whole)) {
      mistakes.add(path, `'${whole}' names no variable of the environment`, {
        ...details,
        help: 'write ${env:NAME}, the name in letters, digits and underscores',
      });
    } else if (env[name] === undefined) {
      mistakes.add(path, `the environment variable ${name} is not set`, {
        ...details,
        help: `set it before the run: export ${name}=…`,
      });
    } else if (slot.forbidden.test(env[name])) {
      // The value is put in as it is, and may be a secret: it is neither rewritten nor shown.
      mistakes.add(path, `the value of ${name} holds ${slot.what}`, {
        ...details,
        help: slot.help,
      });
    }
  }
}

interface Slot {
  readonly forbidden: RegExp;
  readonly what: string;
  readonly help: string;
}

const ADDRESS: Slot = {
  forbidden: /[^\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]/,
  what: 'characters that cannot stand in a URL',
  help: 'encode them with percent signs: a space is %20',
};
const SLOTS: Readonly<Record<string, Slot>> = {
  headers: {
    forbidden: /[^\t\x20-\x7e\x80-\xff]/,
    what: 'characters that cannot stand in a header',
    help: 'a header is one line of Latin letters',
  },
  json: {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON text must not hold them.
    forbidden: /["\\\x00-\x1f]/,
    what: 'a quote, a backslash or a line break, which would break the JSON',
    help: 'escape it in the variable as JSON asks',
  },
  form: {
    forbidden: /[&+%\s]/,
    what: 'characters that mean something else in a form',
    help: 'use `body`, and encode the value with percent signs',
  },
  body: { forbidden: /(?!)/, what: '', help: '' },
  request: ADDRESS,
};

/** What a reference at this place must not bring in; null where none may stand. */
function slotOf([root, index, field, ...rest]: Path): Slot | null {
  if (root === 'target') return index === undefined || index === 'url' ? ADDRESS : null;
  if (root !== 'requests') return null;
  if (field === undefined) return ADDRESS;
  if (field === 'headers' && rest.length === 0) return null;
  return SLOTS[String(field)] ?? null;
}

/** Puts the values in, for checks that need the whole text; never for anything stored or shown. */
export function filled(text: string, env: Environment): string {
  return text.replace(REFERENCE, (whole, name: string) => env[name] ?? whole);
}

export function hasReference(text: string): boolean {
  return text.search(REFERENCE) >= 0;
}

/** Applies a change to all of a text but its references. */
export function aroundReferences(text: string, change: (part: string) => string): string {
  let result = '';
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    result += change(text.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  return result + change(text.slice(end));
}

type Visit = (path: Path, text: string, part: 'key' | 'value') => void;

function walk(value: unknown, path: Path, visit: Visit): void {
  if (typeof value === 'string') visit(path, value, 'value');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    const below = [...path, Array.isArray(value) ? Number(key) : key];
    if (!Array.isArray(value)) visit(below, key, 'key');
    walk(one, below, visit);
  }
}
