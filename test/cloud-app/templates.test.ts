import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test, vi } from 'vitest';
import { bucketName } from '../../lib/cloud/deployment.js';
import { stackNames } from '../../lib/cloud/part-names.js';
import {
  type Ground,
  mergeRights,
  orchestratorRights,
  runnerRights,
  workerRights,
} from '../../lib/cloud/rights.js';
import { readSettings } from '../../lib/cloud/settings.js';
import { addStacks } from '../../lib/cloud/stacks.js';
import {
  CDK_JSON,
  type Context,
  cloudApp,
  type Resource,
  type Template,
  templatesOf,
} from '../support/cloud-app.js';
import { expectGolden } from '../support/golden.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
const CONTEXTS: Record<string, Context> = {
  plain: { regions: 'eu-west-1,ap-northeast-1', allowedHosts: 'shop.example.com' },
  'us-gov': {
    home: 'us-gov-west-1',
    regions: 'us-gov-west-1,us-gov-east-1',
    allowedHosts: 'shop.example.com',
    prefix: 'load',
  },
  whole: {
    home: 'eu-central-1',
    regions: 'eu-west-1',
    allowedHosts: 'shop.example.com:8443,*.example.org',
    allowedNetworks: '10.20.0.0/16',
    maxRate: 20_000,
    maxWorkerRate: 500,
    maxWorkers: 40,
    maxMinutes: 600,
    maxCost: 50,
    memory: 3538,
    prefix: 'shop-load',
    retentionDays: 100,
    secrets: 'TOKEN,prod/shop/key',
    allowCode: 'true',
    contact: 'load@example.com',
    subnets: 'eu-west-1:subnet-0a1b2c3d,eu-west-1:subnet-0c2d3e4f,eu-west-1:sg-0e1f2a3b',
    kmsKey: 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab',
    accessLogs: 'logs-of-ours',
    reserve: 'eu-west-1',
  },
};
const deployments = Object.fromEntries(
  Object.entries(CONTEXTS).map(([name, context]) => [
    name,
    templatesOf(cloudApp(scratch, context)),
  ]),
);

function all(type: string, templates = deployments.plain!): [id: string, Resource][] {
  return Object.values(templates).flatMap(({ Resources }) =>
    Object.entries(Resources).filter(([, { Type }]) => Type === type),
  );
}

describe.each(Object.entries(deployments))('a deployment that is %s', (name, templates) => {
  test('has a store, a control and a stack for each region, of these names', () => {
    const { deployment } = readSettings(CONTEXTS[name]!, 'eu-west-1');
    const { prefix, regions } = deployment;
    expect(Object.keys(templates).sort()).toEqual(stackNames(prefix, regions).sort());
  });

  test.each(Object.entries(templates))('is as it was: %s', (stack, template) => {
    expectGolden(`cloud-app/${name}/${stack}.json`, `${JSON.stringify(template, null, 2)}\n`);
  });

  test('refers to nothing in another stack', () => {
    const text = JSON.stringify(templates);
    expect(text).not.toContain('Fn::ImportValue');
    expect(text).not.toContain('"Export"');
    expect(text).not.toContain('Custom::');
  });

  test('names no account and no partition of its own', () => {
    const { kmsKey } = CONTEXTS[name]!;
    const text = JSON.stringify(templates).replaceAll(String(kmsKey), '');
    expect(text).not.toMatch(/\b\d{12}\b/);
    expect(text).not.toMatch(/arn:aws/);
  });
});

