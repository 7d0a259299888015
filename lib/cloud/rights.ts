// Who may do what: the one list that the stacks are made from, docs/iam.md is written from, and
// policies are judged by. Nobody has more than this.
import { ALIAS, mergeName, orchestratorName, workerName } from './deployment.js';
import { logGroupName } from './part-names.js';

/** What ARNs are made of: a deployment's own, tokens that stand for them, or words for people. */
export interface Ground {
  readonly partition: string;
  readonly account: string;
  /** Of AWS's host names: `amazonaws.com`. */
  readonly urlSuffix: string;
  readonly prefix: string;
  readonly home: string;
  readonly bucket: string;
  readonly regions: readonly string[];
  readonly secrets: readonly string[];
  readonly kmsKey: string | null;
}

type Conditions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One statement of a policy, and what it is for. */
export interface Right {
  readonly sid: string;
  readonly why: string;
  readonly denies?: true;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Conditions;
}

/** All that workers of a region may do. */
export function workerRights(
  ground: Ground,
  region: string,
  { inNetwork = false }: { readonly inNetwork?: boolean } = {},
): readonly Right[] {
  const { secrets, home } = ground;
  const own = [
    ...['claims', 'ready', 'refused', 'fragments'].map((kind) => `raw/*/${kind}/${region}/*`),
    `runs/*/manifests/${region}/*`,
  ];
  return [
    creates(ground, 'CreateOwn', 'claim a shard, and tell of it', own),
    reads(ground, 'ReadOwn', 'know its own object from that of another attempt', own),
    reads(ground, 'ReadOrders', 'know what to do, and when to stop', [
      'runs/*/plan.json',
      'runs/*/control.json',
      'raw/*/inputs/*',
    ]),
    ...(secrets.length === 0
      ? []
      : [
          {
            sid: 'ReadSecrets',
            why: 'put the listed secrets into requests',
            actions: ['secretsmanager:GetSecretValue'],
            // Secrets Manager adds a dash and six characters to each name.
            resources: secrets.map((name) =>
              arn(ground, 'secretsmanager', home, `secret:${name}-??????`),
            ),
          },
        ]),
    logs(ground, region, workerName(ground.prefix)),
    ...usesKey(ground),
    ...(inNetwork ? networkRights(ground, region) : []),
  ];
}

/** All that the orchestrator may do. */
export function orchestratorRights(ground: Ground): readonly Right[] {
  const { prefix, home, regions } = ground;
  const name = orchestratorName(prefix);
  return [
    lists(ground, 'find what workers wrote'),
    reads(ground, 'ReadRuns', 'know how runs stand', ['raw/*', 'runs/*', 'admission.json']),
    creates(ground, 'CreateRuns', 'freeze a plan; one execution leads a run', [
      'runs/*/plan.json',
      'runs/*/control.json',
      'admission.json',
    ]),
    swaps(ground, 'ControlRuns', 'fire legs, stop runs, share limits', [
      'runs/*/control.json',
      'admission.json',
    ]),
    writes(ground, 'TellOfRuns', 'remember, and tell whoever looks on', [
      'runs/*/state.json',
      'runs/*/progress.json',
    ]),
    {
      sid: 'StartWorkers',
      why: 'start workers, in no region but these',
      actions: ['lambda:InvokeFunction'],
      resources: regions.map((region) => alias(ground, region, workerName(prefix))),
    },
    {
      sid: 'StartMerge',
      why: 'have what was measured merged',
      actions: ['lambda:InvokeFunction'],
      resources: [alias(ground, home, mergeName(prefix))],
    },
    {
      sid: 'RememberSteps',
      why: 'be a durable function',
      actions: ['lambda:CheckpointDurableExecution', 'lambda:GetDurableExecutionState'],
      resources: [arn(ground, 'lambda', home, `function:${name}:*`)],
    },
    logs(ground, home, name),
    ...usesKey(ground),
  ];
}

/** All that merge may do. */
export function mergeRights(ground: Ground): readonly Right[] {
  return [
    lists(ground, 'find what was measured'),
    reads(ground, 'ReadRuns', 'merge it', ['raw/*', 'runs/*', 'admission.json']),
    writes(ground, 'WriteResults', 'keep sums, histograms and the report', [
      'raw/*/partials/*',
      'runs/*/merged/*',
      'runs/*/report/*',
      'runs/*/state.json',
      'runs/*/progress.json',
    ]),
    swaps(ground, 'EndRuns', 'stop a run whose orchestrator is gone, give its share back', [
      'runs/*/control.json',
      'admission.json',
    ]),
    logs(ground, ground.home, mergeName(ground.prefix)),
    ...usesKey(ground),
  ];
}

