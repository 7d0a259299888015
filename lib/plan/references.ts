// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import type { Mistakes } from './mistakes.js';
import { refusedText } from './not-yet.js';
import type { Path } from './places.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)|secret:([\w/+=.@-]+))\}/g;

/** Where a plan is to be carried out decides what it may refer to. */
export interface Surroundings {
  readonly where: 'local' | 'aws';
  readonly env: Environment;
}

/** Checks `${env:NAME}` and `${secret:NAME}` and refuses `{{ … }}` in every text of a plan. */
export function checkReferences(raw: unknown, around: Surroundings, mistakes: Mistakes): void {
  walk(raw, [], (path, text, part) => {
    if (part === 'key' && text === '__proto__') {
      mistakes.add(path, "'__proto__' cannot be the name of a field", { part });
    }
    const template = /\{\{.*?\}\}/s.exec(text);
    if (template) {
      const { message, help } = refusedText('template');
      const span = { start: template.index, length: template[0].length };
      mistakes.add(path, message, { part, span, help });
    }
    if (part !== 'value') return;
    for (const match of text.matchAll(/\$\{(env|secret):([^}]*)\}?/g)) {
      const [whole, kind, name = ''] = match;
      const problem =
        kind === 'env'
          ? environmentProblem(whole, name, slotOf(path), path, around)
          : secretProblem(whole, name, slotOf(path), path, around);
      if (!problem) continue;
      const [message, help] = problem;
      mistakes.add(path, message, { span: { start: match.index, length: whole.length }, help });
    }
  });
}

type Problem = readonly [message: string, help: string];

function environmentProblem(
  whole: string,
  name: string,
  slot: Slot | null,
  [root]: Path,
  { where, env }: Surroundings,
): Problem | null {
  if (!slot) return ['${env:NAME} cannot stand here', `it may stand in the target, ${PLACES}`];
  if (!isReference(whole)) {
    return [
      `'${whole}' names no variable of the environment`,
      'write ${env:NAME}, the name in letters, digits and underscores',
    ];
  }
  if (where === 'aws') return [`${whole} ${NOT_ON_AWS}`, insteadOnAws(name, root === 'target')];
  const value = env[name];
  if (value === undefined) {
    return [
      `the environment variable ${name} is not set`,
      `set it before the run: export ${name}=…`,
    ];
  }
  // The value is put in as it is, and may be a secret: it is neither rewritten nor shown.
  return slot.forbidden.test(value) ? [`the value of ${name} holds ${slot.what}`, slot.help] : null;
}

function secretProblem(
  whole: string,
  name: string,
  slot: Slot | null,
  [root]: Path,
  { where }: Surroundings,
): Problem | null {
  if (!slot || root === 'target') {
    return ['${secret:NAME} cannot stand here', `it may stand ${PLACES}`];
  }
  if (!isReference(whole)) {
    return [
      `'${whole}' names no secret`,
      'write ${secret:NAME}, the name as in Secrets Manager: letters, digits and /_+=.@-',
    ];
  }
  return where === 'aws' ? null : [`${whole} ${ONLY_ON_AWS}`, `write \${env:${variable(name)}}`];
}

const PLACES = 'in paths, in header values and in bodies';
export const NOT_ON_AWS = "is of this machine's environment, which a run on AWS has no part of";
const ONLY_ON_AWS = 'is read on AWS only';

/** The line to write where a plan names a variable of the environment. */
export function insteadOnAws(name: string, inTarget: boolean): string {
  // A host is no secret: whom a run loads is told to everybody who asks.
  if (inTarget) return 'write the value itself, or give the target with --target';
  return `write \${secret:${name}}, and deploy with -c secrets=${name}`;
}

/** A name for the environment of what is called otherwise elsewhere. */
function variable(name: string): string {
  return name.replace(/\W+/g, '_').replace(/^(?=\d)/, '_');
}

function isReference(whole: string): boolean {
  return new RegExp(`^(?:${REFERENCE.source})$`).test(whole);
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
  return text.replace(REFERENCE, (whole, name?: string) => env[name ?? ''] ?? whole);
}

/** Names that texts refer to. */
export interface Referred {
  readonly env: readonly string[];
  readonly secrets: readonly string[];
}

/** All that a plan refers to, each name once, wherever it stands. */
export function referredIn(plan: unknown): Referred {
  const env = new Set<string>();
  const secrets = new Set<string>();
  walk(plan, [], (_path, text) => {
    for (const [, variable, secret] of text.matchAll(REFERENCE)) {
      if (variable !== undefined) env.add(variable);
      if (secret !== undefined) secrets.add(secret);
    }
  });
  return { env: [...env], secrets: [...secrets] };
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
