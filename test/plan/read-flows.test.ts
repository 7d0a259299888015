// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { describe, expect, it } from 'vitest';
import { frozenPlanMistake } from '../../lib/plan/frozen-shape.js';
import type { Input, Plan } from '../../lib/plan/plan.js';
import { readPlan } from '../../lib/plan/read-plan.js';
import {
  firstRequestOf,
  requestCountsOf,
  requestsEach,
  startsOf,
  subjectsOf,
} from '../../lib/plan/starts.js';
import { HEAD } from '../support/plan-text.js';
import { freeze } from '../support/schedule-plans.js';

const FILES: Readonly<Record<string, string>> = {
  'users.csv': 'name,password\nann,1\n"bob, jr",2\n',
  'big.csv': `name\n${'someone with a long name\n'.repeat(4_000)}`,
  'photo.jpg': 'x'.repeat(70_000),
};

function read(text: string, where: 'local' | 'aws' = 'local') {
  const inputs = new Map<Input, number>();
  const plan = readPlan(
    { text: `${HEAD}${text}`, file: 'plan.yaml' },
    {
      env: { TOKEN: 'hidden' },
      where,
      readFile: (path) => Buffer.from(FILES[path]!),
      keep: (input, bytes) => inputs.set(input, bytes.length),
    },
  );
  return { plan, inputs: [...inputs] };
}

const PAY = `
requests:
  - GET /
  - flow: pay
    weight: 2
    steps:
      - request: POST /token/
        json: { user: "{{ users.name }}", password: "{{ users.password }}" }
        capture: { token: "$.access" }
      - pause: 1s..3s
      - repeat: 3
        steps:
          - request: GET /users/{{ token }}?a={{ int(1, 3) }} 
            headers: { authorization: "Bearer {{ token }}" }
          - GET /
data: { users: { csv: users.csv, pick: unique } }
`.replace(
  'request: GET /users/{{ token }}?a={{ int(1, 3) }} ',
  'request: "GET /users/{{ token }}?a={{ int(1, 3) }}"',
);

describe('a flow', () => {
  it('becomes steps over requests, which have no weight and names of their own', () => {
    const { plan } = read(PAY);
    expect(plan.requests.map(({ name, weight }) => [name, weight])).toEqual([
      ['GET /', 1],
      ['POST /token/', 0],
      ['GET /users/{{ token }}?a={{ int(1, 3) }}', 0],
      ['pay › GET /', 0],
    ]);
    expect(plan.flows).toEqual([
      {
        kind: 'steps',
        name: 'pay',
        weight: 2,
        steps: [
          { kind: 'request', request: 1 },
          { kind: 'pause', minUs: 1e6, maxUs: 3e6 },
          {
            kind: 'repeat',
            times: 3,
            steps: [
              { kind: 'request', request: 2 },
              { kind: 'request', request: 3 },
            ],
          },
        ],
      },
    ]);
    expect(plan.requests[1]).toMatchObject({
      templated: true,
      body: {
        escape: 'json',
        data: '{"user":"{{ users.name }}","password":"{{ users.password }}"}',
      },
      captures: [{ name: 'token', from: 'json', path: '$.access' }],
    });
    expect(plan.requests[2]!.path).toBe('/users/{{ token }}?a={{ int(1, 3) }}');
    expect(plan.requests[3]).not.toHaveProperty('templated');
    expect(plan.data).toEqual([
      {
        name: 'users',
        pick: 'unique',
        columns: ['name', 'password'],
        count: 2,
        source: { format: 'csv', file: 'users.csv' },
        rows: [
          ['ann', '1'],
          ['bob, jr', '2'],
        ],
      },
    ]);
  });

  it('is one of the starts, and its requests are counted by how often it sends them', () => {
    const { plan } = read(PAY);
    expect(startsOf(plan).map(({ weight, subject }) => [weight, subject])).toEqual([
      [1, 0],
      [2, 4],
    ]);
    expect(subjectsOf(plan).at(-1)).toBe('flow pay');
    expect(firstRequestOf(plan, 4)).toBe(1);
    expect([...requestCountsOf(plan, 4)]).toEqual([
      [1, 1],
      [2, 3],
      [3, 3],
    ]);
    expect(requestsEach(plan)).toBe(5);
  });

  it('prolongs the grace by its pauses', () => {
    const { plan } = read(PAY);
    expect(freeze(plan).graceUs).toBe(13e6);
    const long = read(PAY.replace('1s..3s', '1m..2m')).plan;
    expect(freeze(long).graceUs).toBe(120e6);
    expect(() => freeze(long, { legUs: 5e6 })).toThrow('add up to 130 s');
  });
});

