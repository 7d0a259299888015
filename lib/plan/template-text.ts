import { suggest, TextMistake } from './diagnostics.js';
import { HELPER_NAMES, type HelperName, helperOf, isHelper } from './template-helpers.js';
import { isClosed, type Stretch, stretches, Tokens } from './template-scan.js';

export { aroundTemplates, hasTemplate } from './template-scan.js';

/** What `{{ name }}` and `{{ name.column }}` may stand for. */
export interface TemplateNames {
  readonly variables: readonly string[];
  readonly data: readonly { readonly name: string; readonly columns: readonly string[] }[];
}

/** Text as it stands, or what is put in its place. */
type TemplatePart = string | Expression;

export type Expression =
  | { readonly kind: 'text'; readonly text: string }
  | NameExpression
  | CallExpression;

interface Placed {
  readonly start: number;
  readonly length: number;
}

interface NameExpression extends Placed {
  readonly kind: 'name';
  readonly name: string;
  /** null: a variable. */
  readonly column: string | null;
}

interface CallExpression extends Placed {
  readonly kind: 'call';
  readonly helper: HelperName;
  /** All of them: what was left out stands for what it means. */
  readonly args: readonly Expression[];
}

/** What a name stands for, as indexes into the names. */
type Resolved =
  | { readonly kind: 'variable'; readonly slot: number }
  | { readonly kind: 'cell'; readonly set: number; readonly column: number };

/**
 * Reads a text with `{{ … }}` in it: a value, a helper, or values sent through helpers.
 * `{{ token }}`, `{{ users.name }}`, `{{ users["full name"] }}`, `{{ int(1, 100) }}`,
 * `{{ name | urlencode }}`, which is `{{ urlencode(name) }}`. Throws a TextMistake.
 */
export function parseTemplate(text: string): TemplatePart[] {
  return stretches(text).map((stretch) =>
    stretch.hole ? parseHole(text, stretch) : text.slice(stretch.start, stretch.end),
  );
}

/** All that is wrong with a text, one mistake for each of its holes. */
export function templateMistakes(text: string, names: TemplateNames): TextMistake[] {
  return stretches(text).flatMap((stretch) => {
    if (!stretch.hole) return [];
    try {
      for (const name of namesOf(parseHole(text, stretch))) resolve(name, names);
      return [];
    } catch (error) {
      if (error instanceof TextMistake) return [error];
      throw error;
    }
  });
}

/** Throws the first mistake of a text. */
export function checkTemplate(text: string, names: TemplateNames): void {
  const [first] = templateMistakes(text, names);
  if (first) throw first;
}

/** Names of the variables and of the data that a text uses, each once. */
export function namesIn(text: string): string[] {
  const names = parseTemplate(text).flatMap((part) =>
    typeof part === 'string' ? [] : namesOf(part).map(({ name }) => name),
  );
  return [...new Set(names)];
}

/** It comes to the same text each time: nothing in it is drawn, captured, or read off a clock. */
export function isConstant(text: string): boolean {
  return parseTemplate(text).every((part) => typeof part === 'string' || isFixed(part));
}

/** Why a variable or a table cannot be called this; null: it can. */
export function variableNameProblem(name: string): string | null {
  if (isHelper(name)) return `'${name}' is what a helper is called: ${helperOf(name).example}`;
  if (!/^[A-Za-z_]\w{0,79}$/.test(name)) {
    return `'${name}' cannot stand in {{ }}: a name has letters, digits and underscores, and begins with no digit`;
  }
  return null;
}

/** Throws a TextMistake where there is no such name, with the one that was probably meant. */
export function resolve(
  { name, column, start, length }: NameExpression,
  { variables, data }: TemplateNames,
): Resolved {
  const set = data.findIndex((one) => one.name === name);
  const slot = variables.indexOf(name);
  if (column === null) {
    if (slot >= 0) return { kind: 'variable', slot };
    if (set >= 0) {
      const first = data[set]!.columns[0];
      const help =
        first === undefined ? undefined : `name one of its columns: ${inTable(name, first)}`;
      throw new TextMistake(`'${name}' is a table`, start, length, help);
    }
    const known = [...variables, ...data.map((one) => one.name), ...HELPER_NAMES];
    throw new TextMistake(`nothing is called '${name}' here`, start, length, suggest(name, known));
  }
  if (set < 0) {
    if (slot >= 0) {
      const help = 'capture the part that you need, each under a name of its own';
      throw new TextMistake(`'${name}' is a text, which has no columns`, start, length, help);
    }
    const help =
      suggest(
        name,
        data.map((one) => one.name),
      ) ?? 'tables are read under `data`';
    throw new TextMistake(`no table is called '${name}'`, start, length, help);
  }
  const { columns } = data[set]!;
  // It could not be read, which is a mistake of its own.
  if (columns.length === 0) return { kind: 'cell', set, column: 0 };
  const found = columns.indexOf(column);
  if (found >= 0) return { kind: 'cell', set, column: found };
  throw new TextMistake(
    `'${name}' has no column '${column}'`,
    start,
    length,
    suggest(column, columns),
  );
}

function inTable(name: string, column: string): string {
  return /^[\w-]+$/.test(column) ? `${name}.${column}` : `${name}["${column}"]`;
}

function namesOf(expression: Expression): NameExpression[] {
  if (expression.kind === 'name') return [expression];
  return expression.kind === 'call' ? expression.args.flatMap(namesOf) : [];
}

