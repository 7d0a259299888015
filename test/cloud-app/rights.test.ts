import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
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
  cloudApp,
  type Resource,
  resolved,
  type Template,
  templatesOf,
} from '../support/cloud-app.js';
import { type Decision, decide, type Statement, type Wish } from '../support/iam-evaluator.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// What the templates grant, in full: every policy that stands in any of them.
const ACCOUNT = '123456789012';
const BUCKET = `isochrone-${ACCOUNT}-eu-west-1`;
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-0000-4000-8000-0123456789ab`;
const NAMES = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};
const templates = templatesOf(
  cloudApp(temporaryFolder(), {
    regions: 'eu-west-1,us-east-1',
    allowedHosts: 'shop.example.com',
    secrets: 'TOKEN',
    kmsKey: KEY,
    subnets: 'us-east-1:subnet-0a1b2c3d,us-east-1:sg-0e1f2a3b',
  }),
);
const GROUND: Ground = {
  partition: 'aws',
  account: ACCOUNT,
  urlSuffix: 'amazonaws.com',
  prefix: 'isochrone',
  home: 'eu-west-1',
  bucket: BUCKET,
  regions: ['eu-west-1', 'us-east-1'],
  secrets: ['TOKEN'],
  kmsKey: KEY,
};

const resources = Object.values(templates).flatMap(({ Resources }) => Object.values(Resources));

function ofType(type: string): Record<string, unknown>[] {
  return resources
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => resolvedWithin(Properties));
}

/** References to other resources become `<their id>`: policies hold none but that to the bucket. */
function resolvedWithin(properties: Resource['Properties']): Record<string, unknown> {
  const names = Object.fromEntries(
    Object.values(templates).flatMap(({ Resources }: Template) =>
      Object.entries(Resources).map(([id, { Type }]) => [
        id,
        Type === 'AWS::S3::Bucket' ? BUCKET : `<${id}>`,
      ]),
    ),
  );
  const known = JSON.parse(
    JSON.stringify(properties).replaceAll(
      /\{"Fn::GetAtt":\["(\w+)","(\w+)"\]\}/g,
      (_, id: string, attribute: string) => JSON.stringify(`<${id}.${attribute}>`),
    ),
  );
  return resolved(known, { ...NAMES, ...names }) as Record<string, unknown>;
}

function statementsOf(document: unknown): Statement[] {
  return (document as { Statement: Statement[] }).Statement;
}

const bucketPolicy = statementsOf(ofType('AWS::S3::BucketPolicy')[0]?.PolicyDocument);
const policies: Record<string, Statement[]> = Object.fromEntries([
  ...ofType('AWS::IAM::Role').map(({ RoleName, Policies }) => [
    RoleName,
    (Policies as { PolicyDocument: unknown }[]).flatMap((one) => statementsOf(one.PolicyDocument)),
  ]),
  ...ofType('AWS::IAM::ManagedPolicy').map((one) => [
    one.ManagedPolicyName,
    statementsOf(one.PolicyDocument),
  ]),
]);

describe('nobody has more than the list says', () => {
  const listed = (rights: readonly Right[]) =>
    rights.map(({ sid, denies, actions, resources: on, conditions }) => ({
      Sid: sid,
      Effect: denies ? 'Deny' : 'Allow',
      Action: [...actions].sort(),
      Resource: [...on].sort(),
      ...(conditions && { Condition: conditions }),
    }));
  /** CDK writes lists in an order of its own, and one of something without brackets. */
  const plain = (statements: readonly Statement[]) =>
    statements.map(({ Principal: _, ...one }) => ({
      ...one,
      Action: [one.Action].flat().sort(),
      Resource: [one.Resource].flat().sort(),
    }));

  test('roles and policies are those of the list, to the statement', () => {
    expect(
      Object.fromEntries(Object.entries(policies).map(([name, one]) => [name, plain(one)])),
    ).toEqual({
      'isochrone-worker-eu-west-1': listed(workerRights(GROUND, 'eu-west-1')),
      'isochrone-worker-us-east-1': listed(workerRights(GROUND, 'us-east-1', { inNetwork: true })),
      'isochrone-orchestrator-eu-west-1': listed(orchestratorRights(GROUND)),
      'isochrone-merge-eu-west-1': listed(mergeRights(GROUND)),
      'isochrone-runner-eu-west-1': listed(runnerRights(GROUND)),
    });
    expect(plain(bucketPolicy)).toEqual(listed(bucketDenials(GROUND)));
  });

  test('roles have no other policies, and only Lambda takes them on', () => {
    for (const role of ofType('AWS::IAM::Role')) {
      expect(role.ManagedPolicyArns).toBeUndefined();
      expect(statementsOf(role.AssumeRolePolicyDocument)).toEqual([
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'lambda.amazonaws.com' },
        },
      ]);
    }
  });

  test('the runner policy is attached to nobody', () => {
    const [runner] = ofType('AWS::IAM::ManagedPolicy');
    expect([runner?.Users, runner?.Groups, runner?.Roles]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('of AWS’s services EventBridge alone may invoke something: merge, by one rule', () => {
    const permissions = ofType('AWS::Lambda::Permission');
    expect(permissions).toHaveLength(1);
    expect(permissions[0]).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: expect.stringMatching(/^<MergeLive/),
      Principal: 'events.amazonaws.com',
      SourceArn: expect.stringMatching(/^<Ended\w+\.Arn>$/),
    });
  });

  test('nothing else in any template can carry a policy', () => {
    expect([...new Set(resources.map(({ Type }) => Type))].sort()).toEqual([
      'AWS::CloudWatch::Alarm',
      'AWS::Events::Rule',
      'AWS::IAM::ManagedPolicy',
      'AWS::IAM::Role',
      'AWS::Lambda::Alias',
      'AWS::Lambda::EventInvokeConfig',
      'AWS::Lambda::Function',
      'AWS::Lambda::Permission',
      'AWS::Lambda::Version',
      'AWS::Logs::LogGroup',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
    ]);
  });
});

const WORKER = 'isochrone-worker-eu-west-1';
const ORCHESTRATOR = 'isochrone-orchestrator-eu-west-1';
const MERGE = 'isochrone-merge-eu-west-1';
const RUNNER = 'isochrone-runner-eu-west-1';
const EVERYBODY = [WORKER, ORCHESTRATOR, MERGE, RUNNER];
const WHO: Record<string, string> = { W: WORKER, O: ORCHESTRATOR, M: MERGE, R: RUNNER };

interface Around {
  readonly principal?: string;
  readonly owner?: string;
  readonly tls?: string | null;
  readonly context?: Readonly<Record<string, string>>;
}

/** How S3, Lambda and the others would see a call of one of ours. */
function wishOf(who: string, action: string, resource: string, around: Around = {}): Wish {
  const {
    principal = `arn:aws:iam::${ACCOUNT}:role/${who}`,
    owner = ACCOUNT,
    tls = '1.3',
  } = around;
  return {
    action,
    resource,
    context: {
      'aws:PrincipalArn': principal,
      'aws:ResourceAccount': owner,
      'aws:SecureTransport': String(tls !== null),
      ...(tls !== null && action.startsWith('s3:') && { 's3:TlsVersion': tls }),
      ...around.context,
    },
  };
}

function decision(who: string, action: string, resource: string, around?: Around): Decision {
  const ours =
    resource === `arn:aws:s3:::${BUCKET}` || resource.startsWith(`arn:aws:s3:::${BUCKET}/`);
  const wish = wishOf(who, action, resource, around);
  return decide(policies[who]!, ours ? bucketPolicy : [], wish);
}

const VERBS: Record<string, readonly [action: string, context: Record<string, string>]> = {
  read: ['s3:GetObject', {}],
  write: ['s3:PutObject', {}],
  create: ['s3:PutObject', { 's3:if-none-match': '*' }],
  swap: ['s3:PutObject', { 's3:if-match': 'abc' }],
  delete: ['s3:DeleteObject', {}],
};

/**
 * Who may do what with which object: letters of those who may, of `W`orker in eu-west-1,
 * `O`rchestrator, `M`erge and `R`unner; the verbs are in the order of the head.
 */
const TABLE: readonly (readonly [key: string, ...may: string[]])[] = [
  //                                             read    write create swap
  ['raw/r/claims/eu-west-1/0/1.1', /*        */ 'WOMR', '', 'W', ''],
  ['raw/r/ready/eu-west-1/0/1.1', /*         */ 'WOMR', '', 'W', ''],
  ['raw/r/refused/eu-west-1/0/1.1.nonce', /* */ 'WOMR', '', 'W', ''],
  ['raw/r/fragments/eu-west-1/0/000001/1.1.frag', 'WOMR', '', 'W', ''],
  ['runs/r/manifests/eu-west-1/0/1.1.json', /**/ 'WOMR', '', 'W', ''],
  ['raw/r/claims/us-east-1/0/1.1', /*        */ 'OMR', '', '', ''],
  ['raw/r/fragments/us-east-1/0/000001/1.1.frag', 'OMR', '', '', ''],
  ['runs/r/manifests/us-east-1/0/1.1.json', /**/ 'OMR', '', '', ''],
  ['raw/r/partials/eu-west-1/0', /*          */ 'OMR', 'M', 'M', 'M'],
  ['raw/r/inputs/0a1b', /*                   */ 'WOMR', '', 'R', ''],
  ['runs/r/plan.json', /*                    */ 'WOMR', '', 'O', ''],
  ['runs/r/control.json', /*                 */ 'WOMR', '', 'O', 'OMR'],
  ['runs/r/state.json', /*                   */ 'OMR', 'OM', 'OM', 'OM'],
  ['runs/r/progress.json', /*                */ 'OMR', 'OM', 'OM', 'OM'],
  ['runs/r/merged/eu-west-1.frag', /*        */ 'OMR', 'M', 'M', 'M'],
  ['runs/r/report/report.json', /*           */ 'OMR', 'M', 'M', 'M'],
  ['runs/r/other.json', /*                   */ 'OMR', '', '', ''],
  ['admission.json', /*                      */ 'OM', '', 'O', 'OM'],
  ['.probe', /*                              */ '', '', '', ''],
  ['other/key', /*                           */ '', '', '', ''],
];

describe('who may do what with which object of the bucket', () => {
  test.each(TABLE)('%s', (key, ...may) => {
    for (const [i, verb] of ['read', 'write', 'create', 'swap', 'delete'].entries()) {
      const [action, context] = VERBS[verb]!;
      const found = Object.keys(WHO).filter(
        (letter) =>
          decision(WHO[letter]!, action, `arn:aws:s3:::${BUCKET}/${key}`, { context }) ===
          'allowed',
      );
      expect(found.join(''), verb).toBe(may[i] ?? '');
    }
  });
});

describe('what nobody may', () => {
  const plan = `arn:aws:s3:::${BUCKET}/runs/r/plan.json`;

  test.each(EVERYBODY)('%s: in the clear, or with old TLS', (who) => {
    expect(decision(who, 's3:GetObject', plan)).toBe('allowed');
    expect(decision(who, 's3:GetObject', plan, { tls: '1.2' })).toBe('allowed');
    expect(decision(who, 's3:GetObject', plan, { tls: null })).toBe('denied');
    expect(decision(who, 's3:GetObject', plan, { tls: '1.1' })).toBe('denied');
  });

  test.each(EVERYBODY)('%s: a bucket of the same name in somebody else’s account', (who) => {
    expect(decision(who, 's3:GetObject', plan, { owner: '999999999999' })).toBe('not allowed');
    expect(decision(who, 's3:ListBucket', `arn:aws:s3:::${BUCKET}`, { owner: '9' })).not.toBe(
      'allowed',
    );
  });

  test.each([
    [
      'a role of another account',
      'arn:aws:iam::999999999999:role/isochrone-worker-eu-west-1',
      'denied',
    ],
    ['an account whose number holds ours', `arn:aws:iam::9${ACCOUNT}:root`, 'denied'],
    ['a user of its own account', `arn:aws:iam::${ACCOUNT}:user/ann`, 'allowed'],
    ['its root', `arn:aws:iam::${ACCOUNT}:root`, 'allowed'],
    ['a federated user of it', `arn:aws:sts::${ACCOUNT}:federated-user/ann`, 'allowed'],
  ])('%s', (_, principal, expected) => {
    expect(decision(RUNNER, 's3:GetObject', plan, { principal })).toBe(expected);
  });

  test('who does not say who they are', () => {
    const { context, ...wish } = wishOf(RUNNER, 's3:GetObject', plan);
    const { 'aws:PrincipalArn': _, ...nameless } = context;
    expect(decide(policies[RUNNER]!, bucketPolicy, { ...wish, context: nameless })).toBe('denied');
  });

  test.each(['claims', 'fragments'])('administrators: overwrite %s', (kind) => {
    const everything: Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
    const key = `arn:aws:s3:::${BUCKET}/raw/r/${kind}/eu-west-1/0/1.1`;
    const put = wishOf('admin', 's3:PutObject', key);
    const create = wishOf('admin', 's3:PutObject', key, { context: { 's3:if-none-match': '*' } });
    expect(decide([everything], bucketPolicy, put)).toBe('denied');
    expect(decide([everything], bucketPolicy, create)).toBe('allowed');
    expect(decide([everything], bucketPolicy, { ...put, action: 's3:DeleteObject' })).toBe(
      'allowed',
    );
  });
});

describe('who may do what elsewhere', () => {
  const fn = (name: string, region = 'eu-west-1', account = ACCOUNT) =>
    `arn:aws:lambda:${region}:${account}:function:${name}`;
  const execution = `${fn('isochrone-orchestrator-1')}:3/durable-execution/run/0a1b`;
  const secret = (name: string, region = 'eu-west-1') =>
    `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:${name}-A1b2C3`;
  const log = (name: string, region = 'eu-west-1') =>
    `arn:aws:logs:${region}:${ACCOUNT}:log-group:/aws/lambda/${name}:log-stream:x`;
  const s3 = { context: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } };
  const itself = { context: { 'lambda:SourceFunctionArn': fn('isochrone-worker', 'us-east-1') } };

  type Row = readonly [action: string, resource: string, may: string, around?: Around];
  const rows: readonly Row[] = [
    ['lambda:InvokeFunction', fn('isochrone-orchestrator-1:live'), 'R'],
    ['lambda:InvokeFunction', fn('isochrone-orchestrator-1'), ''],
    ['lambda:InvokeFunction', fn('isochrone-orchestrator-1:3'), ''],
    ['lambda:InvokeFunction', fn('isochrone-worker:live'), 'O'],
    ['lambda:InvokeFunction', fn('isochrone-worker:live', 'us-east-1'), 'O'],
    ['lambda:InvokeFunction', fn('isochrone-worker:live', 'eu-central-1'), ''],
    ['lambda:InvokeFunction', fn('isochrone-worker'), ''],
    ['lambda:InvokeFunction', fn('isochrone-worker:live', 'eu-west-1', '999999999999'), ''],
    ['lambda:InvokeFunction', fn('isochrone-merge:live'), 'O'],
    ['lambda:InvokeFunction', fn('somebody-elses:live'), ''],
    ['lambda:CheckpointDurableExecution', execution, 'O'],
    ['lambda:GetDurableExecutionState', execution, 'O'],
    ['lambda:GetDurableExecution', execution, 'R'],
    ['lambda:StopDurableExecution', execution, 'R'],
    ['lambda:StopDurableExecution', `${fn('other')}:3/durable-execution/run/0a1b`, ''],
    ['lambda:UpdateFunctionCode', fn('isochrone-worker'), ''],
    ['s3:ListBucket', `arn:aws:s3:::${BUCKET}`, 'OMR'],
    ['s3:ListBucket', 'arn:aws:s3:::another', ''],
    ['s3:GetObject', 'arn:aws:s3:::another/runs/r/plan.json', ''],
    ['s3:PutBucketPolicy', `arn:aws:s3:::${BUCKET}`, ''],
    ['secretsmanager:GetSecretValue', secret('TOKEN'), 'W'],
    ['secretsmanager:GetSecretValue', secret('TOKEN', 'us-east-1'), ''],
    ['secretsmanager:GetSecretValue', secret('TOKEN-of-others'), ''],
    ['secretsmanager:GetSecretValue', secret('OTHER'), ''],
    ['secretsmanager:PutSecretValue', secret('TOKEN'), ''],
    ['logs:PutLogEvents', log('isochrone-worker'), 'W'],
    ['logs:PutLogEvents', log('isochrone-orchestrator-1'), 'O'],
    ['logs:PutLogEvents', log('isochrone-merge'), 'M'],
    ['logs:PutLogEvents', log('isochrone-worker', 'us-east-1'), ''],
    ['logs:CreateLogGroup', `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/aws/lambda/new:*`, ''],
    ['kms:Decrypt', KEY, 'WOMR', s3],
    ['kms:GenerateDataKey', KEY, 'WOMR', s3],
    ['kms:Decrypt', KEY, ''],
    ['kms:CreateGrant', KEY, '', s3],
    ['ec2:CreateNetworkInterface', '*', ''],
    ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/${WORKER}`, ''],
    ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/${WORKER}`, ''],
  ];

  test.each(rows.map((row) => [`${row[0]} on ${row[1]}`, row] as const))('%s', (_, row) => {
    const [action, resource, may, around] = row;
    const found = Object.keys(WHO).filter(
      (letter) => decision(WHO[letter]!, action, resource, around) === 'allowed',
    );
    expect(found.join('')).toBe(may);
  });

  test('a worker in a network: Lambda may connect it, what runs in it may not', () => {
    const who = 'isochrone-worker-us-east-1';
    expect(decision(who, 'ec2:CreateNetworkInterface', '*')).toBe('allowed');
    expect(decision(who, 'ec2:CreateNetworkInterface', '*', itself)).toBe('denied');
    expect(decision(who, 'ec2:RunInstances', '*')).toBe('not allowed');
  });
});

test('docs/iam.md is what the list says', async () => {
  const root = new URL('../../', import.meta.url);
  const { iamPage } = await import(new URL('scripts/iam-page.mjs', root).href);
  const rights = await import('../../lib/cloud/rights.js');
  expect(readFileSync(join(fileURLToPath(root), 'docs/iam.md'), 'utf8')).toBe(iamPage(rights));
});
