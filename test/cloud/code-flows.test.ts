// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CloudDeployment } from '../support/cloud/deployment.js';
import { type ForgedShard, Forger } from '../support/cloud/forged-shards.js';
import { SecretsServer } from '../support/cloud/secrets-server.js';
import { type StsDouble, startSts } from '../support/cloud/sts-server.js';
import { isochrone } from '../support/isochrone.js';
import { makeRequest, rates } from '../support/schedule-plans.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesIn, traces, unpacked } from '../support/traces.js';

const SECRET = 'cde-8f2Kq/Zw+77=xT19mmQ';
const SESSION_TOKEN = 'SqJ5YtRe0kPw9zXnB2vHc7';

const folder = temporaryFolder();
let cloud: CloudDeployment;
let server: Server;
let url = '';
const heard: string[] = [];
let secrets: SecretsServer;
let sts: StsDouble;
let environment: Record<string, string>;
const forgers: Forger[] = [];

beforeAll(async () => {
  const s3 = inject('s3');
  secrets = await SecretsServer.start({ LOGIN: SECRET });
  server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    request.resume();
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  environment = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_SESSION_TOKEN: SESSION_TOKEN,
  };
  cloud = await CloudDeployment.start(s3, {
    prefix: 'coded',
    regions: ['eu-west-1', 'us-east-1'],
    secrets: ['LOGIN'],
    allowCode: true,
    environment,
  });
  sts = await startSts({ account: '111122223333', accessKeys: [s3.owner.accessKeyId] });
});

afterAll(async () => {
  for (const forger of forgers) forger.close();
  server?.closeAllConnections();
  server?.close();
  await secrets?.close();
  await sts?.close();
  await cloud?.close();
});

async function forger(allowCode: boolean): Promise<Forger> {
  const deployment = { ...cloud.deployment, prefix: `coded-${allowCode}`, allowCode };
  const setting = { logFolder: cloud.logFolder, environment };
  const one = await Forger.start(inject('s3'), cloud.store, deployment, setting);
  forgers.push(one);
  return one;
}

function shardOf(bundle: string): ForgedShard {
  const bytes = Buffer.from(bundle);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const code = { sha256, bytes: bytes.length, file: 'own.ts' };
  return {
    inputs: [bytes],
    plan: {
      target: url,
      requests: [{ ...makeRequest('GET /', 1), weight: 0 }],
      flows: [{ kind: 'code', name: 'own', weight: 1, code, requests: [0] }],
      load: rates([5, 5, 2]),
    },
  };
}

test('a flow in code is carried out by workers, in a thread that knows nothing of their account', async () => {
  await writeFile(
    join(folder, 'own.ts'),
    `import { readFlow } from './part.js';
     import type { Flow } from 'isochrone-bench/flow';
     const own: Flow = async ({ http, check, log, data }) => {
       const first = await http.post('/login', { json: { user: data.users!.name } });
       check('is answered', readFlow(first.status));
       const own = globalThis['process']['env'];
       log(JSON.stringify({ keys: Object.keys(own).filter((name) => !/SDK_JS/.test(name)) }));
       check('has no environment', process.env.AWS_SECRET_ACCESS_KEY === undefined);
     };
     export default own;`,
  );
  await writeFile(join(folder, 'part.js'), 'export const readFlow = (status) => status === 200;');
  await writeFile(
    join(folder, 'users.csv'),
    `name\n${'abcdefghijklmnopqrstuvwxyz'.replaceAll(/./g, '$&\n')}`,
  );
  await writeFile(
    join(folder, 'isochrone.yaml'),
    `name: coded
target: ${url}
from: { eu-west-1: 50%, us-east-1: 50% }
load: [{ rate: 10/s, for: 2s }]
data: { users: { csv: users.csv, pick: unique } }
requests:
  - flow: own
    code: ./own.ts
    requests: [{ request: POST /login, auth: { bearer: "\${secret:LOGIN}" } }]
`,
  );
  const words = ['run', '--yes', '--on', 'aws', '--allow-undecided', '--json', '--quiet'];
  const accepted = ['lag', 'event-loop', 'busy', 'start'].flatMap((check) => ['--accept', check]);
  const { out, err, code } = await isochrone([...words, ...accepted], folder, {
    ...cloud.environment,
    HOME: folder,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_STS: sts.url,
    ISOCHRONE_PREFIX: 'coded',
  });
  expect([0, 4], err).toContain(code);
  const report = JSON.parse(out);
  expect(report.completeness.workers).toMatchObject({ planned: 2, reported: 2, refused: [] });
  expect(report.completeness.iterations).toMatchObject({ scheduled: 20, ok: 20 });
  expect(report.completeness.requests).toMatchObject({ scheduled: 20, ok: 20 });
  expect(report.checks).toEqual([
    { request: 'flow own', text: 'has no environment', passed: 20, failed: 0 },
    { request: 'flow own', text: 'is answered', passed: 20, failed: 0 },
  ]);
  const said = report.findings.find(({ id }: { id: string }) => id === 'code-log');
  expect(said.text).toContain('{"keys":[]}');
  // What it sent was put in by the worker, and stands nowhere.
  expect(heard.some((text) => text.includes(SECRET))).toBe(true);
  const left = new Map<string, string>([['said', `${out}${err}`]]);
  for (const key of await cloud.store.list('')) {
    const stored = await cloud.store.read(key);
    if (stored) left.set(key, [...unpacked(Buffer.from(stored.bytes))].join('\n'));
  }
  for (const path of filesIn(cloud.logFolder)) left.set(path, readFileSync(path, 'latin1'));
  expect(traces(left, [SECRET, SESSION_TOKEN])).toEqual([]);
});

test('where no code is allowed, a worker refuses it whoever asks', async () => {
  const before = heard.length;
  const { refusals, totals } = await (await forger(false)).send(
    shardOf("module.exports.default = async ({ http }) => { await http.get('/'); };"),
  );
  expect(refusals).toEqual([expect.stringContaining('deploy with -c allowCode=true')]);
  expect(totals).toBeNull();
  expect(heard).toHaveLength(before);
});

test('code that crashes its thread, or never gives it back, ends the worker with the reason', async () => {
  const allowed = await forger(true);
  const crashing = await allowed.send(
    shardOf(
      "module.exports.default = () => { setTimeout(() => { throw new Error('own fault'); }); };",
    ),
  );
  expect(crashing.error).toBeNull();
  expect(crashing.refusals).toEqual(['the thread of its code crashed: own fault']);
  const held = await allowed.send(shardOf('module.exports.default = () => { for (;;); };'));
  expect(held.error).toBeNull();
  expect(held.refusals).toEqual([
    expect.stringMatching(/code of flow own kept its thread for 20 s/),
  ]);
  // The next invocation of the same function begins anew.
  const after = await allowed.send(
    shardOf("module.exports.default = async ({ http }) => { await http.get('/'); };"),
  );
  expect(after.refusals).toEqual([]);
  expect(after.totals).toMatchObject({ ok: 10 });
});