describe('a request', () => {
  it('may log in, follow redirects, ask before it sends, and be judged by more than its status', () => {
    const { plan } = read(`
http: { reuse: iteration, followRedirects: 3 }
requests:
  - { request: GET /a, auth: { bearer: "\${env:TOKEN}" }, followRedirects: 0 }
  - { request: PUT /b, auth: { basic: { user: me, password: "\${env:TOKEN}" } }, body: x, expectContinue: true }
  - request: GET /c
    expect: { json: { $.id: "> 3", "$.items[*].name": /^a/, $.gone: { exists: false } }, size: "< 2kB", time: 300ms }
`);
    expect(plan.http).toMatchObject({ reuse: 'iteration', followRedirects: 3 });
    const [a, b, c] = plan.requests;
    expect(a).toMatchObject({
      headers: [['authorization', 'Bearer ${env:TOKEN}']],
      followRedirects: 0,
    });
    expect(b).toMatchObject({
      basicAuth: { user: 'me', password: '${env:TOKEN}' },
      expectContinue: true,
    });
    expect(c!.expect).toEqual({
      status: null,
      headers: [],
      body: [],
      json: [
        { path: '$.id', test: { kind: 'compares', comparison: '>', value: 3 } },
        {
          path: '$.items[*].name',
          test: { kind: 'matches', match: { kind: 'regex', source: '^a', flags: '' } },
        },
        { path: '$.gone', test: { kind: 'exists', exists: false } },
      ],
      size: { least: null, most: 1999 },
      timeUs: 300_000,
    });
  });

  it('is as it always was where it says nothing new', () => {
    expect(Object.keys(read('').plan)).toEqual(Object.keys(read('requests: [GET /]').plan));
    expect(read('').plan).not.toHaveProperty('flows');
    expect(read('').plan).not.toHaveProperty('data');
    expect(Object.keys(read('requests: [GET /]').plan.requests[0]!)).toHaveLength(8);
  });

  it('may send forms with files, which travel beside the plan where they are large', () => {
    const { plan, inputs } = read(`
requests:
  - request: POST /photos
    multipart: { title: a day, photo: { file: photo.jpg, type: image/jpeg }, tags: [x, { text: y, type: text/plain }] }
  - { request: POST /raw, bodyFile: photo.jpg }
`);
    const input = {
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      bytes: 70_000,
      file: 'photo.jpg',
    };
    expect(plan.requests[0]!.body!.parts).toMatchObject([
      { name: 'title', fileName: null, contentType: null, body: { data: 'a day' } },
      { name: 'photo', fileName: 'photo.jpg', contentType: 'image/jpeg', body: { input } },
      { name: 'tags', body: { data: 'x' } },
      { name: 'tags', contentType: 'text/plain', body: { data: 'y' } },
    ]);
    expect(plan.requests[1]!.body).toMatchObject({ data: '', input });
    expect(inputs.map(([, bytes]) => bytes)).toEqual([70_000, 70_000]);
  });

  it('for AWS may take credentials out of what was captured, and not out of the plan', () => {
    expect(() => read(PAY, 'aws')).not.toThrow();
    const literal = (auth: string) => () =>
      read(`requests: [{ request: GET /, auth: ${auth} }]`, 'aws');
    expect(literal('{ bearer: abc }')).toThrow('would be stored with the plan');
    expect(literal('{ basic: { user: a, password: b } }')).toThrow('would be stored with the plan');
    expect(literal('{ bearer: "${secret:TOKEN}" }')).not.toThrow();
  });
});

