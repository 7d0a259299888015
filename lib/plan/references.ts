// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import { hasTemplate, stretches } from './template-scan.js';

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)|secret:([\w/+=.@-]+))\}/g;

/** Where a plan is to be carried out decides what it may refer to. */
interface Surroundings {
  readonly where: 'local' | 'aws';
  readonly env: Environment;
}

/** Checks `${env:NAME}` and `${secret:NAME}`, and that `{{ … }}` stands where it is filled in. */
export function checkReferences(raw: unknown, around: Surroundings, mistakes: Mistakes): void {
  walk(raw, [], (path, text, part) => {
    if (part === 'key' && text === '__proto__') {
      mistakes.add(path, "'__proto__' cannot be the name of a field", { part });
    }
    if (hasTemplate(text) && !takesTemplates(path, part)) {
      const { start, end } = stretches(text).find(({ hole }) => hole)!;
      const help = `it may stand ${TEMPLATE_PLACES}`;
      mistakes.add(path, '{{ … }} cannot stand here', {
        part,
        span: { start, length: end - start },
        help,
      });
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
const TEMPLATE_PLACES = 'in paths, header values and bodies of requests, but for `multipart`';
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
const ANYTHING: Slot = { forbidden: /(?!)/, what: '', help: '' };
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
  body: ANYTHING,
  multipart: ANYTHING,
  request: ADDRESS,
};
const BEARER: Slot = {
  forbidden: /[^\x20-\x7e]/,
  what: 'characters that cannot stand in a header',
  help: 'a token is one line of Latin letters',
};

/** What a reference at this place must not bring in; null where none may stand. */
function slotOf(path: Path): Slot | null {
  const [root, index] = path;
  if (root === 'target') return index === undefined || index === 'url' ? ADDRESS : null;
  if (root !== 'requests') return null;
  const [field, ...rest] = withinRequest(path);
  if (field === undefined) return ADDRESS;
  if (field === 'headers' && rest.length === 0) return null;
  if (field === 'auth') return rest[0] === 'bearer' ? BEARER : ANYTHING;
  if (field === 'multipart' && rest.slice(1).some((one) => /^(?:file|name|type)$/.test(`${one}`))) {
    return null;
  }
  return SLOTS[String(field)] ?? null;
}

/** Where a value lies within its request, which may be one of a flow's, or of a repetition's. */
export function withinRequest(path: Path): Path {
  const [, , ...within] = path;
  const lists = ['steps', 'requests'];
  while (lists.includes(String(within[0])) && typeof within[1] === 'number') within.splice(0, 2);
  return within;
}

/** Promises name requests as they are written. */
function takesTemplates(path: Path, part: 'key' | 'value'): boolean {
  if (path[0] === 'objectives' || path[0] === 'abort') return true;
  // The boundary of a form is drawn from all of its parts, once.
  if (part === 'key' || path[0] !== 'requests' || withinRequest(path)[0] === 'multipart')
    return false;
  return slotOf(path) !== null;
}

/** Puts the values in, for checks that need the whole text; never for anything stored or shown. */
export function filled(text: string, env: Environment): string {
  return text.replace(REFERENCE, (whole, name?: string) => env[name ?? ''] ?? whole);
}

/** Names that texts refer to. */
interface Referred {
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

/** A stretch of a text: a template or a reference, or what stands around them. */
export interface Piece {
  readonly hole: boolean;
  readonly text: string;
}

/** Cuts a text at its templates and references. */
export function cut(text: string): Piece[] {
  return stretches(text).flatMap(({ hole, start, end }): Piece[] => {
    const whole = text.slice(start, end);
    return hole ? [{ hole, text: whole }] : atReferences(whole);
  });
}

function atReferences(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(REFERENCE)) {
    if (index > end) pieces.push({ hole: false, text: text.slice(end, index) });
    pieces.push({ hole: true, text: found });
    end = index + found.length;
  }
  if (end < text.length) pieces.push({ hole: false, text: text.slice(end) });
  return pieces;
}

/** Applies a change to all of a text but its references. */
export function aroundReferences(text: string, change: (part: string) => string): string {
  return atReferences(text)
    .map(({ hole, text: part }) => (hole ? part : change(part)))
    .join('');
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
