import { afterAll, describe, expect, it } from 'vitest';
import { forecast, requestsOf } from '../../lib/plan/forecast.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { Plan } from '../../lib/plan/plan.js';
import { readPlan } from '../../lib/plan/read-plan.js';
import { subjectsOf } from '../../lib/plan/starts.js';
import type { Report } from '../../lib/report/report-schema.js';
import { runLocally } from '../../lib/run/local-run.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { frozenFor } from '../support/load-plans.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const store = FolderStore.open(folder);
const entry = new URL('../../dist/lib/run/load-thread.js', import.meta.url);
const servers: ScriptedServer[] = [];
afterAll(async () => {
  for (const server of servers) await server.close();
});

/** A shop where who logs in gets a token, and who shows it sees their account. */
async function shop(): Promise<ScriptedServer> {
  let issued = 0;
  const server = await scriptedServer((socket, head) => {
    if (head.startsWith('POST /token')) socket.write(answer(`{"access":"t${++issued}"}`));
    else if (head.startsWith('GET /account') && !/Bearer t\d+/.test(head)) {
      socket.write(answer('who?', 401));
    } else socket.write(answer());
  });
  servers.push(server);
  return server;
}

/** More than stands in a plan: they are kept among the inputs of the run. */
const ROWS = 2_000;
const USERS = `name,note\n${Array.from({ length: ROWS }, (_, i) => `u${i},${'x'.repeat(40)}\n`).join('')}`;

const planText = (url: string, load: string) => `
target: ${url}
load: ${load}
requests:
  - { request: GET /, weight: 3 }
  - request: POST /orders
    json: { id: "{{ uuid }}" }
    expect: { status: 200 }
  - flow: visit
    weight: 2
    steps:
      - request: POST /token
        json: { user: "{{ users.name }}" }
        capture: { token: $.access }
      - { pause: 5ms..20ms }
      - repeat: 2
        steps:
          - { request: GET /account, auth: { bearer: "{{ token }}" } }
  - flow: glance
    steps: [ "GET /items/{{ users.name }}" ]
data: { users: { csv: users.csv, pick: unique } }
`;

let runs = 0;
async function run(text: string): Promise<{ frozen: FrozenPlan; plan: Plan; report: Report }> {
  const id = `scenario-${++runs}`;
  const inputs: Uint8Array[] = [];
  const plan = readPlan(
    { text, file: 'plan.yaml' },
    { env: {}, readFile: () => Buffer.from(USERS), keep: (_, bytes) => inputs.push(bytes) },
  );
  const frozen = frozenFor(plan, { run: id, createdAtMs: Date.now(), workers: 2 });
  for (const bytes of inputs) await runFiles(store, id).inputs.put(bytes);
  const report = await runLocally(frozen, { store, folder, entry });
  return { frozen, plan, report };
}

const slice = ({ slices }: Report, request: string) =>
  slices.find((one) => one.region === null && one.stage === null && one.request === request)!;

type Accounts = Report['completeness']['iterations'];
const settled = ({ ok, failed, cut, dropped, lost }: Accounts) =>
  ok + failed + cut.deadline + cut.stop + dropped.generator + dropped.target + lost!;

describe('a plan of flows, from its file to its report', () => {
  it('counts to the unit what the plan implies, weights, ramps and warm-up included', async () => {
    const server = await shop();
    const { frozen, plan, report } = await run(
      planText(
        server.url,
        '[{ rate: 60/s, for: 500ms, warmup: true }, { rate: 0..140/s, for: 1s }, { rate: 140/s, for: 1s }]',
      ),
    );
    const planned = forecast(frozen).starts!.flat();
    const iterations = subjectsOf(plan).map((_, i) => planned.reduce((sum, of) => sum + of[i]!, 0));
    const requests = requestsOf(frozen, iterations).map((count) => count!);
    const { completeness } = report;
    expect(completeness.iterations).toMatchObject({
      scheduled: iterations.reduce((a, b) => a + b),
      ok: iterations.reduce((a, b) => a + b),
    });
    expect(completeness.requests.ok).toBe(requests.reduce((a, b) => a + b));
    expect(server.heads).toHaveLength(completeness.requests.ok);
    expect(server.heads.filter((head) => head.startsWith('GET /account'))).toHaveLength(
      requests[subjectsOf(plan).indexOf('GET /account')]!,
    );
    // Of the measured time, by what its stages schedule.
    const measured = forecast(frozen).starts![0]!.slice(1);
    subjectsOf(plan).forEach((name, i) => {
      const begun = measured.reduce((sum, of) => sum + of[i]!, 0);
      if (begun > 0) expect(slice(report, name).iterations.ok).toBe(begun);
    });
    const flow = slice(report, 'flow visit');
    expect(flow.iteration!.count).toBe(flow.iterations.ok);
    expect(flow.iteration!.min).toBeGreaterThanOrEqual(5);
    expect(report.checks).toEqual([
      { request: 'POST /orders', text: 'status 200', passed: iterations[1], failed: 0 },
    ]);
    // The rows of both flows together: those of the first ranks, each once.
    const names = server.heads.flatMap((head) => /\/items\/u(\d+)/.exec(head)?.[1] ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(Math.max(...names.map(Number))).toBeLessThan(iterations.at(-1)! + iterations.at(-2)!);
  });

  it('balances with users, whose answers decide how much there is', async () => {
    const server = await shop();
    const { report } = await run(
      planText(server.url, '[{ users: 0..12, for: 700ms }, { users: 12, for: 500ms }]'),
    );
    const { iterations, requests } = report.completeness;
    expect(settled(iterations)).toBe(iterations.scheduled);
    expect(settled(requests)).toBe(requests.scheduled);
    expect(iterations.scheduled).toBeGreaterThan(24);
    expect(requests.answered).toBe(server.heads.length);
    // Three, one, two and one of seven, give or take a block of seven in each of two workers.
    const begun = ['GET /', 'POST /orders', 'flow visit', 'flow glance'].map(
      (name) => slice(report, name).iterations.scheduled,
    );
    [3, 1, 2, 1].forEach((weight, i) => {
      expect(Math.abs(begun[i]! - (iterations.scheduled * weight) / 7)).toBeLessThanOrEqual(14);
    });
  });
});