describe('functions', () => {
  const functions = all('AWS::Lambda::Function').map(([, { Properties }]) => Properties!);

  test('have a runtime, an architecture and a life that are said', () => {
    for (const { Runtime, Architectures, Timeout } of functions) {
      expect({ Runtime, Architectures, Timeout }).toEqual({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Timeout: 900,
      });
    }
    expect(functions).toHaveLength(4);
  });

  test('are invoked through live, without retries, and at most a minute late', () => {
    const configs = all('AWS::Lambda::EventInvokeConfig');
    expect(configs).toHaveLength(functions.length);
    for (const [, { Properties }] of configs) {
      expect(Properties).toMatchObject({
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 60,
      });
      // CDK takes it from the alias, so that there is one.
      expect(JSON.stringify(Properties?.Qualifier)).toMatch(/"Ref":"\w+Live\w+"/);
    }
    const aliases = all('AWS::Lambda::Alias').map(([, one]) => one.Properties?.Name);
    expect(aliases).toEqual(functions.map(() => 'live'));
  });

  test('have nothing reserved unless that is asked for, and then room for two legs and two more', () => {
    expect(JSON.stringify(deployments.plain)).not.toContain('ReservedConcurrentExecutions');
    const reserved = all('AWS::Lambda::Function', deployments.whole).map(
      ([, { Properties }]) => Properties?.ReservedConcurrentExecutions,
    );
    expect(reserved).toEqual([undefined, undefined, 82]);
  });

  test('one of them is durable', () => {
    const durable = functions.filter(({ DurableConfig }) => DurableConfig !== undefined);
    expect(durable.map(({ FunctionName }) => FunctionName)).toEqual(['isochrone-orchestrator-1']);
  });

  test('change their version with their settings, and those of the orchestrator are kept', () => {
    const idsOf = (templates: Readonly<Record<string, Template>>) =>
      all('AWS::Lambda::Version', templates).map(([id]) => id);
    const other = templatesOf(cloudApp(scratch, { ...CONTEXTS.plain, maxRate: 7 }));
    const before = idsOf(deployments.plain!);
    expect(before).toHaveLength(4);
    expect(idsOf(other).filter((id) => before.includes(id))).toEqual([]);
    for (const [id, { DeletionPolicy }] of all('AWS::Lambda::Version')) {
      expect(DeletionPolicy, id).toBe(id.startsWith('Orchestrator') ? 'Retain' : undefined);
    }
  });
});

