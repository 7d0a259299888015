import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { orchestratorName } from '../../lib/cloud/deployment.js';
import type { Report } from '../../lib/report/report-schema.js';
import { CloudDeployment, until } from '../support/cloud/deployment.js';
import { createBucket } from '../support/cloud/s3-server.js';
import { type StsDouble, startSts } from '../support/cloud/sts-server.js';
import { commandsOf, isOnAws } from '../support/documented-commands.js';
import { type Ended, isochrone, startIsochrone } from '../support/isochrone.js';
import { shellWords } from '../support/shell-words.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ACCOUNT = '111122223333';
/** A busy machine may make a measurement doubtful or invalid: it has been made all the same. */
const MEASURED = [0, 4];
const BODY = Buffer.from([0, 255, 10, 13, 200]);
const folder = temporaryFolder();

let cloud: CloudDeployment;
let sts: StsDouble;
let server: Server;
let target: string;
let env: Record<string, string>;
/** Of every request that the target heard. */
const bodies: Buffer[] = [];

beforeAll(async () => {
  const s3 = inject('s3');
  cloud = await CloudDeployment.start(s3, {
    prefix: 'cli',
    regions: ['eu-west-1', 'us-east-1'],
    limits: { maxMinutes: 5 },
  });
  sts = await startSts({ account: ACCOUNT, accessKeys: [s3.owner.accessKeyId] });
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(Buffer.concat(chunks));
    response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  env = {
    ...cloud.environment,
    HOME: folder,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_STS: sts.url,
    ISOCHRONE_PREFIX: 'cli',
  };
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await sts?.close();
  await cloud?.close();
});

const FROM = ['--from', 'eu-west-1,us-east-1', '--on', 'aws', '--allow-undecided'];
const load = (rate: number, seconds: number) => ['--rate', `${rate}/s`, '--for', `${seconds}s`];

function start(...args: readonly string[]) {
  return startIsochrone(args, folder, env);
}

function command(...args: readonly string[]): Promise<Ended> {
  return isochrone(args, folder, env);
}

function reportIn({ out, err }: Ended): Report {
  expect(out, err).toContain('"isochrone.report/1"');
  return JSON.parse(out) as Report;
}

/** Waits for the run of that label to send, from the store alone. */
async function sending(label: string): Promise<string> {
  let run = '';
  await until(`${label} to be listed`, 60_000, async () => {
    const { out } = await command('runs', '--on', 'aws', '--json');
    const listed = JSON.parse(out || '[]') as { run: string; label: string }[];
    run = listed.find((one) => one.label === label)?.run ?? '';
    return run !== '';
  });
  const { startAtMs } = await cloud.running(run);
  await sleep(Math.max(0, startAtMs + 1_500 - Date.now()));
  return run;
}

async function expectSilence(): Promise<void> {
  const before = bodies.length;
  await sleep(1_000);
  expect(bodies.length).toBe(before);
}

