import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ExitCode, UsageError } from '../../lib/errors.js';
import { readPlan } from '../../lib/plan/read-plan.js';
import { planTemplate } from '../../lib/plan/template.js';
import { CONTEXT, HEAD, mistakesIn, read } from '../support/plan-text.js';

const EXAMPLES = new URL('../../examples/', import.meta.url);

const examples = readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml'));

test.each(examples)('the example %s reads without a mistake', (file) => {
  const text = readFileSync(new URL(file, EXAMPLES), 'utf8');
  const readFile = (path: string) => readFileSync(new URL(path, EXAMPLES));
  const plan = readPlan({ text, file }, { ...CONTEXT, readFile, bundle: readFile });
  expect(plan.target).toBe('http://127.0.0.1:8080');
  expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/plan\.schema\.json\n#/);
});

test('the example of payments has five steps from 100/s to 600/s', () => {
  const text = readFileSync(new URL('payments.yaml', EXAMPLES), 'utf8');
  const { load } = readPlan({ text, file: 'payments.yaml' }, CONTEXT);
  const steps = load.kind === 'open' ? load.stages.filter((stage) => !stage.warmup) : [];
  expect(steps.map((stage) => [stage.fromRate, stage.toRate])).toEqual(
    [100, 200, 300, 450, 600].map((rate) => [rate, rate]),
  );
});

test('the plan that init writes reads without a mistake, for any URL', () => {
  expect(read(planTemplate()).target).toBe('http://127.0.0.1:8080');
  expect(read(planTemplate('https://a.example/b/')).target).toBe('https://a.example/b');
});

test('what is left out has its default', () => {
  expect(read(HEAD)).toEqual({
    name: 'shop.example.com',
    target: 'https://shop.example.com',
    regions: [{ name: 'local', share: 1, workers: null }],
    load: {
      kind: 'open',
      stages: [{ name: null, warmup: false, durationUs: 10e6, fromRate: 50, toRate: 50 }],
    },
    arrivals: 'even',
    requests: [
      {
        name: 'GET /',
        method: 'GET',
        path: '/',
        weight: 1,
        headers: [],
        body: null,
        expect: null,
        timeoutUs: 10e6,
      },
    ],
    objectives: [],
    abort: [],
    http: {
      timeoutUs: 10e6,
      connectTimeoutUs: 10e6,
      connections: 'auto',
      expectUs: null,
      insecure: false,
      resolve: {},
      probe: true,
      serverTime: null,
    },
  });
});

test('the probe can be turned off, and names of headers are the same in any case', () => {
  const { http } = read(`${HEAD}http: { probe: false, serverTime: X-Latency }\n`);
  expect(http).toMatchObject({ probe: false, serverTime: 'x-latency' });
});

test('JSON is YAML', () => {
  const text = '{"$schema": "x", "target": "http://a", "load": [{"users": 3, "for": "1s"}]}';
  expect(read(text).load).toMatchObject({ kind: 'closed', pace: { kind: 'none' } });
});

test('an anchor is written once and used again', () => {
  const plan = read(`${HEAD}requests:
  - { request: GET /a, headers: &common { x-a: "1" } }
  - { request: GET /b, headers: *common }
`);
  expect(plan.requests.map((request) => request.headers)).toEqual([[['x-a', '1']], [['x-a', '1']]]);
});

describe('target', () => {
  const target = (written: string) => read(HEAD.replace('https://shop.example.com', written));

  test.each([
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080'],
    ['https://shop.example.com:443/api/', 'https://shop.example.com/api'],
    ['HTTPS://Shop.Example.com', 'https://shop.example.com'],
    ['{ url: "http://[::1]:8080" }', 'http://[::1]:8080'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
    ['"https://${env:HOST}/api/"', 'https://${env:HOST}/api'],
  ])('%s', (written, kept) => {
    expect(target(written).target).toBe(kept);
  });

  test('its prefix alone is requested where there is no list', () => {
    expect(target('https://shop.example.com/api').requests).toMatchObject([
      { name: 'GET /api', path: '' },
    ]);
  });

  test('a host from the environment is not shown, not even as a name', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
    const plan = target('"https://${env:HOST}"');
    expect(plan.name).toBe('plan');
    expect(JSON.stringify(plan)).not.toContain('shop.example.com');
  });
});

