import type { z } from 'zod';
import { suggest } from './diagnostics.js';
import { containerKind, fieldName, type Mistakes } from './mistakes.js';
import { type Refusal, refusedField, refusedValue } from './not-yet.js';
import type { Path } from './places.js';
import { STAGE_KINDS } from './schema.js';
import { misplacedInRequests, requestKind } from './step-issues.js';

type Issue = z.core.$ZodIssue;

/** What must be written where a field is missing. */
const EXAMPLES: Readonly<Record<string, string>> = {
  steps: 'steps: [POST /token, GET /users]',
  target: 'target: https://shop.example.com',
  load: 'load: [{ rate: 50/s, for: 1m }]',
  for: 'for: 1m',
  request: 'request: GET /',
  url: 'url: https://shop.example.com',
};

/** Turns what the schema found into sentences for people, at their places in the plan. */
export function addIssues(issues: readonly Issue[], raw: unknown, mistakes: Mistakes): void {
  const flat = issues.flatMap((issue) => flatten(issue, [], raw));
  for (const [path, group] of byMap(flat)) addUnknown(path, group, raw, mistakes);
  for (const { path, what } of flat.filter(isWrong)) addWrong(path, what, raw, mistakes);
}

type Finding =
  | { readonly kind: 'wrong'; readonly path: Path; readonly what: string }
  | { readonly kind: 'unknown' | 'missing'; readonly path: Path; readonly key: string };

const isWrong = (finding: Finding) => finding.kind === 'wrong';

function flatten(issue: Issue, above: Path, raw: unknown): Finding[] {
  const path = [...above, ...issue.path.map((one) => (typeof one === 'symbol' ? '' : one))];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ kind: 'unknown', path, key }));
  }
  if (issue.code === 'invalid_union') return flattenUnion(issue, path, raw);
  if (path.length > 0 && valueAt(raw, path) === undefined && typeof path.at(-1) === 'string') {
    return [{ kind: 'missing', path: path.slice(0, -1), key: String(path.at(-1)) }];
  }
  const what = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message;
  return [{ kind: 'wrong', path, what: what ?? issue.message }];
}

/** The findings of that form of a union which the value was meant to have. */
function flattenUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  raw: unknown,
): Finding[] {
  const value = valueAt(raw, path);
  if (value === undefined) {
    return [{ kind: 'missing', path: path.slice(0, -1), key: String(path.at(-1)) }];
  }
  const forms = issue.errors
    // A form that is wrong as a whole is another kind of value.
    .filter(
      (form) => !form.some((one) => one.path.length === 0 && one.code !== 'unrecognized_keys'),
    )
    .map((form) => form.flatMap((one) => flatten(one, path, raw)))
    .sort((a, b) => strange(a, path) - strange(b, path) || weigh(a) - weigh(b));
  const kindMissing = (form: readonly Finding[]) =>
    settled(form).some(
      (one) => one.kind === 'missing' && STAGE_KINDS.some((kind) => kind === one.key),
    );
  const meant = forms.length > 1 ? forms.find((form) => !kindMissing(form)) : forms[0];
  return meant ?? [{ kind: 'wrong', path, what: issue.message }];
}

/** The fields that say what kind of item, step, table or part a map is. */
const KINDS = 'request flow pause repeat csv json file text bearer basic'.split(' ');

/** How many such fields of the map itself a form knows nothing of: it is not what was meant. */
const strange = (findings: readonly Finding[], path: Path) =>
  findings.filter(
    (one) => one.kind === 'unknown' && one.path.length === path.length && KINDS.includes(one.key),
  ).length;

const weigh = (findings: readonly Finding[]) => settled(findings).length;

/** Without the missing fields that an unknown one was probably meant to be. */
function settled(findings: readonly Finding[]): readonly Finding[] {
  const unknown = findings.flatMap((one) => (one.kind === 'unknown' ? [one.key] : []));
  return findings.filter(
    (one) => one.kind !== 'missing' || !unknown.some((key) => isMeant(key, one.key)),
  );
}

const isMeant = (written: string, field: string) =>
  written.startsWith(`${field}:`) ||
  (suggest(written, [field])?.startsWith('did you mean') ?? false);

function byMap(findings: readonly Finding[]): Map<Path, Exclude<Finding, { kind: 'wrong' }>[]> {
  const groups = new Map<string, [Path, Exclude<Finding, { kind: 'wrong' }>[]]>();
  for (const one of findings) {
    if (one.kind === 'wrong') continue;
    const id = JSON.stringify(one.path);
    const group = groups.get(id) ?? [one.path, []];
    group[1].push(one);
    groups.set(id, group);
  }
  return new Map(groups.values());
}

