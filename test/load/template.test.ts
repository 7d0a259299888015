// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { compileBasicAuth } from '../../lib/load/basic-auth.js';
import { Failure } from '../../lib/load/failure.js';
import { SecretText } from '../../lib/load/secret-text.js';
import { compileTemplate, type Escape, type TemplateValues } from '../../lib/load/template.js';
import { Draws, drawKey } from '../../lib/plan/draws.js';
import type { TemplateNames } from '../../lib/plan/template-text.js';

const NAMES: TemplateNames = {
  variables: ['token', 'next'],
  data: [
    { name: 'terms', columns: ['word'] },
    { name: 'users', columns: ['name', 'password'] },
  ],
};

/** An iteration that has captured these, and works with these rows. */
function iteration(
  variables: readonly string[] = ['t0', '/next'],
  rows: readonly (readonly string[])[] = [['shoe'], ['ann', 'a&1']],
  first = 0,
): TemplateValues {
  const draws = new Draws();
  draws.begin(drawKey(7, first), 0);
  return {
    variable: (slot) => variables[slot]!,
    cell: (set, column) => rows[set]![column]!,
    draw: () => draws.next(),
    nowMs: () => 1_700_000_000_123.5,
  };
}

function filled(text: string, values = iteration(), place: Escape = 'none'): string {
  return compileTemplate(text, { names: NAMES, escape: place, reveal: (one) => one }).render(
    values,
  );
}

/** The class and the sample of what cannot be put in. */
function refused(text: string, place: Escape, values: TemplateValues): string {
  try {
    return `sent: ${filled(text, values, place)}`;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `${error.code} ${error.detail}`;
  }
}