describe('run --on aws', () => {
  test('takes a plan with its files to the report, which every command finds again', async () => {
    writeFileSync(join(folder, 'body.bin'), BODY);
    writeFileSync(
      join(folder, 'isochrone.yaml'),
      `name: files
target: ${target}
from: { eu-west-1: { share: 75%, workers: 2 }, us-east-1: 25% }
load: [{ rate: 40/s, for: 3s }]
requests: [{ request: POST /orders, bodyFile: body.bin }]
`,
    );
    const before = bodies.length;
    const files = ['--out', 'json=report.json', '--label', 'files', '--json'];
    const ended = await command('run', '--on', 'aws', '--yes', ...files);
    const report = reportIn(ended);
    expect(MEASURED, ended.err).toContain(ended.code);
    expect(ended.code).toBe(report.verdict.exitCode);
    expect(ended.err).not.toMatch(/warning|bug/i);
    expect(ended.err).toContain(`kept in s3://cli-${ACCOUNT}-eu-west-1`);
    expect(report.run).toMatchObject({ where: 'aws', label: 'files' });
    expect(report.completeness.requests).toMatchObject({ scheduled: 120, lost: 0 });
    expect(bodies.length - before).toBe(report.completeness.requests.sent);
    expect(bodies.slice(before).every((body) => body.equals(BODY))).toBe(true);

    const { id } = report.run;
    const store = { ...env, ISOCHRONE_STORE: `s3://cli-${ACCOUNT}-eu-west-1` };
    for (const [args, environment] of [
      [['report', '--on', 'aws', '--json'], env],
      [['report', 'files', '--json'], store],
      [['watch', id, '--on', 'aws', '--json'], env],
      [['report', 'report.json', '--json'], {}],
    ] as const) {
      expect(reportIn(await isochrone(args, folder, environment))).toEqual(report);
    }
    const listed = await command('runs', '--on', 'aws', '--json');
    expect(JSON.parse(listed.out)[0]).toMatchObject({ run: id, phase: 'ended', lost: false });
    const stopped = await command('stop', id, '--on', 'aws');
    expect(stopped.out).toContain(`${id} has ended already`);
  });

  test('goes on unchanged when its client is killed, and watch takes it up again', async () => {
    const before = bodies.length;
    const client = start('run', '--yes', target, ...load(30, 8), ...FROM, '--label', 'killed');
    const run = await sending('killed');
    client.child.kill('SIGKILL');
    expect((await client.ended).code).toBeNull();
    const watched = await command('watch', run, '--on', 'aws', '--json');
    const report = reportIn(watched);
    expect(MEASURED).toContain(watched.code);
    expect(report.run.id).toBe(run);
    const { requests, workers } = report.completeness;
    expect(workers).toMatchObject({ planned: 2, reported: 2 });
    expect(requests).toMatchObject({ scheduled: 240, lost: 0 });
    expect(requests.sent).toBe(bodies.length - before);
  });

  test('stops at Ctrl-C, and still reports', async () => {
    const client = start(
      'run',
      '--yes',
      target,
      ...load(20, 120),
      ...FROM,
      '--label',
      'ctrl-c',
      '--json',
    );
    await sending('ctrl-c');
    client.child.kill('SIGINT');
    const ended = await client.ended;
    expect(ended.err).toContain('stopping; the report follows');
    expect(ended.code).toBe(130);
    expect(reportIn(ended).verdict).toMatchObject({ status: 'stopped', exitCode: 130 });
    await expectSilence();
  });

  test('leaves at once at the second Ctrl-C, and says how to find the run', async () => {
    const client = start('run', '--yes', target, ...load(20, 120), ...FROM, '--label', 'twice');
    const run = await sending('twice');
    client.child.kill('SIGINT');
    await until('the stop', 10_000, async () => {
      return ((await cloud.files(run).control.read())?.stop ?? null) !== null;
    });
    await sleep(100);
    client.child.kill('SIGINT');
    const { err, code } = await client.ended;
    expect(err).toContain(`${run} was told to stop\n  isochrone watch ${run} --on aws`);
    expect(code).toBe(130);
    const watched = await command('watch', run, '--on', 'aws', '--json');
    expect(reportIn(watched).verdict).toMatchObject({ status: 'stopped' });
    expect(watched.code).toBe(130);
  });

  test('is refused by the deployment, which is said, and the target hears nothing', async () => {
    const before = bodies.length;
    const ended = await command('run', '--yes', target, ...load(1, 600), ...FROM, '--json');
    const { verdict } = reportIn(ended);
    expect(verdict).toMatchObject({ status: 'cancelled', exitCode: 3 });
    expect(verdict.cause).toMatch(/lasts 10 minutes, and this deployment allows 5/);
    expect(ended.code).toBe(3);
    expect(bodies.length).toBe(before);
  });

  test('is known never to have begun when its orchestrator fails', async () => {
    const lift = cloud.s3.fault({
      when: ({ kind, key, accessKey }) =>
        kind === 'put' && /^runs\/.*\/plan\.json$/.test(key) && accessKey !== null,
      harm: { do: 'refuse', status: 403, code: 'AccessDenied' },
    });
    const { err, code } = await command('run', '--yes', target, ...load(10, 3), ...FROM);
    lift();
    expect(err).toMatch(/never began, and its orchestrator is gone: .*s3:PutObject/);
    expect(err).toContain('/aws/lambda/cli-orchestrator-1 in eu-west-1 may say more');
    expect(code).toBe(3);
  });

  test('needs an orchestrator in the bucket’s region', async () => {
    await createBucket(inject('s3'), `bare-${ACCOUNT}-eu-west-1`);
    const { err, code } = await isochrone(
      ['run', '--yes', target, ...load(10, 3), ...FROM],
      folder,
      {
        ...env,
        ISOCHRONE_PREFIX: 'bare',
      },
    );
    expect(err).toMatch(
      /cannot invoke bare-orchestrator-1:live in eu-west-1.*npx cdk deploy --all/,
    );
    expect(code).toBe(3);
  });
});

