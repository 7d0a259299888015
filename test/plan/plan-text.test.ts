// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { planText } from '../../lib/plan/plan-text.js';
import { drawnPlan } from '../support/drawn-plan.js';
import { readBeside as read, readIn } from '../support/plan-files.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

const linesOf = (text: string) => planText(read(text)).split('\n');

describe('a plan written out again is the same plan', () => {
  const examples = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));
  test.each(examples)('%s', (name) => {
    const beside = (file: string) => readFileSync(`${EXAMPLES}${file}`);
    const plan = readIn(beside(name).toString(), beside);
    expect(readIn(planText(plan), beside)).toEqual(plan);
  });

  test.each([
    ['a target alone', 'target: https://shop.example.com'],
    ['a target with a prefix', 'target: https://shop.example.com/api'],
    [
      'places with something to say',
      `
target: { url: https://shop.example.com, at: london }
from: { tokyo: { share: 2, rtt: 140ms, jitter: 5ms, loss: 0.1%, workers: 3 }, "paris": 1, rome: { loss: 0% } }
load: [{ rate: 0.5/s, for: 1m30s, warmup: true }, { rate: 1..20/s, for: 500ms, name: "the rise: 1" }]
arrivals: poisson
http: { timeout: 3s, connect: 1s, connections: 12, expect: 80ms, insecure: true, probe: false, resolve: { shop.example.com: 127.0.0.1 }, serverTime: X-Took }
limits: { cost: $2.50 }
abort: ["errors > 50% over 10s"]
`,
    ],
    ['rates below all measure', 'load: [{ rate: 1/h, for: 1h }, { rate: 0.001..20/h, for: 9h }]'],
    [
      'requests of every kind',
      `
load: [{ users: 0..10, for: 10s }, { users: 10, for: 1m }]
think: 1s..3s
requests:
  - GET /search?q=a&b=%22
  - { request: POST /form, form: { q: "a b", n: 1 }, weight: 3, timeout: 30s }
  - { request: GET /, name: "yes", headers: { accept: [text/html, "*/*"], x-number: "1" } }
  - { request: PUT /x, body: "line\\nline: {{}} # no comment", expect: { status: [2xx, 404], header: { etag: "W/" }, body: ["/^a/i", "b"] } }
objectives: ["p95 < 500ms of \\"GET /search?q=a&b=%22\\"", errors < 1%]
`.replace('{{}}', '{}'),
    ],
    ['a fixed amount', 'target: http://127.0.0.1\nload: [{ requests: 10, users: 2 }]\nevery: 2s'],
    [
      'connections and redirects',
      `
http: { reuse: none, followRedirects: 3 }
requests: [{ request: GET /a, followRedirects: 0 }, { request: PUT /b, body: x, expectContinue: true }]
`,
    ],
    ['visitors of their own', 'http: { reuse: iteration }'],
    [
      'names made of lines that are sent otherwise, or are too long, or odd',
      `
requests:
  - GET  /ä?q="x"
  - GET /${'long/'.repeat(30)}
  - { request: 'GET /b"', name: "- a: #b" }
  - { request: GET /c, name: GET /d }
  - { request: GET /d, name: GET /c }
  - { request: GET /e, name: "null" }
`,
    ],
    [
      'headers that are called like something else',
      'requests: [{ request: GET /, headers: { constructor: [a, b], toString: c, "1": d, a: "" } }]',
    ],
    [
      'what is asked of an answer',
      `
requests:
  - request: GET /
    expect:
      status: 200..204
      header: { x-a: "", location: "/^https?:/i" }
      body: "> 3"
      json:
        $.id: "> 3"
        $.least: ">= -1.5"
        "$.items[*].name": "/^a\\\\/b/i"
        $.gone: { exists: false }
        $.here: { exists: true }
        $.text: paid
        $.number: 7.25
        $.null: null
        $.flag: true
        $.like: "7"
        $.slashes: "/a/b"
        $.not: "!= none"
        $.notNull: "!= null"
        $.exactly: "== > 3"
        $.equal: "== == 3"
        $.three: "== 3"
        $.empty: ""
      size: "< 2kB"
      time: 300ms
  - { request: GET /1, expect: { size: 12, status: 5xx } }
  - { request: GET /2, expect: { size: "1..2kB", status: [100..599, 204] } }
  - { request: GET /3, expect: { size: ">= 1", json: {} } }
  - { request: GET /4, expect: { header: {} } }
`.replaceAll('header: { x-a: "", ', 'header: { x-a: a, '),
    ],
    [
      'bodies that are JSON',
      `
requests:
  - { request: POST /a, json: { a: [1, -0.5, 1e-7, true, null, {}, [], "1", "true", ""], "b c": { "": "x: y" }, 1: 2 } }
  - { request: POST /b, json: null }
  - { request: POST /c, json: "{{ uuid }}" }
  - { request: POST /d, json: { id: '{{ users["full name"] }}', "q\\"": "a\\nb \\u2028 \\u0007 {{ pick('}', \\"\\\\\\"\\") }}", n: "{{ int(1, 9) | number }}" } }
  - { request: POST /e, headers: { content-type: application/x }, json: { a: "{{ uuid }}" } }
  - { request: POST /f, headers: { Content-Type: application/json }, json: { a: 1 } }
  - { request: POST /g, headers: { content-type: application/json, accept: x }, json: { a: 1 } }
  - { request: POST /h, headers: { content-type: application/json }, body: '{ "a": 1 }' }
  - { request: POST /i, headers: { content-type: application/json }, body: '{"a":"{{ uuid }}"}' }
  - { request: POST /j, headers: { content-type: application/json }, body: '{"a":9007199254740993}' }
  - { request: POST /k, headers: { content-type: application/json }, body: '9007199254740992' }
  - { request: POST /l, headers: { content-type: application/json }, body: '{"__proto__":1}' }
  - { request: POST /m, headers: { content-type: application/json }, body: '{"a":"\${env:A}"}' }
  - { request: POST /n, headers: { content-type: application/json }, body: "${'['.repeat(20_000)}" }
  - { request: POST /o, headers: { content-type: application/json }, body: "${'['.repeat(20_000)}${']'.repeat(20_000)}" }
  - { request: POST /p, json: ${'['.repeat(200)}"{{ uuid }}"${']'.repeat(200)} }
data: { users: { csv: users.csv } }
`,
    ],
    [
      'bodies that are forms',
      `
requests:
  - { request: POST /a, form: { q: "a b&c=d+e%", n: 1, l: [x, true], "ä{}": "\\u0000" } }
  - { request: POST /b, form: { q: "{{ pick('a&b', 'c=d') }} and", t: "\${env:T}", 1: "{{ uuid }}" } }
  - { request: POST /c, form: {} }
  - { request: POST /d, headers: { content-type: application/x-www-form-urlencoded }, body: a=1&b&a=2 }
  - { request: POST /e, headers: { content-type: application/x-www-form-urlencoded }, body: "a=%zz&b={{ uuid }}" }
  - { request: POST /f, headers: { content-type: application/x-www-form-urlencoded }, body: "b=1&1=2" }
`,
    ],
    [
      'bodies from files',
      `
requests:
  - { request: PUT /a, bodyFile: a.bin }
  - { request: PUT /b, bodyFile: 'some/b: #1 "x".bin' }
  - { request: PUT /c, headers: { content-type: image/png }, bodyFile: large.bin }
  - request: POST /d
    multipart: { title: "a: day", tags: [x, { text: y, type: text/plain }, { text: z, name: z.txt }], photo: { file: large.bin, type: image/png }, more: [{ file: a.bin }, { file: ./large.bin, name: "other #1.bin" }, { file: a.bin, name: c.bin }] }
`,
    ],
    [
      'logins',
      `
requests:
  - { request: GET /a, auth: { bearer: "\${env:TOKEN}" }, json: { a: 1 } }
  - { request: GET /b, auth: { bearer: "{{ users.name }}" }, headers: { accept: x } }
  - { request: GET /c, auth: { basic: { user: me, password: "{{ users['full name'] }}" } } }
  - { request: GET /d, auth: { basic: { user: "\${env:NAME}", password: "\${env:PASSWORD}" } } }
  - { request: GET /e, headers: { Authorization: "Bearer \${env:TOKEN}", accept: x } }
  - { request: GET /f, headers: { authorization: "Basic {{ base64(users.name, ':', '\${env:P}') }}", accept: x } }
  - { request: GET /g, headers: { cookie: "s=\${env:S}; t={{ users.name }}" } }
  - { request: GET /h, headers: { x-signature: "{{ hmac(users.name, '\${env:KEY}', 'sha512', 'base64') }}" } }
  - { request: GET /i, auth: { basic: { user: me, password: "" } } }
data: { users: { csv: users.csv, pick: unique } }
`,
    ],
    [
      'tables',
      `
data: { users: { csv: ./users.csv, pick: random }, words: { json: words.json, pick: unique }, yes: { csv: many.csv } }
requests: ["GET /{{ users.name }}/{{ words.word | urlencode }}"]
`,
    ],
    [
      'flows with state, and plain requests between them',
      `
requests:
  - GET /
  - flow: "pay: all"
    weight: 2
    steps:
      - { request: POST /token, capture: { token: $.access, "no": "$.a['b c'][0]", next: header Location, seen: cookie s.id, id: "/id=(\\\\d+)/i" } }
      - { pause: 1s..3s }
      - pause: 0.5s
      - repeat: 3
        steps:
          - { request: "GET {{ next }}", name: follow, timeout: 2s }
          - pause: 0s..1s
          - GET /
          - { request: "GET /users/{{ token }}?a={{ int(1, 3) }}", auth: { bearer: "{{ token }}" }, capture: { token: "/./" } }
      - GET /items
  - GET /more
  - flow: look
    steps: [GET /items, { repeat: 2, steps: [{ request: GET /more, name: GET /other }] }, { request: GET /, name: "x › GET /" }]
  - { request: GET /items, name: items }
objectives: ['iteration p95 < 5s of "flow pay: all"', 'p95 < 1s of "pay: all › GET /"']
`,
    ],
    [
      'a step that is called as if its line were taken',
      'requests: [{ flow: a, steps: [{ request: GET /, name: a › GET / }, GET /b] }]',
    ],
    [
      'flows alone',
      'requests: [{ flow: a, steps: [{ repeat: 2, steps: [GET /] }] }, { flow: b, steps: [GET /] }]',
    ],
    [
      'flows in code',
      `
data: { users: { csv: users.csv } }
requests:
  - flow: search
    weight: 3
    code: ./flows/search.ts
    requests: [GET /, { request: POST /search, name: ask, timeout: 2s, json: { q: "{{ users.name }}" } }]
  - GET /other
  - { flow: b, code: b.ts, requests: [GET /] }
`,
    ],
  ])('%s', (_, text) => {
    const plan = read(text);
    expect(read(planText(plan))).toEqual(plan);
  });
});

