// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { expect, it } from 'vitest';
import { TextMistake } from '../../lib/plan/diagnostics.js';
import { frozenPlanMistake } from '../../lib/plan/frozen-shape.js';
import { readPlan } from '../../lib/plan/read-plan.js';
import { HEAD } from '../support/plan-text.js';
import { freeze } from '../support/schedule-plans.js';

const TEXT = `${HEAD}
requests:
  - GET /
  - flow: search
    weight: 3
    code: ./search.ts
    requests:
      - GET /
      - { request: POST /search, name: ask, timeout: 2s }
`;

function read(where: 'local' | 'aws', bundle: (path: string) => Uint8Array) {
  const kept = new Map<string, string>();
  const plan = readPlan(
    { text: TEXT, file: 'plans/plan.yaml' },
    {
      ...{ env: {}, where, bundle },
      readFile: () => new Uint8Array(),
      keep: ({ sha256 }, bytes) => kept.set(sha256, Buffer.from(bytes).toString()),
    },
  );
  return { plan, kept };
}

it('requests of code may hold what those of steps may: variables of the environment, and templates', () => {
  const text = `${HEAD}
requests:
  - flow: search
    code: ./search.ts
    requests:
      - { request: POST /search, headers: { x-key: "\${env:KEY}", x-id: "{{ uuid }}" }, auth: { bearer: "\${env:KEY}" } }
`;
  const plan = readPlan(
    { text, file: 'plan.yaml' },
    {
      ...{ env: { KEY: 'k' }, bundle: () => new Uint8Array() },
      readFile: () => new Uint8Array(),
    },
  );
  expect(plan.requests[0]).toMatchObject({
    headers: expect.arrayContaining([['x-key', '${env:KEY}']]),
    templated: true,
  });
});

it('a flow in code is its bundle and the requests that it may send', () => {
  const { plan, kept } = read('local', (path) => Buffer.from(`bundle of ${path}`));
  const [flow] = plan.flows!;
  expect(flow).toMatchObject({ kind: 'code', name: 'search', weight: 3, requests: [1, 2] });
  expect(plan.requests.map(({ name, weight }) => [name, weight])).toEqual([
    ['GET /', 1],
    ['search › GET /', 0],
    ['ask', 0],
  ]);
  const sha256 = flow?.kind === 'code' ? flow.code.sha256 : '';
  expect(kept.get(sha256)).toBe('bundle of plans/search.ts');
  const frozen = JSON.parse(JSON.stringify(freeze(plan)));
  expect(frozenPlanMistake(frozen)).toBeNull();
  frozen.plan.flows[0].requests = [0];
  expect(frozenPlanMistake(frozen)).toContain('flows[0].requests');
});

it('what its requests say may come from secrets and from rows, as in steps', () => {
  const text = `${HEAD}
data: { users: { csv: users.csv } }
requests:
  - flow: search
    code: ./search.ts
    requests:
      - { request: GET /a, auth: { bearer: "\${secret:TOKEN}" } }
      - { request: 'POST /b/{{ users.name }}', json: { key: "\${secret:KEY}", name: "{{ users.name }}" } }
`;
  const around = {
    env: {},
    bundle: () => Buffer.of(1),
    readFile: () => Buffer.from('name\nann\n'),
  };
  const { requests } = readPlan({ text, file: 'plan.yaml' }, { ...around, where: 'aws' });
  expect(requests[0]?.headers).toEqual([['authorization', 'Bearer ${secret:TOKEN}']]);
  expect(requests[1]).toMatchObject({ templated: true, path: '/b/{{ users.name }}' });
  expect(() => readPlan({ text, file: 'plan.yaml' }, { ...around, where: 'local' })).toThrow(
    /secret:TOKEN.*is read on AWS only/,
  );
});

it('what code does by itself is not for its requests to say', () => {
  const text = TEXT.replace('timeout: 2s', 'capture: { a: $.b }, pause: 1s, weight: 2');
  expect(() => readPlan({ text, file: 'p.yaml' }, { where: 'local', env: {} } as never)).toThrow(
    /request of code has no capture[\s\S]*\.json\(\)[\s\S]*has no pause[\s\S]*has no weight/,
  );
});

it('code that cannot be bundled is a mistake of the plan, with its place', () => {
  const bundle = () => {
    throw new TextMistake('search.ts cannot be bundled: oh', 0, 0);
  };
  expect(() => read('local', bundle)).toThrow(/oh[\s\S]*code: \.\/search\.ts/);
});

it('for AWS code is bundled as for here: each deployment says whether it carries out any', () => {
  const bundle = (file: string) => Buffer.from(`bundle of ${file}`);
  expect(read('aws', bundle)).toEqual(read('local', bundle));
});

it('what code sends may hold templates and references, as any request may', () => {
  const text = `${HEAD}requests: [{ flow: a, code: a.ts, requests: [
    { request: "POST /{{ uuid }}", headers: { x-id: "{{ uuid }}" }, auth: { bearer: "\${env:T}" }, json: { a: "{{ int(1, 9) }}" } } ] }]`;
  const plan = readPlan(
    { text, file: 'plan.yaml' },
    { env: { T: 'x' }, readFile: () => new Uint8Array(), bundle: () => new Uint8Array() },
  );
  expect(plan.requests[0]).toMatchObject({
    templated: true,
    body: { escape: 'json', data: '{"a":"{{ int(1, 9) }}"}' },
  });
});