describe('deploy, destroy, deploy', () => {
  /** What a resource is called by whoever made it; CloudFormation names the others anew. */
  const NAMES = [
    ...['BucketName', 'FunctionName', 'RoleName', 'ManagedPolicyName', 'LogGroupName'],
    ...['AlarmName', 'Name'],
  ];
  const OWNERLESS = [
    'AWS::Lambda::Alias',
    'AWS::Lambda::EventInvokeConfig',
    'AWS::Lambda::Version',
  ];
  const named = (resource: Resource) =>
    OWNERLESS.concat('AWS::Lambda::Permission').includes(resource.Type)
      ? []
      : Object.entries(resource.Properties ?? {}).filter(([key]) => NAMES.includes(key));

  test.each(Object.keys(deployments))('no name stays behind but that of the bucket: %s', (name) => {
    const kept = Object.entries(deployments[name]!).flatMap(([stack, { Resources }]) =>
      Object.values(Resources)
        .filter((one) => one.DeletionPolicy?.startsWith('Retain') && named(one).length > 0)
        .map(({ Type }) => `${stack}: ${Type}`),
    );
    const { prefix } = readSettings(CONTEXTS[name]!, 'eu-west-1').deployment;
    expect(kept).toEqual([`${prefix}-store: AWS::S3::Bucket`]);
  });

  test('log groups go with their functions, which may not make them anew', () => {
    const groups = all('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(4);
    for (const [, { DeletionPolicy, Properties }] of groups) {
      expect(DeletionPolicy).toBe('Delete');
      expect(Properties?.RetentionInDays).toBe(30);
    }
    expect(JSON.stringify(deployments)).not.toContain('logs:CreateLogGroup');
  });

  test('what has a name is called the same again', () => {
    const again = templatesOf(cloudApp(scratch, CONTEXTS.plain!));
    expect(again).toEqual(deployments.plain);
  });

  test('the table of names', () => {
    const lines = Object.entries(deployments.plain!).flatMap(([stack, { Resources }]) =>
      Object.values(Resources).flatMap((one) =>
        named(one).map(([, value]) => `${stack} | ${one.Type} | ${JSON.stringify(value)}`),
      ),
    );
    expectGolden('cloud-app/names.txt', `${lines.join('\n')}\n`);
  });
});

describe('cdk-nag, the pack AwsSolutions', () => {
  /** Why the rules do not fit, by what they find; of wildcards the list of rights says why. */
  function reasonsFor(context: Context): Map<string, string> {
    const { deployment, kmsKey, networks } = readSettings(context, 'eu-west-1');
    const { prefix, home, regions, secrets } = deployment;
    const account = '<AWS::AccountId>';
    const ground: Ground = {
      ...{ partition: '<AWS::Partition>', account, urlSuffix: '<AWS::URLSuffix>' },
      ...{ prefix, home, regions, secrets, kmsKey, bucket: bucketName(prefix, account, home) },
    };
    const rights = [
      ...orchestratorRights(ground),
      ...mergeRights(ground),
      ...runnerRights(ground),
      ...regions.flatMap((region) =>
        workerRights(ground, region, { inNetwork: networks[region] !== undefined }),
      ),
    ];
    const wildcards = rights.flatMap(({ denies, resources, why }) =>
      resources.flatMap((one): [string, string][] =>
        one.includes('*') && !denies ? [[`AwsSolutions-IAM5[Resource::${one}]`, why]] : [],
      ),
    );
    return new Map([
      ...wildcards,
      ['AwsSolutions-S1', 'logs of who read what are another bucket’s: -c accessLogs names one'],
    ]);
  }

  /** Rules that are broken. */
  function brokenBy(context: Context, reasons: ReadonlyMap<string, string>): string[] {
    const written = vi.spyOn(console, 'error').mockReturnValue();
    const app = cloudApp(scratch, context);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    for (const [id, reason] of reasons) {
      for (const stack of app.node.children) Validations.of(stack).acknowledge({ id, reason });
    }
    try {
      app.synth();
      return [];
    } catch {
      const report = JSON.parse(
        readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'),
      ) as {
        pluginReports: { violations: { ruleName: string }[] }[];
      };
      return report.pluginReports.flatMap(({ violations }) =>
        violations.map(({ ruleName }) => ruleName),
      );
    } finally {
      written.mockRestore();
    }
  }

  test.each(Object.entries(CONTEXTS))(
    'passes, with every exception explained: %s',
    (_, context) => {
      const reasons = reasonsFor(context);
      expect(brokenBy(context, reasons)).toEqual([]);
      // Nothing is excused that is not found.
      const found = new Set(brokenBy(context, new Map()));
      const excused = [...reasons.keys()].filter((id) => id !== 'AwsSolutions-S1');
      expect(excused.filter((id) => !found.has(id))).toEqual([]);
      expect(found.has('AwsSolutions-S1')).toBe(context.accessLogs === undefined);
    },
  );
});

test('without allowed hosts it is said that workers will refuse every target', () => {
  const written = vi.spyOn(console, 'error').mockReturnValue();
  const saidOf = (context: Context) => {
    const { stacks } = cloudApp(scratch, context).synth();
    return stacks.flatMap(({ messages }) =>
      messages.flatMap(({ level, entry }) => (level === 'info' ? [] : [String(entry.data)])),
    );
  };
  expect(saidOf({})).toEqual([
    expect.stringMatching(/no hosts are allowed, .* -c allowedHosts=shop\.example\.com/),
  ]);
  written.mockRestore();
  expect(saidOf(CONTEXTS.plain!)).toEqual([]);
});

test('functions that are not built are asked for', () => {
  const app = cloudApp(scratch, {});
  const input = { settings: readSettings({ prefix: 'other' }, 'eu-west-1'), version: '1' };
  expect(() => addStacks(app, { ...input, bundles: '/nowhere' })).toThrow(
    /nowhere\/orchestrator\/index\.mjs is not there: build the functions first/,
  );
});

test('cdk.json has every flag that CDK recommends', () => {
  const recommended = JSON.parse(
    readFileSync(join('node_modules/aws-cdk-lib/recommended-feature-flags.json'), 'utf8'),
  );
  expect(CDK_JSON.context).toEqual({ ...CDK_JSON.context, ...recommended });
});