describe('any plan', () => {
  test('written out again is the same plan', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const text = drawnPlan(seed);
      const plan = read(text);
      expect(read(planText(plan)), `seed ${seed}: ${text}`).toEqual(plan);
    }
  });
});

test('a flow reads as a person would write it', () => {
  const text = `name: shop
target: "https://shop.example.com"
from:
  local: 1
load:
  - { rate: 1/s, for: 1m }
data:
  users: { csv: users.csv, pick: unique } # 2 rows
requests:
  - GET /
  - flow: pay
    weight: 3
    steps:
      - request: POST /login
        json: { user: "{{ users.name }}" }
        expect: { status: 2xx, json: { $.ok: true } }
        capture: { token: $.token, next: header location }
      - pause: 1s..3s
      - repeat: 2
        steps:
          - request: PUT /photos
            auth: { bearer: "{{ token }}" }
            bodyFile: a.bin # 5 bytes
          - GET /items
  - flow: search
    code: search.ts # 19 bytes when bundled
    requests:
      - request: GET /
        name: home
http: { timeout: 10s, connections: auto }
`;
  expect(planText(read(text))).toBe(text);
});

describe('of files', () => {
  test.each([
    ['a body', 'bodyFile: large.bin', '    bodyFile: large.bin # 70000 bytes'],
    [
      'parts',
      'multipart: { a: { file: a.bin }, b: { file: large.bin, name: b.jpg, type: image/jpeg } }',
      '    multipart: { a: { file: a.bin }, b: { file: large.bin, name: b.jpg, type: image/jpeg } } # 70005 bytes of files',
    ],
  ])('that are %s their names and sizes are said', (_, fields, line) => {
    expect(linesOf(`requests: [{ request: POST /, ${fields} }]`)).toContain(line);
  });

  test('whose names nobody kept the size is said', () => {
    const plan = read('requests: [{ request: POST /, bodyFile: a.bin }]');
    const { file: _, ...body } = plan.requests[0]!.body!;
    const requests = [{ ...plan.requests[0]!, body }];
    expect(planText({ ...plan, requests })).toContain('body: # 5 bytes of a file');
  });
});