describe('a template', () => {
  it.each([
    ['plain text', 'plain text'],
    ['', ''],
    ['Bearer {{ token }}', 'Bearer t0'],
    ['{{ users.name }}:{{ users["password"] }} {{ terms.word }}', 'ann:a&1 shoe'],
    ['{{ "{{ }}" }}', '{{ }}'],
    ["{{ 'it\\'s\\n' }}", "it's\n"],
    ['{{ timestamp }}', '1700000000123'],
    ['{{ timestamp("s") }}', '1700000000'],
    ['{{ timestamp | urlencode }}', '1700000000123'],
    ['{{ timestamp("iso") }}', '2023-11-14T22:13:20.123Z'],
    ['{{ base64(users.name, ":", users.password) }}', 'YW5uOmEmMQ=='],
    ['{{ "ä" | base64 }}', 'w6Q='],
    ['{{ users.password | urlencode }}', 'a%261'],
    ['{{ number("-1.5e3") }}', '-1.5e3'],
    ["{{ pick('only') }}", 'only'],
    ['{{ int(5, 5) }}', '5'],
  ])('%s', (text, told) => {
    expect(filled(text)).toBe(told);
  });

  it('signs like any HMAC', () => {
    const signed = (algorithm: string, encoding: 'hex' | 'base64' | 'base64url') =>
      createHmac(algorithm, 'ann').update('t0').digest(encoding);
    expect(filled('{{ token | hmac(users.name) }}')).toBe(signed('sha256', 'hex'));
    expect(filled('{{ hmac(token, users.name, "sha512", "base64url") }}')).toBe(
      signed('sha512', 'base64url'),
    );
    // RFC 4231, test case 2.
    expect(filled('{{ hmac("what do ya want for nothing?", "Jefe") }}')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('that is not known is told before it is ever filled in', () => {
    expect(() => filled('{{ tokn }}')).toThrow("nothing is called 'tokn' here");
  });

  it('is constant where it always comes to the same', () => {
    const constant = (text: string) =>
      compileTemplate(text, { names: NAMES, escape: 'none', reveal: (one) => one }).constant;
    expect(constant('a{{ base64("b") | urlencode }}c')).toBe('aYg%3D%3Dc');
    expect(constant('{{ token }}')).toBeNull();
    expect(constant('{{ uuid }}')).toBeNull();
    expect(constant('{{ timestamp }}')).toBeNull();
  });
});

describe('what is drawn', () => {
  it('is the same for the same iteration, another each time within it', () => {
    const text = '{{ uuid }} {{ uuid }} {{ int(1, 1000000) }}';
    expect(filled(text)).toBe(filled(text));
    expect(filled(text)).not.toBe(filled(text, iteration([], [], 1)));
    const [first, second] = filled(text).split(' ');
    expect(first).not.toBe(second);
  });

  it('makes ids of version 4, no two alike', () => {
    const values = iteration();
    const ids = filled('{{ uuid }} '.repeat(500), values).trim().split(' ');
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(500);
    // Every bit that is drawn is now this and now that.
    const bits = (id: string) => BigInt(`0x${id.replaceAll('-', '')}`);
    const ever = ids.reduce((all, id) => all | bits(id), 0n);
    const always = ids.reduce((all, id) => all & bits(id), (1n << 128n) - 1n);
    const drawn = ever & ~always;
    expect(drawn.toString(2).replaceAll('0', '')).toHaveLength(122);
  });

  it('takes every whole number between the two, both included, about equally often', () => {
    const counts = new Map<string, number>();
    const values = iteration();
    const dice = compileTemplate('{{ int(-2, 3) }}', {
      names: NAMES,
      escape: 'none',
      reveal: (one) => one,
    });
    for (let i = 0; i < 6_000; i++) {
      const number = dice.render(values);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['-1', '-2', '0', '1', '2', '3']);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('reaches the ends of the longest stretch, and never beyond', () => {
    const text = '{{ int(0, 9007199254740990) }}';
    const at = (word: number) => filled(text, { ...iteration(), draw: () => word });
    expect(at(0)).toBe('0');
    expect(at(2 ** 32 - 1)).toBe('9007199254740990');
  });

  it('picks each of its choices about equally often', () => {
    const values = iteration();
    const picked = filled("{{ pick('a', token, users.name) }} ".repeat(3_000), values)
      .trim()
      .split(' ');
    for (const choice of ['a', 't0', 'ann']) {
      expect(Math.abs(picked.filter((one) => one === choice).length - 1_000)).toBeLessThan(150);
    }
  });
});

describe('a value is written as the place that it is put into wants it', () => {
  const odd = iteration(['a b"c\\d\n&=é#?/%{}', 'x']);

  it('in a path only what could not stand there is changed', () => {
    expect(filled('/x/{{ token }}', odd, 'path')).toBe('/x/a%20b%22c%5Cd%0A&=%C3%A9%23?/%%7B%7D');
    expect(filled('{{ next }}', iteration(['', '/orders?page=2&a=%20']), 'path')).toBe(
      '/orders?page=2&a=%20',
    );
    expect(filled('/{{ token | urlencode }}', odd, 'path')).toBe(
      '/a%20b%22c%5Cd%0A%26%3D%C3%A9%23%3F%2F%25%7B%7D',
    );
    expect(filled('/{{ token }}', iteration(['\ud800x']), 'path')).toBe('/%EF%BF%BDx');
  });

  it('in a path it is no more than one of a request line, whatever it is', () => {
    for (let code = 0; code < 0x300; code++) {
      const path = filled('/{{ token }}', iteration([String.fromCharCode(code)]), 'path');
      expect(path).toMatch(/^\/[\x21-\x7e]+$/);
      expect(path).not.toContain('#');
    }
  });

  it('in JSON it stays within its quotes, and comes out as it was', () => {
    const text = JSON.stringify({
      'a {{ next }}': ['{{ token }}!', 1.5, null, true, { b: '{{"}}"}}' }],
    });
    expect(JSON.parse(filled(text, odd, 'json'))).toEqual({
      'a x': ['a b"c\\d\n&=é#?/%{}!', 1.5, null, true, { b: '}}' }],
    });
  });

  it('in JSON a number has no quotes where it is asked for, and must be one', () => {
    const text = JSON.stringify({
      amount: '{{ int(3, 3) | number }}',
      text: '{{ number("1") }} EUR',
    });
    expect(filled(text, odd, 'json')).toBe('{"amount":3,"text":"1 EUR"}');
    const token = '{"a":"{{ number(token) }}"}';
    expect(filled(token, iteration(['-0.5']), 'json')).toBe('{"a":-0.5}');
    for (const none of ['', '01', '1.', 'NaN', '1,"b":2', '0x1', ' 1', 'Infinity']) {
      expect(refused(token, 'json', iteration([none]))).toBe(`1722 ${none}`);
    }
  });

  it('in JSON the rest is as it would be without templates', () => {
    const value = { b: [], a: {}, n: -0.25, t: '${x}\u2028"', nested: [[{ '': '' }]] };
    expect(filled(JSON.stringify({ ...value, x: '{{ next }}' }), odd, 'json')).toBe(
      JSON.stringify({ ...value, x: 'x' }),
    );
  });

  it('in a form it is one value of one field', () => {
    const body = filled('a={{ token }}&b=1', odd, 'form');
    expect([...new URLSearchParams(body)]).toEqual([
      ['a', 'a b"c\\d\n&=é#?/%{}'],
      ['b', '1'],
    ]);
  });

  it('in a header it is one line of Latin letters, or is not sent', () => {
    expect(filled('Bearer {{ token }}', iteration(['a é\t~']), 'header')).toBe('Bearer a é\t~');
    for (const none of ['a\r\nx: y', 'a\nb', '\0', 'ł', '\x7f']) {
      expect(refused('Bearer {{ token }}', 'header', iteration([none]))).toBe(`1722 ${none}`);
    }
  });

  it('elsewhere it is as it is', () => {
    expect(filled('{{ token }}', odd)).toBe('a b"c\\d\n&=é#?/%{}');
  });
});

describe('secrets', () => {
  const env = { PASSWORD: '{{ token }}"x"', SHORT: 'ab' };

  function compiled(text: string, place: Escape = 'none') {
    const secrets = new SecretText(env);
    const template = compileTemplate(text, {
      names: NAMES,
      escape: place,
      reveal: (literal) => secrets.reveal(literal),
      keep: (derived) => secrets.keep(derived),
    });
    return { text: template.render(iteration()), secrets };
  }

  it('are put in, and never read as templates', () => {
    expect(compiled('{{ token }} ${env:PASSWORD}').text).toBe('t0 {{ token }}"x"');
    expect(compiled('{{ "${env:PASSWORD}" }}').text).toBe('{{ token }}"x"');
  });

  it('are hidden, and so is what was made out of them', () => {
    const { text, secrets } = compiled('{{ base64("user:", "${env:PASSWORD}") }}');
    expect(Buffer.from(text, 'base64').toString()).toBe('user:{{ token }}"x"');
    expect(secrets.hide(`you sent ${text}, or ${env.PASSWORD}`)).toBe('you sent ***, or ***');
    const json = compiled(JSON.stringify({ p: '{{ "${env:PASSWORD}" }}' }), 'json');
    expect(JSON.parse(json.text)).toEqual({ p: env.PASSWORD });
    expect(json.secrets.hide(json.text)).toBe('{"p":"***"}');
    const path = compiled('/{{ urlencode("${env:PASSWORD}") }}', 'path');
    expect(path.secrets.hide(`GET ${path.text}`)).toBe('GET /***');
  });

  it('too short to be hidden do not blot out what is made of them either', () => {
    const { text, secrets } = compiled('{{ base64("${env:SHORT}") }}');
    // Four characters can be hidden: these are of the secret alone.
    expect(secrets.hide(`x ${text} ab`)).toBe('x *** ab');
  });

  it('of a name and a password are hidden as the header has them', () => {
    const secrets = new SecretText({ P: 'open sesame' });
    const setting = {
      names: NAMES,
      reveal: (literal: string) => secrets.reveal(literal),
      keep: (derived: string) => secrets.keep(derived),
    };
    const { constant } = compileBasicAuth({ user: 'ann', password: '${env:P}' }, setting);
    expect(constant).toBe(`Basic ${Buffer.from('ann:open sesame').toString('base64')}`);
    expect(secrets.hide(`authorization: ${constant}`)).toBe('authorization: Basic ***');
  });

  it('a name of each row makes a header of each iteration', () => {
    const setting = { names: NAMES, reveal: (literal: string) => literal };
    const { constant, render } = compileBasicAuth(
      { user: '{{ users.name }}', password: '{{ users.password }}' },
      setting,
    );
    expect(constant).toBeNull();
    expect(render(iteration())).toBe(`Basic ${Buffer.from('ann:a&1').toString('base64')}`);
  });
});
