import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Report } from '../../lib/report/report-schema.js';
import { type Inventory, inventory, KINDS } from '../support/cloud/aws-inventory.js';
import { type CountingTarget, countingTarget } from '../support/cloud/deployment.js';
import { EmulatedAws } from '../support/cloud/emulated-aws.js';
import { blocksOf } from '../support/guide.js';
import { isochrone } from '../support/isochrone.js';
import { shellWords } from '../support/shell-words.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// The stacks, deployed by the CDK's own command line into an emulator of AWS; what is looked for
// then is called as the emulator says, and nothing that stands here makes a name.
const ACCOUNT = '444455556666';
const REGIONS = ['eu-west-1', 'us-east-1'];
/** A busy machine may make a measurement invalid: it has been made all the same. */
const MEASURED = [0, 4];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GUIDE = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
const NOTHING = Object.fromEntries(KINDS.map((kind) => [kind, []])) as unknown as Inventory;

const execute = promisify(execFile);
const folder = temporaryFolder();
let aws: EmulatedAws;
let target: CountingTarget;
let env: Record<string, string>;
/** As the plan names it; `resolve` says where it is. */
let host: string;

beforeAll(async () => {
  [aws, target] = await Promise.all([EmulatedAws.start(ACCOUNT, inject('s3')), countingTarget()]);
  host = `shop.example.com:${new URL(target.url).port}`;
  env = { ...aws.environment, HOME: folder, AWS_REGION: 'eu-west-1' };
  const plan = `
target: http://${host}
from: { eu-west-1: 75%, us-east-1: 25% }
load: [{ rate: 20/s, for: 3s }]
http: { resolve: { shop.example.com: 127.0.0.1 } }
`;
  writeFileSync(join(folder, 'plan.yaml'), plan);
});
afterAll(async () => {
  target?.close();
  await aws?.close();
});

/** In this folder, where cdk.json is; what it would ask is not asked here. */
function cdk(...args: readonly string[]) {
  const quiet = { CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_DISABLE_VERSION_CHECK: 'true' };
  const output = ['--output', join(folder, 'cdk.out'), '--no-notices'];
  return execute(join(ROOT, 'node_modules/.bin/cdk'), [...args, ...output], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...quiet, ...env },
  });
}

const command = (...args: readonly string[]) => isochrone(args, folder, env);
const there = () => inventory(aws.moto, REGIONS);

describe('npx cdk deploy --all', () => {
  test('makes the stacks, functions, aliases and the bucket, as the guide has it written out', async () => {
    await cdk('bootstrap', ...REGIONS.map((region) => `aws://${ACCOUNT}/${region}`));
    expect(await there()).toEqual(NOTHING);
    const shown = blocksOf(GUIDE, '3. Deploy').find(({ text }) => text.startsWith('npx cdk'));
    const line = shown!.text.replace('allowedHosts=shop.example.com', `allowedHosts=${host}`);
    expect(line).toContain(host);
    await cdk(...shellWords(line).slice(2), '--require-approval', 'never');
    expect(await there()).toEqual({
      stacks: [
        'eu-west-1 isochrone-control: CREATE_COMPLETE',
        'eu-west-1 isochrone-region-eu-west-1: CREATE_COMPLETE',
        'eu-west-1 isochrone-store: CREATE_COMPLETE',
        'us-east-1 isochrone-region-us-east-1: CREATE_COMPLETE',
      ],
      functions: [
        'eu-west-1 isochrone-merge:live',
        'eu-west-1 isochrone-orchestrator-1:live',
        'eu-west-1 isochrone-worker:live',
        'us-east-1 isochrone-worker:live',
      ],
      logs: [
        'eu-west-1 /aws/lambda/isochrone-merge, 30 days',
        'eu-west-1 /aws/lambda/isochrone-orchestrator-1, 30 days',
        'eu-west-1 /aws/lambda/isochrone-worker, 30 days',
        'us-east-1 /aws/lambda/isochrone-worker, 30 days',
      ],
      alarms: [
        'eu-west-1 isochrone-orchestrator-failed',
        'eu-west-1 isochrone-orchestrator-timed-out',
      ],
      rules: ['eu-west-1 isochrone-orchestrator-ended to isochrone-merge:live'],
      roles: [
        'isochrone-merge-eu-west-1',
        'isochrone-orchestrator-eu-west-1',
        'isochrone-worker-eu-west-1',
        'isochrone-worker-us-east-1',
      ],
      policies: ['isochrone-runner-eu-west-1'],
      buckets: [`isochrone-${ACCOUNT}-eu-west-1`],
    });
  });

  test('is found whole by the doctor', async () => {
    const { out, code } = await command('doctor', 'plan.yaml');
    expect(out).toMatch(/^✓ deployed +all of isochrone-/m);
    expect(out).not.toMatch(/[✗?]/);
    expect(code).toBe(0);
  });

  test('is what a run is led by, sent by and kept in, by the names that were deployed', async () => {
    const files = ['--out', 'json=report.json'];
    const { code, err } = await command('run', 'plan.yaml', '--on', 'aws', '--yes', ...files);
    expect(MEASURED, err).toContain(code);
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
    expect(report.completeness.requests).toMatchObject({ scheduled: 60, lost: 0 });
    expect(target.heardAtMs.length).toBe(60);
    const { functions, buckets } = await there();
    const invoked = aws.lambda.invocations.map(
      (one) => `${one.region} ${one.function}:${one.qualifier}`,
    );
    expect([...new Set(invoked)].sort()).toEqual(functions);
    expect(err).toContain(`kept in s3://${buckets[0]}`);
  });
});

describe('deployed again', () => {
  test('functions get a new version, and live moves to it', async () => {
    const { code, err } = await command('deploy', 'plan.yaml', '--yes', '-c', 'maxRate=40');
    expect({ code, err }).toMatchObject({ code: 0 });
    expect((await there()).stacks).toEqual([
      'eu-west-1 isochrone-control: UPDATE_COMPLETE',
      'eu-west-1 isochrone-region-eu-west-1: UPDATE_COMPLETE',
      'eu-west-1 isochrone-store: CREATE_COMPLETE',
      'us-east-1 isochrone-region-us-east-1: UPDATE_COMPLETE',
    ]);
    const { out } = await command('doctor');
    expect(out).toMatch(/^✓ limits +40\/s/m);
    expect(out).not.toMatch(/[✗?]/);
  });

  test('a region that is no longer wanted is taken away, and nothing of it stays', async () => {
    const args = ['-c', 'regions=eu-west-1', '-c', `allowedHosts=${host}`];
    const { code, err } = await command('deploy', '--yes', ...args);
    expect(err).toMatch(/^destroys +isochrone-region-us-east-1$/m);
    expect({ code, err }).toMatchObject({ code: 0 });
    const left = Object.values(await there()).flat();
    expect(left.filter((name) => name.includes('us-east-1'))).toEqual([]);
    const { out } = await command('doctor');
    expect(out).toContain('✓ deployed');
    expect(out).not.toMatch(/[✗?]/);
  });

  test('npx cdk destroy --all leaves nothing that has a name but the bucket', async () => {
    await cdk('destroy', '--all', '--force', '-c', 'regions=eu-west-1');
    const buckets = [`isochrone-${ACCOUNT}-eu-west-1`];
    expect(await there()).toEqual({ ...NOTHING, buckets });
  });
});
