import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { offences } from './support/house-rules.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function sources(): string[] {
  return ['bin', 'lib', 'functions'].flatMap((top) => {
    if (!existsSync(`${ROOT}${top}`)) return [];
    const names = readdirSync(`${ROOT}${top}`, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => /\.[cm]?tsx?$/.test(name))
      .map((name) => `${top}/${name.replaceAll('\\', '/')}`);
  });
}

test('every file keeps to its floor, its length and its name', () => {
  const files = sources();
  expect(files).toContain('lib/errors.ts');
  expect(files.flatMap((path) => offences(path, readFileSync(`${ROOT}${path}`, 'utf8')))).toEqual(
    [],
  );
});

describe('what is allowed', () => {
  test.each([
    ['lib/plan/split.ts', "import { a } from '../errors.js';"],
    ['lib/plan/read-plan.ts', "import type { Region } from '../regions/regions.js';"],
    ['lib/cloud/region-stack.ts', "import { a } from '../regions/regions.js';"],
    ['lib/plan/split.ts', "export * from './plan.js';"],
    ['lib/report/render/html.ts', "import { a } from '../model.js';"],
    ['lib/report/render/html.ts', "import { a } from '../../charts/line.js';"],
    ['lib/run/local.ts', "new Worker(new URL('../load/thread.js', import.meta.url));"],
    ['lib/run/invoke.ts', "import { LambdaClient } from '@aws-sdk/client-lambda';"],
    ['lib/store/s3-store.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['lib/store/folder-store.ts', "import { open } from 'node:fs/promises';"],
    ['lib/cli/run.ts', 'process.stdout.write("x"); console.log("x");'],
    ['lib/cli/version.ts', "import about from '../../package.json' with { type: 'json' };"],
    ['lib/run/run.ts', '// console.log is not for us\nconst s = "console.log process.stdout";'],
    ['lib/run/run.ts', 'const child = spawn(); child.stdout.on("data", f); job.console = 1;'],
    ['lib/run/run.ts', 'const { stdout } = child;'],
    ['lib/run/version.ts', "new URL('.', import.meta.url);"],
    ['lib/plan/plan.ts', 'const text = "import { a } from \'../cli/run.js\'";'],
    ['lib/cloud/store-stack.ts', "import { Stack } from 'aws-cdk-lib';"],
    ['bin/cloud.ts', "import { addStacks } from '../lib/cloud/stacks.js';"],
    ['lib/cli/deploy.ts', "import { a } from '../cloud/settings.js';"],
  ])('%s: %s', (path, source) => {
    expect(offences(path, source)).toEqual([]);
  });
});

describe('what is not allowed', () => {
  test.each([
    ['lib/measure/a.ts', "import { a } from '../plan/plan.js';", /plan is not below measure/],
    ['lib/plan/a.ts', "import type { A } from '../measure/a.js';", /measure is not below plan/],
    ['lib/charts/a.ts', "import { a } from '../regions/a.js';", /regions is not below charts/],
    ['lib/regions/a.ts', "import { a } from '../plan/a.js';", /plan is not below regions/],
    ['lib/errors.ts', "import { a } from './plan/a.js';", /plan is not below errors/],
    ['lib/store/a.ts', "export { a } from '../load/a.js';", /load is not below store/],
    ['lib/load/a.ts', "export * from '../report/a.js';", /report is not below load/],
    ['lib/report/a.ts', "const a = await import('../run/a.js');", /run is not below report/],
    ['lib/report/a.ts', 'const a = await import(`../run/a.js`);', /run is not below report/],
    ['lib/load/a.ts', "type A = import('../cli/a.js').A;", /cli is not below load/],
    ['lib/load/a.ts', "new URL('../run/a.js', import.meta.url)", /run is not below load/],
    ['lib/load/a.ts', "require('../run/a.js')", /run is not below load/],
    ['lib/run/a.ts', "import '../cli/a.js';", /cli is not below run/],
    ['lib/cli/a.ts', "import '../../functions/worker.js';", /functions is not below cli/],
    ['functions/worker.ts', "import '../lib/cli/a.js';", /cli is not below functions/],
    ['lib/cli/terminal/a.ts', "import '../../../bin/isochrone.js';", /bin is not below cli/],
    ['lib/run/a.ts', "import '../../test/support/a.js';", /in no room of the house/],
    ['lib/run/a.ts', "import '../attic/a.js';", /in no room of the house/],
    ['lib/attic/a.ts', '', /stands in no room/],
    ['lib/other.ts', '', /stands in no room/],
    ['lib/plan/a.ts', "import { open } from 'node:fs/promises';", /knows no files/],
    ['lib/plan/a.ts', "import fs = require('fs');", /knows no files/],
    ['lib/measure/a.ts', "import { connect } from 'node:net';", /no network/],
    ['lib/measure/a.ts', "import http from 'http';", /no network/],
    ['lib/plan/a.ts', "import https from 'node:https';", /no network/],
    ['lib/plan/a.ts', "import { S3 } from '@aws-sdk/client-s3';", /which belongs in/],
    ['lib/load/a.ts', "import { S3 } from '@aws-sdk/client-s3';", /which belongs in/],
    ['lib/store/a.ts', "import { S3 } from '@aws-sdk/client-s3';", /which belongs in/],
    ['lib/cli/a.ts', "await import('@aws-sdk/client-sts');", /which belongs in/],
    ['lib/cloud/deployment.ts', "import { Aws } from 'aws-cdk-lib';", /belongs in bin\/cloud/],
    ['lib/cli/a.ts', "await import('aws-cdk-lib/aws-s3');", /belongs in bin\/cloud/],
    ['lib/run/a.ts', "import { Construct } from 'constructs';", /belongs in bin\/cloud/],
    ['lib/cloud/settings.ts', "import { a } from './stack-policy.js';", /and with it the CDK/],
    ['lib/cli/a.ts', "import { a } from '../cloud/store-stack.js';", /and with it the CDK/],
    ['lib/run/a.ts', 'process.stdout.write("x");', /uses process\.stdout/],
    ['lib/run/a.ts', 'const { stderr } = process;', /uses process\.stderr/],
    ['lib/run/a.ts', "import { stdout } from 'node:process';", /uses process\.stdout/],
    ['lib/load/a.ts', 'console.error("x");', /uses console/],
    ['lib/load/a.ts', 'globalThis.console.error("x");', /uses console/],
    ['lib/load/a.ts', 'const log = console;', /uses console/],
    ['lib/plan/utils.ts', '', /"utils" is no noun/],
    ['lib/plan/helpers/a.ts', '', /"helpers" is no noun/],
    ['lib/run/types.ts', '', /"types" is no noun/],
    ['lib/run/common.ts', '', /"common" is no noun/],
    ['lib/run/misc.ts', '', /"misc" is no noun/],
  ])('%s: %s', (path, source, problem) => {
    expect(offences(path, source).join('\n')).toMatch(problem);
  });
});

test('300 lines are allowed, 301 are not', () => {
  expect(offences('lib/plan/a.ts', 'x\n'.repeat(300))).toEqual([]);
  expect(offences('lib/plan/a.ts', 'x\n'.repeat(301))).toEqual([
    'lib/plan/a.ts: has 301 lines, more than 300',
  ]);
});
