import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { AwsCall } from '../support/cloud/aws-front.js';
import { inventory } from '../support/cloud/aws-inventory.js';
import { EmulatedAws } from '../support/cloud/emulated-aws.js';
import { COMMAND, isochrone } from '../support/isochrone.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TypedShell } from '../support/typed-shell.js';

// What somebody sees whose deployment, or its removal, stopped half-way: where it stands, and that
// the same command goes on from there.
const ACCOUNT = '777788889999';
const REGIONS = ['eu-west-1', 'us-east-1'];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const folder = temporaryFolder();
let aws: EmulatedAws;
let env: Record<string, string>;

beforeAll(async () => {
  aws = await EmulatedAws.start(ACCOUNT, inject('s3'));
  env = { ...aws.environment, HOME: folder, AWS_REGION: 'eu-west-1' };
  writeFileSync(
    join(folder, 'isochrone.yaml'),
    `
target: https://shop.example.com
from: [eu-west-1, us-east-1]
load: [{ rate: 20/s, for: 3s }]
`,
  );
});
afterAll(() => aws?.close());
afterEach(() => {
  aws.interference = () => null;
});

function terminal(cwd = folder): TypedShell {
  const python = join(aws.moto.bin, 'python');
  return new TypedShell({ python, cwd, env: { PATH: process.env.PATH!, ...env } });
}

const command = (...args: readonly string[]) => isochrone(args, folder, env);
const there = () => inventory(aws.moto, REGIONS);

/** Who deploys lacks a right in one region. */
function denied(action: string, region: string) {
  return (call: AwsCall) => {
    const asked = new URLSearchParams(call.body.toString()).get('Action');
    if (call.service !== 'cloudformation' || call.region !== region || asked !== action)
      return null;
    const message = `User: arn:aws:iam::${ACCOUNT}:user/me is not authorized to perform: cloudformation:${action}`;
    const text = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`;
    return { status: 403, headers: { 'content-type': 'text/xml' }, body: Buffer.from(text) };
  };
}

test('deploy begins nothing where the CDK was never set up', async () => {
  const { err, code } = await command('deploy', '--yes');
  expect(err).toContain('nothing was deployed:');
  const mend = `npx cdk bootstrap aws://${ACCOUNT}/eu-west-1 aws://${ACCOUNT}/us-east-1`;
  expect(err).toContain(mend);
  expect(code).toBe(3);
  const shell = terminal(ROOT);
  const { code: mended, screen } = await shell.type(mend);
  await shell.close();
  expect(mended, screen).toBe(0);
});

test('a deployment that AWS refuses in one region is told so, and goes on with the same command', async () => {
  aws.interference = denied('ExecuteChangeSet', 'us-east-1');
  const refused = await command('deploy', '--yes');
  expect(refused.err).toContain('not authorized to perform: cloudformation:ExecuteChangeSet');
  expect(refused.err).toMatch(
    /the CDK ended with exit code 1.*the same command goes on from there/,
  );
  expect(refused.code).toBe(3);
  const examined = await command('doctor');
  expect(examined.out).toMatch(
    /✗ deployed +not there: the worker in us-east-1\n +isochrone deploy/,
  );
  expect(examined.code).toBe(3);

  aws.interference = () => null;
  const again = await command('deploy', '--yes');
  expect(again.code, again.err).toBe(0);
  const { out, code } = await command('doctor');
  expect(out).not.toMatch(/[✗?]/);
  expect(code).toBe(0);
});

test('a no destroys nothing', async () => {
  const shell = terminal();
  const line = `"${process.execPath}" "${COMMAND}" destroy`;
  const { code, screen } = await shell.type(line, [{ to: /\[y\/N\]/, with: 'n' }]);
  await shell.close();
  expect(screen).toContain('nothing was changed');
  expect(code).toBe(130);
  expect((await there()).functions).toHaveLength(4);
});

test('a removal that AWS refuses in one region still finds that region the next time', async () => {
  aws.interference = denied('DeleteStack', 'us-east-1');
  const refused = await command('destroy', '--yes');
  expect(refused.code).toBe(3);
  expect((await there()).functions).toContain('us-east-1 isochrone-worker:live');
  expect((await there()).functions).toContain('eu-west-1 isochrone-orchestrator-1:live');

  aws.interference = () => null;
  const again = await command('destroy', '--yes');
  expect(again.code, again.err).toBe(0);
  expect((await there()).functions).toEqual([]);
  const examined = await command('doctor');
  expect(examined.out).toMatch(/✗ deployed +not there: the orchestrator, merge/);
  expect(examined.out).not.toContain('✓ version');
});

test('Ctrl-C while the CDK is at work says that AWS may be, too', async () => {
  const shell = terminal();
  // AWS takes its time.
  aws.interference = ({ service, body }) =>
    service === 'cloudformation' && /Action=DescribeChangeSet/.test(body.toString())
      ? { status: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(PENDING) }
      : null;
  const line = `"${process.execPath}" "${COMMAND}" deploy --yes`;
  const { code, screen } = await shell.type(line, [
    { to: /creating CloudFormation/, with: '\x03' },
  ]);
  await shell.close();
  expect(screen).toContain('the CDK was interrupted; AWS may still be at work on a stack');
  expect(code).toBe(130);
});

const PENDING =
  '<DescribeChangeSetResponse><DescribeChangeSetResult><Status>CREATE_IN_PROGRESS</Status><Changes/></DescribeChangeSetResult></DescribeChangeSetResponse>';
