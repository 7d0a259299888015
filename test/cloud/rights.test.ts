import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { accountOf } from '../../lib/cloud/deployment.js';
import {
  bucketDenials,
  type Ground,
  mergeRights,
  orchestratorRights,
  type Right,
  runnerRights,
  workerRights,
} from '../../lib/cloud/rights.js';
import {
  CloudDeployment,
  type CountingTarget,
  countingTarget,
} from '../support/cloud/deployment.js';
import { type StsDouble, startSts } from '../support/cloud/sts-server.js';
import { decide, type Statement } from '../support/iam-evaluator.js';
import { isochrone } from '../support/isochrone.js';
import type { SeenExchange } from '../support/s3-front.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// All that functions and command line asked of the bucket, judged by the policies that they would
// have on AWS: nobody asks for what it may not have.
const REGIONS = ['eu-west-1', 'us-east-1'];
const folder = temporaryFolder();
let cloud: CloudDeployment;
let sts: StsDouble;
let target: CountingTarget;

beforeAll(async () => {
  const s3 = inject('s3');
  cloud = await CloudDeployment.start(s3, { prefix: 'rights', regions: REGIONS, legSeconds: 10 });
  target = await countingTarget();
  sts = await startSts({
    account: accountOf(cloud.deployment),
    accessKeys: [s3.owner.accessKeyId],
  });
  // Each function tells S3 who it is, as its role would.
  for (const region of REGIONS) {
    named(`worker-${region}`, { function: 'rights-worker', region });
  }
  named('orchestrator', { function: 'rights-orchestrator-1' });
  named('merge', { function: 'rights-merge' });
});
afterAll(async () => {
  target.close();
  await sts.close();
  await cloud.close();
});

function named(name: string, what: { readonly function: string; readonly region?: string }): void {
  cloud.lambda.faults.add({ kind: 'environment', set: { AWS_SDK_UA_APP_ID: name }, ...what });
}

function rightsOf(app: string): readonly Right[] {
  const { prefix, home, bucket } = cloud.deployment;
  const ground: Ground = {
    ...{ partition: 'aws', urlSuffix: 'amazonaws.com', account: accountOf(cloud.deployment) },
    ...{ prefix, home, bucket, regions: REGIONS, secrets: [], kmsKey: null },
  };
  if (app === 'bucket') return bucketDenials(ground);
  if (app === 'runner') return runnerRights(ground);
  if (app === 'orchestrator') return orchestratorRights(ground);
  return app === 'merge' ? mergeRights(ground) : workerRights(ground, app.replace('worker-', ''));
}

function statementsOf(app: string): Statement[] {
  return rightsOf(app).map(({ denies, actions, resources, conditions = {} }) => ({
    Effect: denies ? 'Deny' : 'Allow',
    Action: actions,
    Resource: resources,
    Condition: conditions,
  }));
}

const ACTIONS = { put: 's3:PutObject', get: 's3:GetObject', list: 's3:ListBucket' } as const;

function decisionOn({ app, kind, bucket, key, headers }: SeenExchange): string {
  const account = accountOf(cloud.deployment);
  const action = ACTIONS[kind as keyof typeof ACTIONS];
  const condition = (name: 'if-match' | 'if-none-match') =>
    headers[name] === undefined ? {} : { [`s3:${name}`]: String(headers[name]) };
  return decide(statementsOf(app!), statementsOf('bucket'), {
    action,
    resource: `arn:aws:s3:::${bucket}${kind === 'list' ? '' : `/${key}`}`,
    context: {
      'aws:PrincipalArn': `arn:aws:iam::${account}:role/${app}`,
      'aws:ResourceAccount': account,
      'aws:SecureTransport': 'true',
      's3:TlsVersion': '1.3',
      ...condition('if-match'),
      ...condition('if-none-match'),
    },
  });
}

test('a relay, a stop and an orchestrator that is gone ask for nothing that is not listed', async () => {
  // Of some writes nobody hears whether they were carried out: then writers read what they wrote.
  for (const kind of ['claims', 'fragments', 'manifests', 'partials', 'control.json']) {
    cloud.s3.fault({
      when: (request) => request.kind === 'put' && request.key.includes(kind),
      harm: { do: 'store and drop' },
      times: 2,
    });
  }
  const plan = `
name: relay
target: ${target.url}
from: [${REGIONS.join(', ')}]
load: [{ rate: 20/s, for: 16s }]
abort: ["errors > 99% over 5s"]
`;
  writeFileSync(join(folder, 'plan.yaml'), plan);
  const environment = {
    ...cloud.environment,
    ...{ AWS_ENDPOINT_URL_STS: sts.url, ISOCHRONE_PREFIX: 'rights', HOME: folder },
    ...{ AWS_EC2_METADATA_DISABLED: 'true', AWS_SDK_UA_APP_ID: 'runner' },
  };
  const command = (...args: readonly string[]) =>
    isochrone([...args, '--on', 'aws'], folder, environment);
  const whole = command('run', 'plan.yaml', '--allow-undecided', '--yes', '--label', 'whole');
  const lost = await cloud.start(plan.replace('relay', 'lost').replace('16s', '60s'));
  await cloud.running(lost);
  const killed = await command('stop', lost, '--force');
  expect(killed.code, killed.err).toBe(0);
  const { code, err } = await whole;
  expect([0, 4], err).toContain(code);
  expect((await command('report', 'whole')).code).toBe(0);

  // What time it is S3 tells whoever asks, also by refusing.
  const seen = cloud.s3.seen.filter(({ kind, app }) => kind !== 'head' && app !== null);
  expect([...new Set(seen.map(({ app }) => app))].sort()).toEqual([
    'merge',
    'orchestrator',
    'runner',
    ...REGIONS.map((region) => `worker-${region}`),
  ]);
  const refused = seen
    .filter((one) => decisionOn(one) !== 'allowed')
    .map(({ app, method, key }) => `${app}: ${method} ${key}`);
  expect(refused).toEqual([]);
  // All that S3 is asked says whose the bucket must be.
  const account = accountOf(cloud.deployment);
  const ownerless = seen.filter((one) => one.headers['x-amz-expected-bucket-owner'] !== account);
  expect(ownerless.map(({ app, key }) => `${app}: ${key}`)).toEqual([]);
});
