// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { describe, expect, it } from 'vitest';
import { TextMistake } from '../../lib/plan/diagnostics.js';
import {
  aroundTemplates,
  checkTemplate,
  hasTemplate,
  isConstant,
  namesIn,
  parseTemplate,
  type TemplateNames,
  templateMistakes,
  variableNameProblem,
} from '../../lib/plan/template-text.js';

const NAMES: TemplateNames = {
  variables: ['token', 'order_id'],
  data: [{ name: 'users', columns: ['name', 'e-mail', 'full name', '2fa'] }],
};

/** The mistake, what it points at, and its help. */
function mistake(text: string, names = NAMES): string {
  try {
    checkTemplate(text, names);
  } catch (error) {
    if (!(error instanceof TextMistake)) throw error;
    const { message, start, length, help } = error;
    return [message, text.slice(start, start + length), help ?? ''].join(' | ');
  }
  return 'sound';
}

describe('a template', () => {
  it.each([
    'no template at all',
    'Bearer {{ token }}',
    '{{token}}/{{ order_id }}',
    '{{ users.name }} {{ users.e-mail }} {{ users.2fa }}',
    '{{ users["full name"] }}',
    "{{ users['name'] | urlencode }}",
    '{{ uuid }} {{ uuid() }} {{ timestamp }} {{ timestamp("iso") }}',
    '{{ int(1, 6) }} {{ int(-9007199254740, 0) }}',
    "{{ pick('a', token, users.name) }}",
    '{{ base64(users.name, ":", token) }}',
    '{{ timestamp | hmac("${secret:KEY}", "sha512", "base64") | urlencode }}',
    'a text with braces: {{ "{{ }}" }}',
    "{{ 'it\\'s' }}",
    '{ {token} } and }} alone',
  ])('%s', (text) => {
    expect(mistake(text)).toBe('sound');
  });

  it('is told from text', () => {
    expect(hasTemplate('a {{ b }}')).toBe(true);
    expect(hasTemplate('{ "a": { "b": {} }}')).toBe(false);
  });

  it('keeps the text around it as it is', () => {
    expect(parseTemplate('a{{ token }}\n{{ uuid }}')).toMatchObject([
      'a',
      { kind: 'name', name: 'token', column: null },
      '\n',
      { kind: 'call', helper: 'uuid', args: [] },
    ]);
  });

  it('that is sent through helpers is the first argument of each', () => {
    const [piped] = parseTemplate('{{ token | hmac("k") | base64(users.name) }}');
    const [called] = parseTemplate('{{ base64(hmac(token, "k"), users.name) }}');
    const plain = (part: unknown) =>
      JSON.stringify(part, (key, value) => (/start|length/.test(key) ? undefined : value));
    expect(plain(piped)).toBe(plain(called));
  });

  it('says which names it uses, each once', () => {
    const text =
      '{{ token }} {{ pick(users.name, order_id) }} {{ token | base64(users["x"]) }} {{ "token" }}';
    expect(namesIn(text)).toEqual(['token', 'users', 'order_id']);
    expect(namesIn('token users.name')).toEqual([]);
  });

  it('is constant where nothing in it is drawn, captured, or read off a clock', () => {
    expect(isConstant('Basic {{ base64("user:", "${secret:P}") | urlencode }}')).toBe(true);
    expect(isConstant('text')).toBe(true);
    for (const text of [
      '{{ uuid }}',
      '{{ int(1, 1) }}',
      '{{ timestamp }}',
      '{{ token }}',
      '{{ base64(users.name) }}',
    ]) {
      expect(isConstant(`x${text}`), text).toBe(false);
    }
  });
});