/** All that whoever runs needs: a policy to attach to users and roles. */
export function runnerRights(ground: Ground): readonly Right[] {
  const name = orchestratorName(ground.prefix);
  return [
    {
      sid: 'StartRuns',
      why: 'start a run',
      actions: ['lambda:InvokeFunction'],
      resources: [alias(ground, ground.home, name)],
    },
    {
      sid: 'EndRuns',
      why: 'see why a run does not begin, and stop --force',
      actions: ['lambda:GetDurableExecution', 'lambda:StopDurableExecution'],
      resources: [arn(ground, 'lambda', ground.home, `function:${name}:*`)],
    },
    lists(ground, 'find runs'),
    reads(ground, 'ReadRuns', 'watch, report; merge a lost run', ['raw/*', 'runs/*']),
    creates(ground, 'HandIn', 'hand in a plan and its files', ['raw/*/inputs/*']),
    swaps(ground, 'StopRuns', 'stop a run', ['runs/*/control.json']),
    ...usesKey(ground),
  ];
}

/** What the bucket refuses to everybody, whatever else they may do. */
export function bucketDenials(ground: Ground): readonly Right[] {
  const { partition, account, bucket } = ground;
  const whole = [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/*`];
  const refuse = { denies: true, actions: ['s3:*'], resources: whole } as const;
  return [
    {
      ...refuse,
      sid: 'OnlyEncrypted',
      why: 'nothing is read or written in the clear',
      conditions: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      ...refuse,
      sid: 'OnlyTls12',
      why: 'nothing with an old version of TLS',
      conditions: { NumericLessThan: { 's3:TlsVersion': '1.2' } },
    },
    {
      ...refuse,
      sid: 'OnlyOwnAccount',
      why: 'principals of its own account only, whoever else was let in',
      conditions: { ArnNotLike: { 'aws:PrincipalArn': `arn:${partition}:*::${account}:*` } },
    },
    {
      sid: 'ClaimsAndFragmentsOnce',
      why: 'no claim and no fragment is ever overwritten',
      denies: true,
      actions: ['s3:PutObject'],
      resources: objects(ground, ['raw/*/claims/*', 'raw/*/fragments/*']),
      conditions: { Null: { 's3:if-none-match': 'true' } },
    },
  ];
}

function objects({ partition, bucket }: Ground, keys: readonly string[]): string[] {
  return keys.map((key) => `arn:${partition}:s3:::${bucket}/${key}`);
}

function lists(ground: Ground, why: string): Right {
  const { partition, bucket } = ground;
  const resources = [`arn:${partition}:s3:::${bucket}`];
  const conditions = ofOwnAccount(ground);
  return { sid: 'ListBucket', why, actions: ['s3:ListBucket'], resources, conditions };
}

function reads(ground: Ground, sid: string, why: string, keys: readonly string[]): Right {
  const conditions = ofOwnAccount(ground);
  return { sid, why, actions: ['s3:GetObject'], resources: objects(ground, keys), conditions };
}

function writes(ground: Ground, sid: string, why: string, keys: readonly string[]): Right {
  const conditions = ofOwnAccount(ground);
  return { sid, why, actions: ['s3:PutObject'], resources: objects(ground, keys), conditions };
}

/** Where nothing is yet: S3 refuses if something is. */
function creates(ground: Ground, sid: string, why: string, keys: readonly string[]): Right {
  const conditions = { ...ofOwnAccount(ground), Null: { 's3:if-none-match': 'false' } };
  return { ...writes(ground, sid, why, keys), conditions };
}

/** What is there, as it was when it was read: S3 refuses if somebody came between. */
function swaps(ground: Ground, sid: string, why: string, keys: readonly string[]): Right {
  const conditions = { ...ofOwnAccount(ground), Null: { 's3:if-match': 'false' } };
  return { ...writes(ground, sid, why, keys), conditions };
}

/** The ARN of a bucket says nothing of whose it is. */
function ofOwnAccount({ account }: Ground): Conditions {
  return { StringEquals: { 'aws:ResourceAccount': account } };
}

function logs(ground: Ground, region: string, functionName: string): Right {
  const group = arn(ground, 'logs', region, `log-group:${logGroupName(functionName)}`);
  return {
    sid: 'WriteLog',
    why: 'write its own log',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [`${group}:*`],
  };
}

function usesKey({ kmsKey, home, urlSuffix }: Ground): readonly Right[] {
  if (kmsKey === null) return [];
  return [
    {
      sid: 'UseKey',
      why: 'read and write what the key encrypts, through S3 alone',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [kmsKey],
      conditions: { StringEquals: { 'kms:ViaService': `s3.${home}.${urlSuffix}` } },
    },
  ];
}

/** What Lambda does in the role's name to put a function into a network, and the function may not. */
function networkRights(ground: Ground, region: string): readonly Right[] {
  const actions = [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ];
  const source = arn(ground, 'lambda', region, `function:${workerName(ground.prefix)}`);
  return [
    {
      sid: 'JoinNetwork',
      why: 'let Lambda connect workers to their subnets: EC2 knows no narrower resource',
      actions,
      resources: ['*'],
    },
    {
      sid: 'LeaveNetworkAlone',
      why: 'what runs in a worker may not do what Lambda may',
      denies: true,
      actions,
      resources: ['*'],
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': source } },
    },
  ];
}

function alias(ground: Ground, region: string, name: string): string {
  return arn(ground, 'lambda', region, `function:${name}:${ALIAS}`);
}

function arn(
  { partition, account }: Ground,
  service: string,
  region: string,
  resource: string,
): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
