import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { newRunId } from '../../lib/plan/freeze.js';
import { readPlan } from '../../lib/plan/read-plan.js';
import { CloudDeployment } from '../support/cloud/deployment.js';

const ROWS = 3_000;
const USERS = `name,note\n${Array.from({ length: ROWS }, (_, i) => `u${i},${'x'.repeat(30)}\n`).join('')}`;

let cloud: CloudDeployment;
let server: Server;
let url = '';
const seen: string[] = [];

beforeAll(async () => {
  cloud = await CloudDeployment.start(inject('s3'), {
    prefix: 'scenario',
    regions: ['eu-west-1', 'us-east-1'],
    legSeconds: 10,
  });
  let tokens = 0;
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push(`${request.method} ${request.url} ${body}${request.headers.authorization ?? ''}`);
    response.end(request.method === 'POST' ? `{"access":"t${++tokens}"}` : 'ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await cloud.close();
});

test('flows over two legs of four workers: each row once, and each request accounted for', async () => {
  const text = `
name: scenario
target: ${url}
from: { eu-west-1: { share: 60%, workers: 2 }, us-east-1: { share: 40%, workers: 2 } }
load: [{ rate: 15/s, for: 20s }]
arrivals: poisson
requests:
  - GET /
  - flow: visit
    weight: 2
    steps:
      - request: POST /token
        json: { user: "{{ users.name }}" }
        capture: { token: $.access }
      - { pause: 10ms..500ms }
      - { request: GET /account, auth: { bearer: "{{ token }}" } }
  - flow: glance
    steps: [ "GET /items/{{ users.name }}" ]
data: { users: { csv: users.csv, pick: unique } }
`;
  const inputs: Uint8Array[] = [];
  const plan = readPlan(
    { text, file: 'plan.yaml' },
    {
      env: {},
      where: 'aws',
      readFile: () => Buffer.from(USERS),
      keep: (_, bytes) => inputs.push(bytes),
    },
  );
  const order = {
    ...cloud.order(text.replace(/data:.*\n/, '').replaceAll('{{ users.name }}', 'x')),
    plan,
  };
  const run = newRunId('scenario', order.createdAtMs, 'abcd');
  for (const bytes of inputs) await cloud.files(run).inputs.put(bytes);
  await cloud.lead(run, order, run);
  const report = await cloud.ended(run, 150_000);
  const { iterations, requests, workers } = report.completeness;
  expect(workers).toMatchObject({ planned: 8, reported: 8, refused: [] });
  expect(iterations).toMatchObject({ ok: iterations.scheduled, lost: 0 });
  expect(requests).toMatchObject({ ok: requests.scheduled, lost: 0 });
  expect(seen).toHaveLength(requests.ok);
  const of = (name: string) =>
    report.slices.find((s) => s.region === null && s.stage === null && s.request === name)!;
  const visits = of('flow visit').iterations.ok;
  const glances = of('flow glance').iterations.ok;
  expect(of('GET /account').requests.ok).toBe(visits);
  const rows = seen.flatMap((line) => /u(\d+)/.exec(line)?.[1] ?? []).map(Number);
  expect(rows.sort((a, b) => a - b)).toEqual(Array.from({ length: visits + glances }, (_, i) => i));
  const shown = seen.flatMap((line) => /Bearer (t\d+)/.exec(line)?.[1] ?? []);
  expect(new Set(shown).size).toBe(visits);
});
