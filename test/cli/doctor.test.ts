import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { CHECKS, type Finding } from '../../lib/run/finding.js';
import { VERSION } from '../../lib/run/version.js';
import {
  ACCOUNT,
  type AccountSetting,
  type AwsAccount,
  startAwsAccount,
} from '../support/cloud/aws-account.js';
import { isochrone } from '../support/isochrone.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const PLAN = `
target: https://shop.example.com
from: [eu-west-1, us-east-1]
load: [{ rate: 20/s, for: 2s }]
`;
writeFileSync(join(folder, 'plan.yaml'), PLAN);

let account: AwsAccount | undefined;
afterEach(async () => {
  await account?.close();
  account = undefined;
});

/** What the doctor says of an account in which all is well but this. */
async function examined(
  change: Partial<AccountSetting>,
  {
    env = {},
    without = [],
    args = ['plan.yaml'],
  }: { env?: Record<string, string>; without?: string[]; args?: string[] } = {},
) {
  account = await startAwsAccount({ version: VERSION, ...change });
  const whole = { HOME: folder, ...account.env, ...env };
  const left = Object.entries(whole).filter(([name]) => !without.includes(name));
  return isochrone(['doctor', ...args], folder, Object.fromEntries(left));
}

const lineOf = (out: string, check: string) =>
  out.split('\n').find((line) => line.slice(2).startsWith(check)) ?? '';

test('says of an account in which all is well that it is, and exits with 0', async () => {
  const { out, err, code } = await examined({
    subnets: ['subnet-1'],
    network: {
      subnets: { 'subnet-1': 'vpc-1' },
      tables: [{ id: 'rtb-1', network: 'vpc-1', subnets: ['subnet-1'], everywhere: 'nat-1' }],
    },
  });
  expect({ err, code }).toEqual({ err: '', code: 0 });
  for (const check of CHECKS) expect(lineOf(out, check)).toMatch(/^✓/);
  expect(out).not.toMatch(/[✗?]/);
  expect(out).toContain(`isochrone-${ACCOUNT}-eu-west-1`);
});

/** What is not as it should be; how its line begins; all that must be said of it and what mends it. */
type Broken = readonly [
  what: string,
  change: Partial<AccountSetting>,
  check: string,
  texts: readonly string[],
  plan?: string,
];

const run = { run: '20261121-101500-shop-0001', rate: 20, workers: { 'us-east-1': 4 } };
const inTenMinutes = () => Date.now() + 600_000;

describe('names what is broken and the command that mends it, and exits with 3:', () => {
  const broken: readonly Broken[] = [
    [
      'two regions without the CDK’s bootstrap',
      { bootstrap: {} },
      'bootstrap',
      [
        'never been set up in eu-west-1, us-east-1',
        `npx cdk bootstrap aws://${ACCOUNT}/eu-west-1 aws://${ACCOUNT}/us-east-1`,
      ],
    ],
    [
      'a bootstrap of long ago',
      { bootstrap: { 'eu-west-1': 5, 'us-east-1': 21 } },
      'bootstrap',
      ['set up in eu-west-1 by a version before 6', `npx cdk bootstrap aws://${ACCOUNT}/eu-west-1`],
    ],
    [
      'a region that is turned off',
      {},
      'regions',
      ['ap-south-2 is turned off', 'aws account enable-region --region-name ap-south-2'],
      PLAN.replace('us-east-1', 'ap-south-2'),
    ],
    [
      'a region that nobody has',
      {},
      'regions',
      ['no region ap-north-9', 'name another one in the plan'],
      PLAN.replace('us-east-1', 'ap-north-9'),
    ],
    [
      'a home without durable functions',
      { regions: null, durableRegions: ['us-east-2'] },
      'durable functions',
      ['eu-west-1 has none', 'export ISOCHRONE_HOME=us-east-2'],
    ],
    [
      'an orchestrator that is not durable',
      { durable: false },
      'durable functions',
      ['is no durable function', 'isochrone destroy', 'isochrone deploy'],
    ],
    [
      'nothing deployed',
      { regions: null },
      'deployed',
      [
        `nothing is deployed in account ${ACCOUNT} with its home in eu-west-1`,
        'isochrone deploy plan.yaml',
        'ISOCHRONE_HOME',
      ],
    ],
    [
      'a deployment that was not finished',
      { regions: ['eu-west-1'], believed: ['eu-west-1', 'us-east-1'] },
      'deployed',
      ['not there: the worker in us-east-1', 'isochrone deploy plan.yaml'],
    ],
    [
      'a region of the plan without workers',
      { regions: ['eu-west-1'] },
      'limits',
      ['there are no workers in us-east-1', 'isochrone deploy plan.yaml'],
    ],
    [
      'a deployment of an earlier version',
      { version: '0.0.9' },
      'version',
      [
        `the orchestrator is of version 0.0.9, and this is ${VERSION}`,
        'isochrone deploy plan.yaml',
      ],
    ],
    [
      'a deployment of a later version',
      { version: '99.0.0' },
      'version',
      ['of version 99.0.0', 'npm install isochrone-bench@99.0.0'],
    ],
    [
      'a host, a length and a rate that are not allowed',
      { deployment: { allowedHosts: ['other.example.com'] } },
      'limits',
      [
        'shop.example.com',
        'allowedHosts=',
        'lasts 90 minutes',
        'up to 5000/s',
        'isochrone deploy plan.yaml',
      ],
      PLAN.replace('20/s, for: 2s', '5000/s, for: 90m'),
    ],
    [
      'a worker with other settings than the orchestrator',
      { worker: { allowedHosts: ['other.example.com'] } },
      'limits',
      [
        'the worker in us-east-1 was deployed with another allowedHosts',
        'isochrone deploy plan.yaml',
      ],
    ],
    [
      'an account that is too new to have a quota',
      { accountLimits: { 'us-east-1': 10 } },
      'concurrency',
      [
        'in us-east-1 the plan takes up to 16',
        'leaves 10 of 10',
        'aws service-quotas request-service-quota-increase --region us-east-1 --service-code lambda --quota-code L-B99A9384 --desired-value 1000',
      ],
      PLAN.replace(
        '[eu-west-1, us-east-1]',
        '{ eu-west-1: 50%, us-east-1: { share: 50%, workers: 8 } }',
      ).replace('for: 2s', 'for: 30m'),
    ],
    [
      'a quota that a run in progress uses up',
      {
        accountLimits: { 'us-east-1': 8 },
        admitted: [{ ...run, untilMs: inTenMinutes() }],
      },
      'concurrency',
      [`and ${run.run} up to 8`, 'wait until it is over', `isochrone stop ${run.run} --on aws`],
    ],
    [
      'limits that a run in progress uses up',
      { admitted: [{ ...run, rate: 990, untilMs: inTenMinutes() }] },
      'limits',
      [`${run.run} hold 990/s`, 'wait'],
    ],
    [
      'workers in a subnet without a way out',
      {
        subnets: ['subnet-1', 'subnet-2'],
        network: {
          subnets: { 'subnet-1': 'vpc-1', 'subnet-2': 'vpc-1' },
          tables: [
            { id: 'rtb-1', network: 'vpc-1', subnets: ['subnet-1'], everywhere: null },
            { id: 'rtb-2', network: 'vpc-1', subnets: 'others', everywhere: 'igw-1' },
          ],
        },
      },
      'way out',
      [
        'nothing leads from subnet-1 in eu-west-1 to the internet',
        'aws ec2 create-route --region eu-west-1 --route-table-id rtb-1 --destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-…',
        'subnet-2 in us-east-1 leads to an internet gateway',
        'aws ec2 replace-route --region us-east-1 --route-table-id rtb-2',
      ],
    ],
  ];
  const cases = broken.map(([what, change, check, texts, plan = PLAN]) => {
    return { what, change, check, texts, plan };
  });

  test.each(cases)('$what', async ({ change, check, texts, plan }) => {
    writeFileSync(join(folder, 'plan.yaml'), plan);
    const { out, err, code } = await examined(change);
    const flat = out.replace(/\n {10,}/g, ' ');
    expect(lineOf(out, check), out + err).toMatch(/^✗/);
    for (const text of texts) expect(flat).toContain(text);
    expect({ err, code }).toEqual({ err: '', code: 3 });
    writeFileSync(join(folder, 'plan.yaml'), PLAN);
  });

  test('credentials of yesterday', async () => {
    const { out, code } = await examined({}, { env: { AWS_ACCESS_KEY_ID: 'AKIAOLD' } });
    expect(out).toMatch(
      /^✗ credentials +the AWS credentials have expired\n +log in again, as with/,
    );
    expect(code).toBe(3);
  });

  test('no region, so no home', async () => {
    const { out, code } = await examined({}, { without: ['AWS_REGION'] });
    expect(out).toContain('in which region');
    expect(out).toContain('set AWS_REGION');
    expect(code).toBe(3);
  });

  test('a home that is turned off, where not even the keys are known', async () => {
    const { out, code } = await examined({ off: ['eu-west-1'] });
    expect(lineOf(out, 'credentials')).toMatch(/^✓.*111122223333, but not in eu-west-1/);
    expect(lineOf(out, 'regions')).toMatch(/^✗/);
    expect(out).toContain('aws account enable-region --region-name eu-west-1');
    expect(code).toBe(3);
  });

  test('all of it at once', async () => {
    const { out, code } = await examined({
      version: '0.0.9',
      bootstrap: { 'eu-west-1': 21 },
      deployment: { allowedHosts: [] },
      accountLimits: { 'us-east-1': 0 },
      states: { 'eu-west-1': 'ENABLING', 'us-east-1': 'ENABLED' },
    });
    for (const check of ['regions', 'bootstrap', 'version', 'limits', 'concurrency']) {
      expect(lineOf(out, check), out).toMatch(/^✗/);
    }
    expect(code).toBe(3);
  });
});