describe('from', () => {
  const shares = (from: string) =>
    read(`${HEAD}from: ${from}\n`).regions.map(({ name, share, workers }) =>
      workers === null ? `${name} ${share}` : `${name} ${share} by ${workers}`,
    );

  test.each([
    ['[a, b, c]', ['a 1', 'b 1', 'c 1']],
    ['{ a: 50%, b: 30%, c: 20% }', ['a 5', 'b 3', 'c 2']],
    ['{ a: 33.34%, b: 33.33%, c: 33.33% }', ['a 3334', 'b 3333', 'c 3333']],
    ['{ a: 2, b: 4 }', ['a 1', 'b 2']],
    ['{ a: { share: 75%, workers: 4 }, b: 25% }', ['a 3 by 4', 'b 1']],
    ['{ a: { workers: 2 }, b: 3 }', ['a 1 by 2', 'b 3']],
  ])('%s', (from, expected) => {
    expect(shares(from)).toEqual(expected);
  });
});

describe('load', () => {
  const load = (text: string) => read(`target: http://a\n${text}\n`).load;

  test('a ramp has two ends, a name and its warm-up before it', () => {
    expect(
      load('load: [{ rate: 1/s, for: 1s, warmup: true }, { rate: 50..600/s, for: 5m, name: up }]'),
    ).toEqual({
      kind: 'open',
      stages: [
        { name: null, warmup: true, durationUs: 1e6, fromRate: 1, toRate: 1 },
        { name: 'up', warmup: false, durationUs: 300e6, fromRate: 50, toRate: 600 },
      ],
    });
  });

  test('users think, or keep a beat', () => {
    expect(load('load: [{ users: 0..100, for: 5m }]\nthink: 1s..3s')).toEqual({
      kind: 'closed',
      stages: [{ name: null, warmup: false, durationUs: 300e6, fromUsers: 0, toUsers: 100 }],
      pace: { kind: 'think', minUs: 1e6, maxUs: 3e6 },
    });
    expect(load('load: [{ users: 5, for: 5m }]\nevery: 2s')).toMatchObject({
      pace: { kind: 'every', everyUs: 2e6 },
    });
  });

  test('a fixed amount is worked off by one user within nine minutes, unless it says more', () => {
    expect(load('load: [{ requests: 1000 }]')).toEqual({
      kind: 'amount',
      name: null,
      requests: 1000,
      users: 1,
      capUs: 540e6,
      pace: { kind: 'none' },
    });
    expect(load('load: [{ requests: 9, users: 3, for: 10m }]')).toMatchObject({
      users: 3,
      capUs: 600e6,
    });
  });
});

describe('requests', () => {
  const one = (text: string) => read(`${HEAD}requests:\n  - ${text}\n`).requests[0]!;

  test('a JSON body brings its content-type, unless one is given', () => {
    expect(one('{ request: POST /x, json: { a: [1, null] } }')).toMatchObject({
      body: { encoding: 'utf8', data: '{"a":[1,null]}' },
      headers: [['content-type', 'application/json']],
    });
    expect(
      one('{ request: POST /x, json: 1, headers: { Content-Type: application/x } }').headers,
    ).toEqual([['Content-Type', 'application/x']]);
  });

  test('a form is encoded, but for what the environment will fill in', () => {
    expect(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
      one('{ request: POST /x, form: { q: "a b&c", n: 1, t: "${env:TOKEN}", l: [x, true] } }'),
    ).toMatchObject({
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
      body: { encoding: 'utf8', data: 'q=a+b%26c&n=1&t=${env:TOKEN}&l=x&l=true' },
      headers: [['content-type', 'application/x-www-form-urlencoded']],
    });
  });

  test('a file beside the plan is sent byte for byte', () => {
    expect(one('{ request: PUT /x, bodyFile: body.bin }').body).toEqual({
      encoding: 'base64',
      data: Buffer.from([0xff, 0x00, 0x7b]).toString('base64'),
      file: 'body.bin',
    });
  });

  test('what cannot stand in a path is encoded, what is encoded already stays', () => {
    expect(one('GET /ä/%20/[0]?q="x"&r={1}|2').path).toBe(
      '/%C3%A4/%20/[0]?q=%22x%22&r=%7B1%7D%7C2',
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
    expect(one('GET /users/${env:ID}').path).toBe('/users/${env:ID}');
  });

  test('the environment is checked and never kept', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
    const request = one('{ request: GET /, headers: { authorization: "Bearer ${env:TOKEN}" } }');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
    expect(request.headers).toEqual([['authorization', 'Bearer ${env:TOKEN}']]);
  });

  test.each([
    ['{ status: 201 }', { status: [[201, 201]], headers: [], body: [] }],
    [
      '{ status: [200, 2xx, 301..304] }',
      {
        status: [
          [200, 200],
          [200, 299],
          [301, 304],
        ],
      },
    ],
    ['{ body: ok }', { status: null, body: [{ kind: 'contains', text: 'ok' }] }],
    ['{ body: /o+k/i }', { body: [{ kind: 'regex', source: 'o+k', flags: 'i' }] }],
    ['{ body: /api/users }', { body: [{ kind: 'contains', text: '/api/users' }] }],
    ['{ body: [a, b] }', { body: [{ text: 'a' }, { text: 'b' }] }],
    ['{ header: { etag: /./ } }', { headers: [{ name: 'etag', value: { kind: 'regex' } }] }],
  ])('expect %s', (written, meaning) => {
    expect(one(`{ request: GET /, expect: ${written} }`).expect).toMatchObject(meaning);
  });

  test('a timeout of its own goes before that of the plan', () => {
    const { requests, http } = read(`${HEAD}http: { timeout: 3s, connect: 1s }
requests: [GET /a, { request: GET /b, timeout: 30s, weight: 3, name: b }]
`);
    expect(requests.map(({ timeoutUs }) => timeoutUs)).toEqual([3e6, 30e6]);
    expect(requests.map(({ weight }) => weight)).toEqual([1, 3]);
    expect(requests.map(({ name }) => name)).toEqual(['GET /a', 'b']);
    expect(http).toMatchObject({ timeoutUs: 3e6, connectTimeoutUs: 1e6 });
  });
});

