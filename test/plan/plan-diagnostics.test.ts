// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { expect, test } from 'vitest';
import { readPlan } from '../../lib/plan/read-plan.js';
import { expectGolden } from '../support/golden.js';
import { CONTEXT, HEAD, mistakesIn } from '../support/plan-text.js';

const requests = (text: string) => `${HEAD}requests:\n${text}\n`;

const FIVE_MISTAKES = `name: checkout
target: shop.example.com
load:
  - { rate: 50, for: 10s }
  - { rate: 50..600/s, for: 5m, name: peak }
requests:
  - GET /
  - request: PSOT /hospital
    wieght: 3
objectives:
  - p95 < 500ms during peek
`;

/** One golden file each: everything that a person is shown. */
const PLANS: Readonly<Record<string, string>> = {
  'five-mistakes': FIVE_MISTAKES,
  'braces-without-quotes': requests('  - request: POST /x\n    json: { name: {{ uuid }}, n: 1 }'),
  'braces-without-quotes-in-a-block': requests(
    '  - request: POST /x\n    json:\n      name: {{ uuid }}',
  ),
  'braces-within-text-in-braces': requests('  - { request: GET /{{ id }} }'),
  'braces-before-text': requests('  - request: GET /\n    headers:\n      a: {{ token }}/x'),
  'brackets-in-braces': requests('  - { request: GET /items[0], weight: 3 }'),
  'brackets-in-brackets': `${HEAD}requests: [ GET /, GET /items[0] ]\n`,
  flow: requests(`  - flow: pay
    steps:
      - request: POST /token
        weight: 2
        capture: { token: $.access, card: "$.cards[", uuid: $.id, users: header location, two words: cookie }
      - { pause: 3, request: GET / }
      - { request: "GET /users/{{ tokn }}", headers: { authorization: "Bearer {{ token | upper }}" }, cpature: {} }
      - repeat: 0
        steps: [ "GET /{{ users.nmae }}" ]
      - { repeat: 2, pause: 1s, steps: [] }
      - { wait: 1s }
  - flow: pay
    wieght: 2
    steps: [ { pause: 1s }, GET / ]
  - flow: search
  - { flow: browse, steps: [ GET /a, GET /a, GET /b ] }
  - { flow: wait, steps: [ { repeat: 1000, steps: [ GET /w, GET /v, { repeat: 5, steps: [GET /u] } ] } ] }
data: { users: { csv: users.csv } }`),
  'code-alone': requests('  - flow: search\n    code: ./search.ts'),
  'code-and-steps': requests(
    '  - flow: search\n    code: ./a.ts\n    steps: [GET /]\n    requests: [GET /]',
  ),
  'requests-without-code': requests(
    '  - flow: search\n    steps: [GET /]\n    requests: [GET /b]\n  - flow: idle',
  ),
  'steps-that-stand-alone': requests(
    '  - { request: GET /, capture: { token: $.access } }\n' +
      '  - { request: GET /a, pause: 1s, repeat: 3 }\n  - { steps: [GET /b] }',
  ),
  auth: requests(`  - { request: GET /, auth: me }
  - { request: GET /a, auth: { bearer: "a\\nb" } }
  - { request: GET /b, auth: { basic: { user: a } } }
  - { request: GET /c, auth: { bearer: a }, headers: { Authorization: b } }`),
  data: `${HEAD}data:
  users: { csv: missing.csv, pick: once }
  ids: { csv: missing.csv, json: missing.json }
  more: { csv: missing.csv }
  int: { json: missing.json }
`,
  templates: `${HEAD}name: "{{ uuid }}"
requests:
  - GET /{{ id }}
  - { request: POST /, json: { a: ["{{ uid }}", "{{ users.name }}"], "{{ b }}": 1 } }
  - { request: "POST {{ path }}", headers: { host: "{{ uuid }}", a: "{{ token", b: "{{ int(2, 1) }}" } }
  - { request: "POST /{{ timestamp('h') }}", multipart: { a: "{{ uuid }}" } }
  - { request: GET /x, expect: { body: "{{ uuid }}" } }
`,
  expectations: requests(`  - request: GET /
    expect: { json: { "$.a": "> x", "$[": 1, "$.b": [1] }, size: 2kB..1kB, time: 3 }
  - { request: GET /a, expect: { size: many, time: fast } }`),
  bodies:
    requests(`  - { request: POST /, multipart: { a: { file: missing.png }, b: [ x, { text: y, kind: z } ] } }
  - { request: POST /a, body: x, multipart: { a: b }, expectContinue: yes }`),
  'abort-rules': `${HEAD}abort:
  - errors > 50% over 10s
  - errors > 50%
  - p95 > 2s during peak over 10s
  - p95 > 2s of "GET /" over 10s
  - tls p95 > 1s over 10s
  - 50
`,
  'cost-without-currency': `${HEAD}limits: { cost: 2 }\n`,
  'relog-of-a-rate': `${HEAD}relog: true\n`,
  emulation: `target: { url: https://a.example, at: eu-centrall-1 }
load: [{ rate: 1/s, for: 1s }]
from: { tokyo: { share: 20%, rtt: 140, loss: 101%, at: osaka }, local: { share: 80%, jitter: 5ms } }
`,
  'refused-secret': `name: "\${secret:TOKEN}"\n${requests(
    '  - { request: GET /, headers: { a: "Bearer ${secret:shop/token}" } }\n' +
      '  - GET /${secret:a b}',
  )}`,
  'refused-http': `${HEAD}http: { reuse: always, version: 2, followRedirects: 50 }\n`,
  'probe-and-server-time': `${HEAD}http: { probe: 2s, serverTime: "x latency" }\n`,
  'iteration-of-a-step': `${HEAD}requests: [ GET /, { flow: pay, steps: [GET /, GET /b ] } ]
objectives:
  - iteration p95 < 1s of "GET /b"
  - iteration p95 < 1s of "flow pay"
  - iteration p95 < 1s of "GET /"
  - p95 < 1s of "pay › GET /"
  - p95 < 1s of "flow play"
`,
  tabs: 'target: https://a.example\nload:\n\t- { rate: 1/s, for: 1s }\n',
  'twice-the-same-field': `${HEAD}load: []\n`,
  'two-plans': `---\n${HEAD}---\n${HEAD}`,
  'colon-in-text': `${HEAD}name: a: b\n`,
  'colon-without-space': `${HEAD}think:1s\n`,
  'wrong-kinds': `name: 2024
target: https://a.example
load:
  - { rate: 5/s, users: 3, for: 1s }
  - { users: "100", for: 10 }
  - { requests: 5, warmup: true }
  - { for: 5s }
  - {}
  - 5
  - { rate: 1/s, for:10s }
  - { rate: 1/s, for: 0s, warmup: yes }
from: [Tokyo]
requests:
  - { request: GET /, headers: { x-version: 1.10 } }
  - { request: GET /a, expect: {} }
http: { timeout: 10, connections: none, resolve: { a.example: localhost } }
`,
  'missing-fields': 'name: a\n',
  'shares-and-stages': `target: ftp://a.example
from: { a: 50%, b: 40% }
load:
  - { rate: 1/s, for: 1s, name: x }
  - { users: 1, for: 1s, name: x }
  - { requests: 5 }
arrivals: poisson
think: 1s
`,
  'warm-up-after-measured': `target: https://u:p@a.example/x?y#z
load:
  - { users: 1, for: 1s }
  - { users: 1, for: 1s, warmup: true }
arrivals: even
think: 1s
every: 1s
`,
  'nothing-measured': 'target: https://a.example\nload: [{ rate: 5/s, for: 1s, warmup: true }]\n',
  requests: requests(`  - GET /
  - GET /
  - /x
  - get /x
  - GET
  - GET https://a.example/x
  - GET /a b
  - GET /a HTTP/1.1
  - CONNECT /
  - { request: POST /, json: 12345678901234567890 }
  - { request: POST /b, body: x, bodyFile: y, name: b }
  - { request: POST /c, bodyFile: missing.json, name: b }
  - { request: GET /d, headers: { "a b": x, Content-Length: "3", X: "1", x: "2" } }
  - { request: GET /e, expect: { body: "/[/", header: { etag: /x/g }, status: 299..200 } }`),
  environment: `name: "\${env:TOKEN}"\n${requests(`  - GET /\${env:MISSING}
  - GET /\${env:9}
  - { request: GET /x, expect: { body: "\${env:TOKEN}" } }`)}`,
  'long-line': `{"target": "https://a.example", "load": [${'{"rate": "5/s", "for": "1s"}, '.repeat(9)}{"rate": "5/s", "four": "1s"}]}`,
  'folded-objective': `${HEAD}objectives:\n  - >-\n    p95 < 500ms\n    in mars\n  - "p95 < 5s in \\"mars\\""\n`,
  empty: '# nothing yet\n',
  list: '- GET /\n',
  'missing-anchor': `${HEAD}http: *http\n`,
};

