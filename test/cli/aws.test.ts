// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freeze } from '../../lib/run/orchestrate.js';
import type { OrchestratorEvent } from '../../lib/run/run-order.js';
import { freezeOrder, readOrchestratorEvent, readRunOrder } from '../../lib/run/run-order.js';
import { runFiles } from '../../lib/store/run-files.js';
import { S3Store } from '../../lib/store/s3-store.js';
import { type StsDouble, startSts } from '../support/cloud/sts-server.js';
import { startFakeS3 } from '../support/fake-s3.js';
import { isochrone } from '../support/isochrone.js';
import type { S3Front } from '../support/s3-front.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// What the command line does against a deployment before and beside a run; whole runs are in
// test/cloud/cli.test.ts.
const folder = temporaryFolder();
const ACCOUNT = '111122223333';
const BUCKET = `isochrone-${ACCOUNT}-eu-west-1`;
const URL = 'https://shop.example.com/';
const LOAD = ['--rate', '20/s', '--for', '2s'];
const FROM = ['--from', 'eu-west-1,us-east-1'];

let s3: S3Front;
let sts: StsDouble;
let env: Record<string, string>;

beforeAll(async () => {
  s3 = await startFakeS3();
  sts = await startSts({ account: ACCOUNT, accessKeys: ['AKIAGOOD'], expired: ['AKIAOLD'] });
  env = {
    HOME: folder,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ENDPOINT_URL_STS: sts.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAGOOD',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  const harm = { do: 'refuse', status: 404, code: 'NoSuchBucket' } as const;
  s3.fault({ when: ({ bucket }) => bucket !== BUCKET, harm });
});
afterAll(async () => {
  await sts.close();
  await s3.close();
});

function without(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

describe('a deployment is found by the names of its parts', () => {
  test('the bucket of the account and region in use is the store, and must belong to that account', async () => {
    const before = s3.seen.length;
    const { out, code } = await isochrone(['runs', '--on', 'aws', '--json'], folder, env);
    expect({ out: out.trim(), code }).toEqual({ out: '[]', code: 0 });
    expect(sts.regions.at(-1)).toBe('eu-west-1');
    const asked = s3.seen.slice(before);
    expect(asked.map(({ bucket }) => bucket)).toContain(BUCKET);
    expect(new Set(asked.map(({ headers }) => headers['x-amz-expected-bucket-owner']))).toEqual(
      new Set([ACCOUNT]),
    );
  });

  test('another home and another prefix can be said', async () => {
    const other = { ...env, AWS_REGION: 'us-east-1', ISOCHRONE_HOME: 'eu-west-1' };
    expect((await isochrone(['runs', '--on', 'aws'], folder, other)).code).toBe(0);
    const { err } = await isochrone(['runs', '--on', 'aws'], folder, {
      ...env,
      ISOCHRONE_PREFIX: 'team',
    });
    expect(err).toContain(`there is no bucket team-${ACCOUNT}-eu-west-1`);
  });

  test.each([
    [
      'nothing is deployed in the region in use',
      () => ({ ...env, AWS_REGION: 'us-east-1' }),
      [
        `nothing is deployed in account ${ACCOUNT} with its home in us-east-1`,
        'npx cdk deploy --all',
        'ISOCHRONE_HOME',
      ],
    ],
    ['no region', () => without('AWS_REGION'), ['in which region', 'set AWS_REGION']],
    [
      'no credentials',
      () => without('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'),
      ['there are no AWS credentials to use', 'aws sso login', 'AWS_PROFILE'],
    ],
    [
      'wrong credentials',
      () => ({ ...env, AWS_ACCESS_KEY_ID: 'AKIAWRONG' }),
      ['AWS does not accept these credentials', 'AWS_PROFILE'],
    ],
    [
      'credentials of yesterday',
      () => ({ ...env, AWS_ACCESS_KEY_ID: 'AKIAOLD' }),
      ['the AWS credentials have expired', 'aws sso login'],
    ],
    [
      'no way to AWS',
      () => ({ ...env, AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:9' }),
      ['AWS cannot be asked whose account this is', 'ECONNREFUSED', 'check the network'],
    ],
  ])('%s: said with what to do, exit code 3', async (_, environment, texts) => {
    const run = ['run', '--yes', URL, ...LOAD, ...FROM, '--on', 'aws'];
    const { err, code, out } = await isochrone(run, folder, environment());
    for (const text of texts) expect(err).toContain(text);
    expect(err).not.toMatch(/bug|warning|\n\s+at /i);
    expect({ code, out }).toEqual({ code: 3, out: '' });
  });
});

describe('what is refused before AWS is asked anything', () => {
  test.each([
    ['no regions', [], /names none: say which, as in --from eu-west-1,us-east-1/],
    ['this machine', ['--from', 'local'], /names none: say which/],
    ['a city', ['--from', 'tokyo'], /AWS has no region tokyo: name regions/],
    ['emulated distance', [...FROM, '--emulate', '--at', 'eu-central-1'], /--emulate is for runs/],
    [
      'what only this machine knows',
      [...FROM, '-H', 'x-key: ${env:HOME}'],
      /env:HOME\} is of this machine/,
    ],
    ['two stores', [...FROM, '--store', './here'], /--store elsewhere: choose one/],
    ['--json in the background', [...FROM, '--detach', '--json'], /isochrone watch has it too/],
    ['--out in the background', [...FROM, '--detach', '--out', 'json=a'], /--out has nobody here/],
    ['hopeless objectives', [...FROM, '--objective', 'p99 < 1s'], /too short to decide/],
    ['somewhere else', [...FROM, '--on', 'azure'], /Allowed choices are aws/],
  ])('%s', async (_, flags, expected) => {
    const on = flags.includes('--on') ? [] : ['--on', 'aws'];
    const before = sts.regions.length;
    const { err, code } = await isochrone(
      ['run', '--yes', URL, ...LOAD, ...flags, ...on],
      folder,
      env,
    );
    expect(err).toMatch(expected);
    expect({ code, asked: sts.regions.length - before }).toEqual({ code: 2, asked: 0 });
  });

  test('a run that nobody is there to agree to says what agrees beforehand', async () => {
    const before = sts.regions.length;
    const args = ['run', URL, ...LOAD, ...FROM, '--on', 'aws'];
    const { err, code } = await isochrone(args, folder, env);
    expect(err).toContain('there is no terminal to ask on: add --yes to go on without being asked');
    expect({ code, asked: sts.regions.length - before }).toEqual({ code: 2, asked: 0 });
  });

  test('a plan with regions on this machine names both ways to measure it', async () => {
    const { err, code } = await isochrone(['run', URL, ...LOAD, ...FROM], folder, env);
    expect(err).toContain('this machine is not eu-west-1, us-east-1');
    expect(err).toContain('add --on aws');
    expect(err).toContain('add --emulate');
    expect(code).toBe(2);
  });
});

describe('plan --on aws', () => {
  test('shows regions and workers, and needs no account', async () => {
    const args = ['plan', URL, ...LOAD, ...FROM, '--workers', '2', '--on', 'aws'];
    const { out, code } = await isochrone(args, folder, { HOME: folder });
    expect(out.replace(/\s+/g, ' ')).toContain('from eu-west-1, us-east-1 on AWS, 4 workers');
    expect(out).toContain('us-east-1 2 of 2');
    expect(out).toMatch(/What it costs[\s\S]*Lambda time[\s\S]*in all +\$0\.0\d+/);
    expect(code).toBe(0);
  });

  test('--json prints the event that starts the same run by hand', async () => {
    writeFileSync(join(folder, 'body.bin'), Buffer.from([0, 255, 10]));
    const args = ['plan', URL, ...LOAD, ...FROM, '-d', '@body.bin', '--seed', '7'];
    const { out, code } = await isochrone([...args, '--on', 'aws', '--json'], folder, {});
    expect(code).toBe(0);
    expect(out.trim()).not.toContain('\n');
    const event = readOrchestratorEvent(JSON.parse(out)) as OrchestratorEvent;
    const frozen = freezeOrder(event.run, readRunOrder(event.plan));
    expect(frozen).toMatchObject({ where: 'aws', seed: 7, run: event.run });
    expect(frozen.regions.map(({ name }) => name)).toEqual(['eu-west-1', 'us-east-1']);
    // The file itself travels in the order: nobody else has it.
    expect(frozen.plan.requests[0]!.body).toEqual({
      encoding: 'base64',
      data: 'AP8K',
      file: 'body.bin',
    });
  });

  test('an event that Lambda would not take is refused, with what takes it', async () => {
    writeFileSync(join(folder, 'large.bin'), Buffer.alloc(1_000_000));
    const args = ['plan', URL, ...LOAD, ...FROM, '-d', '@large.bin', '--on', 'aws', '--json'];
    const file = await isochrone(args, folder, {});
    expect(file.err).toMatch(/files or code .*cannot stand in an event: isochrone run --on aws/);
    expect(file.code).toBe(2);
    const body = 'x'.repeat(60_000);
    const bodies = Array.from(
      { length: 20 },
      (_, i) => `  - { request: POST /${i}, body: ${body} }`,
    );
    const text = `target: ${URL}\nfrom: [eu-west-1]\nload: [{ rate: 1/s, for: 1m }]\nrequests:\n${bodies.join('\n')}\n`;
    writeFileSync(join(folder, 'large.yaml'), text);
    const words = await isochrone(['plan', 'large.yaml', '--on', 'aws', '--json'], folder);
    expect(words.err).toMatch(/would be 12\d{5} bytes.*isochrone run --on aws/);
    expect(words.code).toBe(2);
  });
});

describe('runs that are kept in the deployed bucket', () => {
  const run = '20260101-000000-shop-0001';

  test('one that nobody ends any more is lost, and its report is made here, not there', async () => {
    const store = S3Store.open({
      bucket: BUCKET,
      region: 'eu-west-1',
      endpoint: s3.endpoint,
      credentials: { accessKeyId: 'AKIAGOOD', secretAccessKey: 'secret' },
    });
    const { out } = await isochrone(
      ['plan', URL, ...LOAD, ...FROM, '--on', 'aws', '--json'],
      folder,
      {},
    );
    const order = readRunOrder((JSON.parse(out) as OrchestratorEvent).plan);
    const longAgo = { ...order, createdAtMs: Date.UTC(2026, 0, 1) };
    await freeze(freezeOrder(run, longAgo), runFiles(store, run));

    const listed = await isochrone(['runs', '--on', 'aws'], folder, env);
    expect(listed.out).toMatch(new RegExp(`${run}\\s+lost`));
    const [entry] = JSON.parse(
      (await isochrone(['runs', '--on', 'aws', '--json'], folder, env)).out,
    );
    expect(entry).toMatchObject({ run, lost: true, phase: 'arming', verdict: null });

    const watched = await isochrone(['watch', 'latest', '--on', 'aws'], folder, env);
    expect(watched.err).toContain(`isochrone report ${run} --on aws`);
    expect(watched.code).toBe(3);

    const puts = s3.count('put');
    const there = { ...env, ISOCHRONE_STORE: `s3://${BUCKET}` };
    for (const [where, environment] of [
      [['--on', 'aws'], env],
      [[], there],
    ] as const) {
      const report = await isochrone(['report', run, '--json', ...where], folder, environment);
      expect(JSON.parse(report.out).verdict).toMatchObject({ status: 'broken' });
    }
    expect(s3.count('put')).toBe(puts);
    const here = await isochrone(['report', run], folder, {});
    expect(here.out).toContain('its orchestrator vanished');
    expect(here.code).toBe(0);
  });
});