describe('flags over a plan', () => {
  test('--set changes what stands there and adds what does not', () => {
    const plan = read(HEAD, {
      set: ['load.0.rate=800/s', 'http.timeout=3s', 'arrivals=poisson', 'from=[a, b]'],
    });
    expect(plan).toMatchObject({
      load: { stages: [{ fromRate: 800 }] },
      http: { timeoutUs: 3e6 },
      arrivals: 'poisson',
      regions: [{ name: 'a' }, { name: 'b' }],
    });
  });

  test('--set changes one use of an anchor, not the others', () => {
    const text = `target: http://a
load:
  - &stage { rate: 1/s, for: 1s }
  - *stage
`;
    expect(read(text, { set: ['load.1.rate=2/s'] }).load).toMatchObject({
      stages: [{ fromRate: 1 }, { fromRate: 2 }],
    });
  });

  test('--target goes before the plan, and --objective is added to it', () => {
    const plan = read(`${HEAD}objectives: [errors < 1%]\n`, {
      target: 'http://localhost:3000/x',
      objectives: ['p95 < 1s'],
    });
    expect(plan.target).toBe('http://localhost:3000/x');
    expect(plan.objectives.map(({ text }) => text)).toEqual(['errors < 1%', 'p95 < 1s']);
  });

  test.each([
    ['load.3.rate=5/s', 'load has no 3'],
    ['load.x.rate=5/s', 'load is a list'],
    ['target.x.y=5', "target is 'https://shop.example.com', which has no fields"],
    ['rate', '--set takes FIELD=VALUE'],
    ['load.0.rat=5/s', "did you mean 'rate'?"],
    ['load.0.rate=5', '--set load.0.rate must be a number with its unit'],
    ['load={', 'this is not YAML'],
  ])('--set %s is a mistake: %s', (argument, sentence) => {
    const shown = mistakesIn(() => read(HEAD, { set: [argument] }));
    expect(shown).toContain(sentence);
    expect(shown).toContain(`| --set ${argument}`);
  });
});

test('a mistake is one of usage and ends with code 2', () => {
  expect(() => read('')).toThrowError(UsageError);
  expect(() => read('')).toThrowError(expect.objectContaining({ exitCode: ExitCode.usage }));
});

test('mistakes come in the order of the file and are counted', () => {
  const shown = mistakesIn(() => read(`nmae: x\n${HEAD}http: { timeout: 5 }\n`));
  expect(shown.match(/plan\.yaml:\d+/g)).toEqual(['plan.yaml:1', 'plan.yaml:4']);
  expect(shown).toMatch(/\n\n2 mistakes in plans\/plan\.yaml$/);
});

test('the value of a variable is never shown in a mistake', () => {
  const text = `${HEAD}requests: [{ request: "GET /\${env:SPACE}", json: "\${env:QUOTE}" }]\n`;
  const shown = mistakesIn(() => read(text));
  expect(shown).toContain('the value of SPACE holds');
  expect(shown).toContain('the value of QUOTE holds');
  expect(shown).not.toContain('my');
});