it('rows that are too many for a plan travel beside it', () => {
  const { plan, inputs } = read('data: { many: { csv: big.csv } }\n');
  const [set] = plan.data!;
  expect(set).toMatchObject({ count: 4_000, pick: 'sequential', columns: ['name'] });
  expect(inputs).toEqual([[set!.rows, expect.any(Number)]]);
});

describe('a plan that was read from a store', () => {
  const frozen = () => structuredClone(freeze(read(PAY).plan)) as unknown as { plan: Plan };
  type Change = (plan: { -readonly [K in keyof Plan]: unknown }) => void;
  const mistake = (change: Change) => {
    const changed = frozen();
    change(changed.plan as never);
    return frozenPlanMistake(changed);
  };

  it('has no mistake as it was written', () => {
    expect(frozenPlanMistake(frozen())).toBeNull();
  });

  const steps = (...list: unknown[]) => [{ kind: 'steps', name: 'x', weight: 1, steps: list }];
  const bomb = { kind: 'repeat', times: 9_999, steps: [{ kind: 'request', request: 1 }] };
  it.each<[string, Change, string]>([
    ['a flow of another kind', (p) => (p.flows = [{ kind: 'x' }]), 'plan.json.plan.flows[0].kind'],
    ['a flow without steps', (p) => (p.flows = steps()), 'plan.json.plan.flows[0].steps'],
    [
      'a step that sends a plain request',
      (p) => (p.flows = steps({ kind: 'request', request: 0 })),
      'plan.json.plan.flows[0].steps',
    ],
    [
      'a step that sends what there is not',
      (p) => (p.flows = steps({ kind: 'request', request: 17 })),
      'plan.json.plan.flows[0].steps',
    ],
    [
      'two steps that send the same',
      (p) => (p.flows = steps({ kind: 'request', request: 1 }, { kind: 'request', request: 1 })),
      'plan.json.plan.flows[0].steps',
    ],
    [
      'a flow that begins with a pause',
      (p) => (p.flows = steps({ kind: 'pause', minUs: 1, maxUs: 2 })),
      'plan.json.plan.flows[0].steps',
    ],
    [
      'repetitions that multiply beyond all measure',
      (p) => (p.flows = steps({ ...bomb, steps: [{ ...bomb, steps: [bomb] }] })),
      'plan.json.plan.flows[0].steps',
    ],
    [
      'nothing to begin',
      (p) => {
        p.flows = undefined;
        p.requests = read(PAY).plan.requests.slice(1);
      },
      'plan.json.plan.requests',
    ],
    [
      'rows of another width',
      (p) => (p.data = [{ ...read(PAY).plan.data![0], rows: [['a'], ['b']] }]),
      'plan.json.plan.data[0].rows',
    ],
    [
      'an input that is a path',
      (p) =>
        (p.data = [{ ...read(PAY).plan.data![0], rows: { sha256: '../x', bytes: 1, file: 'a' } }]),
      'plan.json.plan.data[0].rows.sha256',
    ],
    [
      'a capture from nowhere',
      (p) =>
        (p.requests = [{ ...read(PAY).plan.requests[0]!, captures: [{ name: 'a', from: 'x' }] }]),
      'plan.json.plan.requests[0].captures[0].from',
    ],
    [
      'reuse of another kind',
      (p) => (p.http = { ...(p.http as object), reuse: 'x' }),
      'plan.json.plan.http.reuse',
    ],
  ])('is refused with %s', (_what, change, path) => {
    expect(mistake(change)).toBe(path);
  });
});