describe('a run without its client', () => {
  test('--detach returns when it is asked for; watch and stop know it from the first second', async () => {
    const detached = await command('run', '--yes', target, ...load(20, 120), ...FROM, '--detach');
    const run = detached.out.trim();
    expect(detached.code).toBe(0);
    expect(detached.err).toContain(`isochrone watch ${run} --on aws`);
    const watching = start('watch', run, '--on', 'aws', '--json');
    await cloud.running(run);
    const stopped = await command('stop', run, '--on', 'aws');
    expect(stopped.out).toContain(
      `${run} was stopped; its report: isochrone report ${run} --on aws`,
    );
    expect(stopped.code).toBe(0);
    const watched = await watching.ended;
    expect(watched.code).toBe(130);
    expect(reportIn(watched).verdict.status).toBe('stopped');
    await expectSilence();
  });

  test('stop --force ends its orchestrator, too, and its deployment makes the report', async () => {
    const { out } = await command(
      'run',
      '--yes',
      target,
      ...load(20, 120),
      ...FROM,
      '--detach',
      '--quiet',
    );
    const run = out.trim();
    await cloud.running(run);
    const stopped = await command('stop', run, '--force', '--on', 'aws');
    expect(stopped.out).toContain(`${run} was stopped`);
    expect(cloud.lambda.execution(run)?.status).toBe('STOPPED');
    const report = reportIn(await command('report', run, '--on', 'aws', '--json'));
    expect(report.verdict).toMatchObject({ status: 'stopped', exitCode: 130 });
    await expectSilence();
  });

  test('can be started by hand with the event that plan prints', async () => {
    const planned = await command('plan', target, ...load(20, 3), ...FROM, '--json');
    const { run } = JSON.parse(planned.out) as { run: string };
    const client = new LambdaClient({
      region: 'eu-west-1',
      endpoint: cloud.lambda.url,
      credentials: { accessKeyId: 'by', secretAccessKey: 'hand' },
    });
    await client.send(
      new InvokeCommand({
        FunctionName: orchestratorName('cli'),
        Qualifier: 'live',
        InvocationType: 'Event',
        DurableExecutionName: run,
        Payload: planned.out,
      }),
    );
    client.destroy();
    await cloud.running(run);
    const watched = await command('watch', run, '--on', 'aws', '--json');
    expect(MEASURED).toContain(watched.code);
    expect(reportIn(watched).completeness.requests).toMatchObject({ scheduled: 60, lost: 0 });
  });
});

test('docs/cloud.md shows commands that work', async () => {
  const page = readFileSync(new URL('../../docs/cloud.md', import.meta.url), 'utf8');
  const lines = commandsOf(page).filter(isOnAws);
  expect(lines.length).toBeGreaterThan(4);
  const plan = /```yaml\n(# isochrone\.yaml\n[\s\S]*?)```/.exec(page)![1]!;
  const quick = plan.replace('https://shop.example.com', target).replace('for: 20s', 'for: 2s');
  writeFileSync(join(folder, 'isochrone.yaml'), quick);
  for (const line of lines) {
    const [name = '', ...args] = shellWords(line).slice(1);
    // Whoever types it is asked.
    const { code, err } = await command(name, ...args, ...(name === 'run' ? ['--yes'] : []));
    expect(MEASURED, `${line}\n${err}`).toContain(code);
  }
});