test('what may not be looked at is no failure, and is told with the right that it takes', async () => {
  const { out, code } = await examined({ denied: ['us-east-1'], states: null });
  expect(lineOf(out, 'regions')).toMatch(/^\?/);
  expect(out).toContain('allow account:ListRegions');
  expect(lineOf(out, 'bootstrap')).toMatch(/^\?/);
  expect(out).toContain('allow ssm:GetParameter');
  expect(code).toBe(0);
});

test('--json tells the same as data', async () => {
  const { out, code } = await examined({ bootstrap: {} }, { args: ['plan.yaml', '--json'] });
  const findings = JSON.parse(out) as Finding[];
  expect(new Set(findings.map(({ check }) => check))).toEqual(
    new Set(CHECKS.filter((check) => check !== 'way out')),
  );
  const found = findings.filter(({ level }) => level !== 'good');
  expect(found.map(({ check, level }) => ({ check, level }))).toEqual([
    { check: 'bootstrap', level: 'bad' },
  ]);
  expect(found[0]!.mend[0]).toMatch(/^npx cdk bootstrap/);
  expect(code).toBe(3);
});

test('without a plan it looks at what is deployed alone; a plan here that is not for AWS is left out', async () => {
  const here = join(folder, 'here');
  mkdirSync(here);
  writeFileSync(
    join(here, 'isochrone.yaml'),
    'target: http://127.0.0.1:1\nload: [{ rate: 1/s, for: 1s }]\n',
  );
  account = await startAwsAccount({ version: VERSION });
  const { out, err, code } = await isochrone(['doctor'], here, { HOME: here, ...account.env });
  expect(err).toContain('./isochrone.yaml is left out');
  expect(lineOf(out, 'limits')).toContain('1000/s');
  expect(code).toBe(0);
});

test('a plan that is wrong is refused before anything is looked at', async () => {
  const { err, code, out } = await isochrone(['doctor', 'nowhere.yaml'], folder, { HOME: folder });
  expect(err).toContain('there is no file nowhere.yaml');
  expect({ code, out }).toEqual({ code: 2, out: '' });
});