function isFixed(expression: Expression): boolean {
  if (expression.kind === 'call') {
    return helperOf(expression.helper).constant && expression.args.every(isFixed);
  }
  return expression.kind === 'text';
}

function parseHole(text: string, hole: Stretch): Expression {
  const { start, end } = hole;
  if (!isClosed(text, hole)) {
    const help = 'close it with }}; two braces that are meant are written {{ "{{" }}';
    throw new TextMistake('{{ is never closed', start, 2, help);
  }
  const tokens = new Tokens(text, hole);
  if (tokens.next.kind === 'end') {
    throw new TextMistake('nothing stands between the braces', start, end - start);
  }
  const expression = parsePiped(tokens);
  const rest = tokens.next;
  if (rest.kind !== 'end') {
    const help = 'a value is sent through helpers by |, as in {{ name | urlencode }}';
    throw new TextMistake(`'${shown(text, rest)}' is too much here`, rest.start, rest.length, help);
  }
  return expression;
}

const shown = (text: string, { start, length }: Placed) => text.slice(start, start + length);

function parsePiped(tokens: Tokens): Expression {
  let value = parseValue(tokens);
  while (tokens.takeIf('|')) {
    const word = tokens.take();
    if (word.kind !== 'name' || !isHelper(word.value)) throw noHelper(word);
    value = call(word.value, [value, ...(parseArguments(tokens) ?? [])], word);
  }
  return value;
}

function parseValue(tokens: Tokens): Expression {
  const word = tokens.take();
  const { kind, value, start } = word;
  if (kind === 'text' || kind === 'number') return { kind: 'text', text: value };
  if (kind !== 'name') {
    throw new TextMistake(
      kind === 'end' ? 'a value is missing here' : `a value must stand here, not '${value}'`,
      start,
      word.length,
    );
  }
  if (tokens.next.kind === 'mark' && tokens.next.value === '(') {
    if (!isHelper(value)) throw noHelper(word);
    return call(value, parseArguments(tokens) ?? [], word);
  }
  if (isHelper(value)) return call(value, [], word);
  const column = parseColumn(tokens);
  const length = column === null ? word.length : column.end - start;
  return { kind: 'name', name: value, column: column?.name ?? null, start, length };
}

function parseColumn(tokens: Tokens): { readonly name: string; readonly end: number } | null {
  if (tokens.takeIf('.')) {
    const column = tokens.take();
    if (column.kind !== 'name') {
      throw new TextMistake('the name of a column is missing here', column.start, column.length);
    }
    return { name: column.value, end: column.start + column.length };
  }
  if (!tokens.takeIf('[')) return null;
  const column = tokens.take();
  const close = tokens.next;
  if (column.kind !== 'text' || !tokens.takeIf(']')) {
    const wrong = column.kind === 'text' ? close : column;
    const help = 'a column stands between quotes and brackets: users["full name"]';
    throw new TextMistake('this names no column', wrong.start, wrong.length, help);
  }
  return { name: column.value, end: close.start + 1 };
}

/** null: there are no brackets. */
function parseArguments(tokens: Tokens): Expression[] | null {
  if (!tokens.takeIf('(')) return null;
  const args: Expression[] = [];
  if (tokens.takeIf(')')) return args;
  do args.push(parsePiped(tokens));
  while (tokens.takeIf(','));
  if (!tokens.takeIf(')')) {
    throw new TextMistake('the bracket is never closed', tokens.next.start, tokens.next.length);
  }
  return args;
}

function noHelper({ value, start, length }: Placed & { readonly value: string }): TextMistake {
  return new TextMistake(
    value === '' ? 'the name of a helper is missing here' : `there is no helper '${value}'`,
    start,
    length,
    suggest(value, HELPER_NAMES),
  );
}

function call(helper: HelperName, given: readonly Expression[], place: Placed): CallExpression {
  const { example, parameters, rest } = helperOf(helper);
  const { start, length } = place;
  const wrong = (message: string) => new TextMistake(message, start, length, `write ${example}`);
  const least = parameters.filter(({ absent }) => absent === undefined).length;
  if (given.length < least) {
    throw wrong(`${helper} needs ${parameters[given.length]!.name} as well`);
  }
  if (given.length > parameters.length && !rest) throw wrong(`${helper} takes no more than this`);
  parameters.forEach(({ name, is }, i) => {
    const written = given[i];
    if (is === undefined || written === undefined) return;
    const value = written.kind === 'text' ? written.text : null;
    if (is === 'whole' ? !isWhole(value) : !is.includes(value ?? '')) {
      const those = is === 'whole' ? 'a whole number' : `one of ${is.join(', ')}`;
      throw wrong(`${name} of ${helper} must be written out: ${those}`);
    }
  });
  if (helper === 'int') {
    const size = Number(textOf(given[1])) - Number(textOf(given[0]));
    if (size < 0) throw wrong('int goes from the smaller number to the larger one');
    if (!Number.isSafeInteger(size + 1)) throw wrong('int goes over fewer numbers than this');
  }
  const args = [
    ...given,
    ...parameters
      .slice(given.length)
      .map(({ absent }) => ({ kind: 'text', text: absent! }) as const),
  ];
  return { kind: 'call', helper, args, start, length };
}

const isWhole = (value: string | null) =>
  value !== null && /^-?\d+$/.test(value) && Number.isSafeInteger(Number(value));

const textOf = (expression: Expression | undefined) =>
  expression?.kind === 'text' ? expression.text : '';
