// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../lib/plan/plan.js';
import { planText } from '../../lib/plan/plan-text.js';
import { readPlan } from '../../lib/plan/read-plan.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const env = new Proxy({}, { get: () => 'x', has: () => true }) as Record<string, string>;

function read(written: string): Plan {
  const text = /^load:/m.test(written) ? written : `${written}\nload: [{ rate: 1/s, for: 1m }]`;
  return readPlan({ text, file: 'plan.yaml' }, { env, readFile: () => Buffer.from('bytes') });
}

describe('a plan written out again is the same plan', () => {
  const examples = readdirSync(EXAMPLES).map((name) => [name] as const);
  test.each(examples)('%s', (name) => {
    const plan = read(readFileSync(`${EXAMPLES}${name}`, 'utf8'));
    expect(read(planText(plan))).toEqual(plan);
  });

  test.each([
    ['a target alone', 'target: https://shop.example.com'],
    ['a target with a prefix', 'target: https://shop.example.com/api'],
    [
      'places with something to say',
      `
target: { url: https://shop.example.com, at: london }
from: { tokyo: { share: 2, rtt: 140ms, jitter: 5ms, loss: 0.1%, workers: 3 }, "paris": 1 }
load: [{ rate: 0.5/s, for: 1m30s, warmup: true }, { rate: 1..20/s, for: 500ms, name: "the rise: 1" }]
arrivals: poisson
http: { timeout: 3s, connect: 1s, connections: 12, expect: 80ms, insecure: true, probe: false, resolve: { shop.example.com: 127.0.0.1 }, serverTime: X-Took }
limits: { cost: $2.50 }
abort: ["errors > 50% over 10s"]
`,
    ],
    [
      'requests of every kind',
      `
target: https://shop.example.com
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
  ])('%s', (_, text) => {
    const plan = read(text);
    expect(read(planText(plan))).toEqual(plan);
  });
});

test('what lets people in is not written out, references to it are', () => {
  const text = planText(
    read(`
target: https://shop.example.com
requests:
  - request: POST /login?token=visible
    headers: { authorization: Bearer hunter2, x-session-token: hunter2, cookie: "s=\${env:S}", accept: text/html }
    json: { user: ann, password: hunter2, apiKey: "\${env:KEY}", deep: { client_secret: "hun\\"ter2" }, pin_token: 1234 }
  - { request: POST /form, form: { user: ann, password: hunter2 } }
`),
  );
  expect(text).not.toMatch(/hunter2|hun\\|1234/);
  expect(text).toContain('${env:S}');
  expect(text).toContain('${env:KEY}');
  expect(text).toContain('accept: text/html');
  expect(text).toContain('ann');
});

test('of a body from a file its size is said', () => {
  const plan = read('target: http://127.0.0.1\nrequests: [{ request: POST /, bodyFile: a.bin }]');
  expect(planText(plan)).toContain('body: # 5 bytes of a file');
});