describe('a mistake in a template is told with its place', () => {
  it.each([
    ['{{ tokn }}', "nothing is called 'tokn' here | tokn | did you mean 'token'?"],
    ['a {{ uid }}', "nothing is called 'uid' here | uid | did you mean 'uuid'?"],
    ['{{ users.nam }}', "'users' has no column 'nam' | users.nam | did you mean 'name'?"],
    ['{{ user.name }}', "no table is called 'user' | user.name | did you mean 'users'?"],
    ['{{ users }}', "'users' is a table | users | name one of its columns: users.name"],
    ['{{ token.access }}', /^'token' is a text, which has no columns \| token\.access \| capture/],
    ['{{ toBase64(token) }}', "there is no helper 'toBase64' | toBase64 | did you mean 'base64'?"],
    [
      '{{ token | urlencod }}',
      "there is no helper 'urlencod' | urlencod | did you mean 'urlencode'?",
    ],
    ['{{ token | users.name }}', /^there is no helper 'users' \| users \| there are 'uuid', /],
    ['{{ token | }}', /^the name of a helper is missing here/],
    ['{{ int }}', 'int needs from as well | int | write int(1, 100)'],
    ['{{ int(6) }}', 'int needs to as well | int | write int(1, 100)'],
    ['{{ int(6, 1) }}', /^int goes from the smaller number/],
    ['{{ int(1.5, 3) }}', /^from of int must be written out: a whole number \| int/],
    ['{{ int(1, token) }}', /^to of int must be written out: a whole number \| int/],
    ['{{ int(-9007199254740991, 9007199254740991) }}', /^int goes over fewer numbers/],
    ['{{ uuid(4) }}', 'uuid takes no more than this | uuid | write uuid'],
    ['{{ timestamp("m") }}', /^unit of timestamp must be written out: one of ms, s, iso/],
    ['{{ hmac(token) }}', /^hmac needs key as well/],
    ['{{ hmac(token, "k", "md5") }}', /^algorithm of hmac must be written out: one of sha256, /],
    ['{{ pick() }}', /^pick needs choice as well/],
    ['{{ pick("a" "b") }}', /^the bracket is never closed \| "b"/],
    ['{{ token order_id }}', /^'order_id' is too much here \| order_id \| a value is sent through/],
    ['{{ }}', 'nothing stands between the braces | {{ }} | '],
    ['x {{ token', /^{{ is never closed \| {{ \| close it with }}/],
    ['{{ "token }}', 'this text has no closing quote | " | '],
    ['{{ token + 1 }}', /^'\+' means nothing here \| \+/],
    ['{{ users. }}', /^the name of a column is missing here/],
    [
      '{{ users."full name" }}',
      /^the name of a column is missing here \| " \| .*users\["full name"\]/,
    ],
    ['{{ users[name] }}', /^this names no column \| name \| a column stands between quotes/],
    ['{{ base64(, token) }}', /^a value must stand here, not ',' \| ,/],
  ])('%s', (text, told) => {
    if (typeof told === 'string') expect(mistake(text)).toBe(told);
    else expect(mistake(text)).toMatch(told);
  });

  it('and every template of a text tells its own', () => {
    const mistakes = templateMistakes('{{ a }} {{ token }} {{ b( }} {{ users.c }}', NAMES);
    expect(mistakes.map(({ start }) => start)).toEqual([3, 23, 32]);
  });
});

describe('a name', () => {
  it.each(['token', 'Order_2', '_'])('%s can be given', (name) => {
    expect(variableNameProblem(name)).toBeNull();
  });

  it.each(['uuid', 'base64', 'order-id', '2fa', 'a b', '', 'a.b', '__proto__ ', 'x'.repeat(81)])(
    "'%s' cannot be given",
    (name) => {
      expect(variableNameProblem(name)).toContain(`'${name}'`);
    },
  );
});

describe('aroundTemplates', () => {
  it('changes all but the templates', () => {
    const shout = (text: string) => text.toUpperCase();
    expect(aroundTemplates('a{{ b }}c{{ "}}d" }}e', shout)).toBe('A{{ b }}C{{ "}}d" }}E');
    expect(aroundTemplates('a{{ b', shout)).toBe('A{{ b');
    expect(aroundTemplates('', shout)).toBe('');
  });
});