test.each(Object.keys(PLANS))('what is shown of the plan with %s', (name) => {
  const shown = mistakesIn(() => readPlan({ text: PLANS[name]!, file: 'plan.yaml' }, CONTEXT));
  expectGolden(`plan-diagnostics/${name}.txt`, `${shown}\n`);
});

/** What cannot stand in a plan that is to be carried out on AWS. */
const ON_AWS = `target: https://\${secret:HOST}
load: [{ rate: 50/s, for: 10s }]
${requests(`  - GET /\${env:ID}
  - { request: GET /a, headers: { a: "\${env:TOKEN}" } }
  - { request: GET /d, headers: { Authorization: Bearer abc, b: "\${secret:TOKEN}" } }
  - { request: GET /b, headers: { Cookie: [ "a=b", "c=\${secret:SESSION}" ], X-Api-Key: abc } }
  - { request: POST /c, json: { token: "\${env:MISSING}" } }`).slice(HEAD.length)}`;

test('what is shown of a plan for AWS that speaks of this machine, or holds credentials', () => {
  const shown = mistakesIn(() =>
    readPlan({ text: ON_AWS, file: 'plan.yaml' }, { ...CONTEXT, where: 'aws' }),
  );
  expectGolden('plan-diagnostics/refused-on-aws.txt', `${shown}\n`);
});

test('a plan for AWS names its secrets, and the values stay out of it', () => {
  const text = requests(
    '  - { request: "POST /${secret:ID}", json: { t: "${secret:TOKEN}" }, headers: { cookie: "s=${secret:a/b}" } }',
  );
  const { requests: read } = readPlan({ text, file: 'plan.yaml' }, { ...CONTEXT, where: 'aws' });
  expect(read[0]).toMatchObject({
    path: '/${secret:ID}',
    body: { data: '{"t":"${secret:TOKEN}"}' },
    headers: [
      ['cookie', 's=${secret:a/b}'],
      ['content-type', 'application/json'],
    ],
  });
});

test('five mistakes are shown with five carets', () => {
  const shown = mistakesIn(() => readPlan({ text: FIVE_MISTAKES, file: 'plan.yaml' }, CONTEXT));
  expect(shown.match(/^ *\| +\^+$/gm)).toHaveLength(5);
});

test('text from a plan cannot steer a terminal', () => {
  const text = `${HEAD}"na\\e[31mme\u007f": 1\n# \u009b31m\nx\u009b: 1\n`;
  const shown = mistakesIn(() => readPlan({ text, file: 'plan.yaml' }, CONTEXT));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
  expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});
