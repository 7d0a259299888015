// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { CloudDeployment } from '../support/cloud/deployment.js';
import { EchoingTarget } from '../support/cloud/echoing-target.js';
import { Forger, headed } from '../support/cloud/forged-shards.js';
import { SecretsServer } from '../support/cloud/secrets-server.js';
import { type StsDouble, startSts } from '../support/cloud/sts-server.js';
import { type Ended, isochrone } from '../support/isochrone.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { filesIn, traces, unpacked } from '../support/traces.js';

/** Planted, to be looked for in everything that is left. */
const PLANTED = {
  HEADER: 'hdr-8f2Kq/Zw+77=xT19mmQ',
  PATH: 'pth.4KzQmV81_uxyz-A93',
  BODY: 'bdy-Qp0Zr$&77*kkLmNo',
  'shop/session': 'ses~9917:wwQpLaTTbv1',
};
const SESSION_TOKEN = 'SqJ5YtRe0kPw9zXnB2vHc7';
const NAMES = Object.keys(PLANTED);

const folder = temporaryFolder();
let cloud: CloudDeployment;
let target: EchoingTarget;
let secrets: SecretsServer;
let sts: StsDouble;
let environment: Record<string, string>;

beforeAll(async () => {
  const s3 = inject('s3');
  secrets = await SecretsServer.start(PLANTED);
  target = await EchoingTarget.start();
  environment = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_SESSION_TOKEN: SESSION_TOKEN,
  };
  cloud = await CloudDeployment.start(s3, {
    prefix: 'secrets',
    regions: ['eu-west-1'],
    secrets: [...NAMES, 'nobody', 'denied'],
    environment,
  });
  sts = await startSts({ account: '111122223333', accessKeys: [s3.owner.accessKeyId] });
});

afterAll(async () => {
  target?.close();
  await secrets?.close();
  await sts?.close();
  await cloud?.close();
});

/** What was said on terminals. */
const told: string[] = [];
async function command(...args: readonly string[]): Promise<Ended> {
  const ended = await isochrone(args, folder, {
    ...cloud.environment,
    HOME: folder,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_STS: sts.url,
    ISOCHRONE_PREFIX: 'secrets',
  });
  told.push(ended.out, ended.err);
  return ended;
}

/** The text of everything in the bucket, of all logs, of all that was said, and of what was kept. */
async function everything(): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (const key of await cloud.store.list('')) {
    const stored = await cloud.store.read(key);
    if (stored) all.set(key, [...unpacked(Buffer.from(stored.bytes))].join('\n'));
  }
  for (const path of [...filesIn(cloud.logFolder), ...filesIn(folder)]) {
    all.set(path, readFileSync(path, 'latin1'));
  }
  told.forEach((text, i) => {
    all.set(`said ${i}`, text);
  });
  return all;
}

test('what is planted would be found, also where it is compressed', async () => {
  await cloud.store.write('planted/plain', Buffer.from(`a ${PLANTED.BODY.slice(3, 13)} b`));
  expect(traces(await everything(), Object.values(PLANTED)).length).toBeGreaterThan(0);
  await cloud.store.write('planted/plain', Buffer.from('gone'));
});

describe('a run with secrets', () => {
  test('sends them, and leaves no trace of them anywhere', async () => {
    const plan = `name: secret
target: ${target.url}
from: { eu-west-1: { share: 1, workers: 2 } }
load: [{ rate: 60/s, for: 4s }]
requests:
${['sample', 'headers', 'garbage', 'second']
  .map(
    (path) => `  - request: POST /${path}/\${secret:PATH}
    headers: { authorization: "Bearer \${secret:HEADER}", cookie: "s=\${secret:shop/session}" }
    json: { password: "\${secret:BODY}" }
    expect: { status: 200, body: nothing that comes }`,
  )
  .join('\n')}
`;
    writeFileSync(join(folder, 'isochrone.yaml'), plan);
    const planned = await command('plan', '--on', 'aws');
    expect(planned.code, planned.err).toBe(0);
    const ended = await command(
      'run',
      '--yes',
      '--on',
      'aws',
      '--allow-undecided',
      '--out',
      'json=r.json',
    );
    expect(ended.err).not.toContain('Error');
    expect([0, 4]).toContain(ended.code);
    for (const args of [['report'], ['watch', 'latest'], ['runs'], ['report', '--json']]) {
      await command(...args, '--on', 'aws');
    }

    // They came to where they belong, read once by each worker.
    expect(target.heard.length).toBe(240);
    const heard = target.heard.find((text) => text.includes('/sample/')) ?? '';
    for (const value of Object.values(PLANTED)) expect(heard).toContain(value);
    expect(secrets.asked.toSorted()).toEqual([...NAMES, ...NAMES].toSorted());

    const all = await everything();
    const keys = [...all.keys()];
    for (const part of ['plan.json', '/inputs/', '.frag', '/manifests/', 'report.json', 'state']) {
      expect(
        keys.some((key) => key.includes(part)),
        part,
      ).toBe(true);
    }
    expect(keys.filter((key) => key.endsWith('.log')).length).toBeGreaterThan(2);
    // Samples were kept, of which each was full of secrets.
    expect([...all.values()].join()).toContain('***');
    expect(traces(all, [...Object.values(PLANTED), SESSION_TOKEN])).toEqual([]);
  });

  test('is refused by name where a secret cannot be read', async () => {
    const forger = await Forger.start(inject('s3'), cloud.store, cloud.deployment, {
      logFolder: cloud.logFolder,
      environment,
    });
    const asking = async (name: string) => {
      const requests = [headed(['authorization', `Bearer \${secret:${name}}`])];
      return (await forger.send({ plan: { target: target.url, requests } })).refusals;
    };
    const before = target.heard.length;
    expect(await asking('nobody')).toEqual([expect.stringContaining('there is no secret nobody')]);
    expect(await asking('denied')).toEqual([expect.stringContaining('may not read secret denied')]);
    expect(target.heard.length).toBe(before);
    forger.close();
  });
});

describe('the environment of a function', () => {
  const plan = `name: env
target: TARGET
from: [eu-west-1]
load: [{ rate: 10/s, for: 1s }]
requests: [{ request: GET /, headers: { a: "\${env:AWS_SESSION_TOKEN}" } }]
`;

  test('is refused to a plan before it is sent, with the line to write', async () => {
    writeFileSync(join(folder, 'isochrone.yaml'), plan.replace('TARGET', target.url));
    const ended = await command('run', '--yes', '--on', 'aws', '--allow-undecided');
    expect(ended.code).toBe(2);
    expect(ended.err).toContain('write ${secret:AWS_SESSION_TOKEN}, and deploy with -c secrets=');
  });

  test('yields nothing to an order that was made by hand', async () => {
    const order = cloud.order(plan.replace('TARGET', target.url).replace('env:', 'secret:'));
    const forged = JSON.parse(JSON.stringify(order).replaceAll('${secret:', '${env:'));
    const before = target.heard.length;
    const report = await cloud.ended(await cloud.startOrder(forged));
    expect(report.verdict).toMatchObject({ status: 'cancelled' });
    expect(JSON.stringify(report.verdict)).toContain('AWS_SESSION_TOKEN} is of this machine');
    expect(target.heard.length).toBe(before);
    expect(traces(await everything(), [SESSION_TOKEN])).toEqual([]);
  });
});