function addUnknown(
  path: Path,
  findings: readonly Exclude<Finding, { kind: 'wrong' }>[],
  raw: unknown,
  mistakes: Mistakes,
): void {
  const container =
    path[0] === 'requests' ? requestKind(path, valueAt(raw, path)) : containerKind(path);
  const unknown = findings.filter((one) => one.kind === 'unknown');
  const name = NAMES[container] ?? fieldName(path);
  let refused = false;
  const said = new Set<string>();
  for (const { key } of unknown) {
    const refusal = refusedField(container, key) ?? misplaced(container, key, raw, path);
    refused ||= refusal !== null && container !== 'stage';
    const { message, help } = refusal ?? {
      message: `unknown field '${key}' in ${name}`,
      help: spaceMissing(key) ?? suggest(key, FIELDS[container] ?? []),
    };
    // What goes together is one mistake.
    if (said.has(message)) continue;
    said.add(message);
    mistakes.add([...path, key], message, { part: 'key', help });
  }
  // A field that is refused stands in the place of those that would be required.
  if (refused) return;
  for (const one of settled(findings)) {
    if (one.kind !== 'missing') continue;
    mistakes.add([...path, one.key], `${name} needs the field '${one.key}'`, {
      help: EXAMPLES[one.key] && `for example ${EXAMPLES[one.key]}`,
    });
  }
}

/** What sentences call a map whose place alone does not say what it is. */
const NAMES: Readonly<Record<string, string>> = { flow: 'a flow', repeat: 'a repetition' };

const REQUEST =
  'request name headers auth json form multipart body bodyFile expect timeout followRedirects expectContinue'.split(
    ' ',
  );
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  plan: 'name target from load think every arrivals requests data objectives abort http'.split(' '),
  target: ['url', 'at'],
  stage: 'rate users requests for warmup name'.split(' '),
  region: 'share workers rtt jitter loss'.split(' '),
  request: [...REQUEST, 'weight', 'flow'],
  flow: ['flow', 'weight', 'steps', 'code', 'requests'],
  step: [...REQUEST, 'capture', 'pause', 'repeat', 'steps'],
  pause: ['pause'],
  repeat: ['repeat', 'steps'],
  auth: ['bearer', 'basic'],
  basic: ['user', 'password'],
  expect: ['status', 'header', 'body', 'json', 'size', 'time'],
  http: 'timeout connect connections expect insecure resolve probe serverTime reuse version followRedirects'.split(
    ' ',
  ),
};

/** `for:10s`, which YAML takes for the name of a field. */
function spaceMissing(key: string): string | undefined {
  const [, name, value] = /^(\w+):(\S.*)$/.exec(key) ?? [];
  return name && `put a space after the colon: ${name}: ${value}`;
}

/** Fields that exist, but not beside the others of this map. */
function misplaced(container: string, key: string, raw: unknown, path: Path): Refusal | null {
  if (path[0] === 'requests') return misplacedInRequests(container, key, path, valueAt(raw, path));
  if (container !== 'stage') return null;
  if (key === 'warmup') {
    return {
      message: 'a fixed amount of requests has no warm-up',
      help: 'warm up in a run of its own',
    };
  }
  const stage = valueAt(raw, path);
  const kind = STAGE_KINDS.find((one) => typeof stage === 'object' && stage && one in stage);
  if (!STAGE_KINDS.some((one) => one === key)) return null;
  return {
    message: `a stage has '${kind}' or '${key}', not both`,
    help: `leave out one of them`,
  };
}

function addWrong(path: Path, what: string, raw: unknown, mistakes: Mistakes): void {
  const value = valueAt(raw, path);
  const refusal = path[0] === 'http' && path.length === 2 ? refusedValue(String(path[1])) : null;
  if (refusal && typeof value !== 'object') {
    mistakes.add(path, refusal.message, { help: refusal.help });
    return;
  }
  const written = mistakes.places.written(path);
  const shown = typeof value === 'string' ? `, not '${short(value)}'` : '';
  mistakes.add(path, `${mistakes.nameOf(path)} must be ${what}${shown}`, {
    help: written === null ? undefined : quotesHelp(value, what, written),
  });
}

function quotesHelp(value: unknown, what: string, written: string): string | undefined {
  if (value === null) return 'nothing is written here';
  if (typeof value === 'string') {
    const plain = /number|true or false/.test(what);
    return plain && /^(?:\d+|true|false)$/.test(value) ? 'remove the quotes' : undefined;
  }
  if (/duration/.test(what)) return `give it a unit: ${written}s or ${written}ms`;
  if (/number with its unit/.test(what)) return `give it a unit: ${written}/s`;
  return /text/.test(what) ? `put quotes round it: "${written}"` : undefined;
}

function short(value: string): string {
  return value.length > 40 ? `${value.slice(0, 39)}…` : value;
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return value;
}
