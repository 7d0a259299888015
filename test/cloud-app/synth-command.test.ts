import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { App } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { readSettings } from '../../lib/cloud/settings.js';
import { addStacks } from '../../lib/cloud/stacks.js';
import { VERSION } from '../../lib/run/version.js';
import { CDK_JSON, templatesOf } from '../support/cloud-app.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NO_NETWORK = pathToFileURL(join(ROOT, 'test/support/no-network.mjs')).href;
const scratch = temporaryFolder();
const execute = promisify(execFile);

/** Nobody’s environment: no credentials, no profile, no region, no network. */
function bare(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    NODE_OPTIONS: `--import=${NO_NETWORK}`,
  };
}

test('cdk synth needs no account and no network, and gives the same in another folder', async () => {
  const clone = join(scratch, 'clone');
  const home = join(scratch, 'home');
  mkdirSync(clone);
  mkdirSync(home);
  for (const name of ['package.json', 'cdk.json', 'dist/bin', 'dist/lib', 'dist/functions']) {
    cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  const said = { regions: 'us-east-1,eu-west-1', allowedHosts: 'shop.example.com', maxRate: '7' };
  const args = Object.entries(said).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const cdk = join(clone, 'node_modules/.bin/cdk');
  await execute(cdk, ['synth', '--quiet', ...args], { cwd: clone, env: bare(home) });

  const outdir = join(scratch, 'here');
  const app = new App({ outdir, analyticsReporting: false, context: { ...CDK_JSON.context } });
  const settings = readSettings(said, 'us-east-1');
  addStacks(app, { settings, bundles: join(ROOT, 'dist/functions'), version: VERSION });
  const here = templatesOf(app);

  const folder = join(clone, 'cdk.out');
  const found = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  expect(found.sort()).toEqual(
    Object.keys(here)
      .map((name) => `${name}.template.json`)
      .sort(),
  );
  for (const name of found) {
    expect(readFileSync(join(folder, name), 'utf8')).toBe(readFileSync(join(outdir, name), 'utf8'));
  }
});

test('a setting that is wrong is told to people, and nothing is made', async () => {
  const env = {
    ...bare(scratch),
    CDK_CONTEXT_JSON: JSON.stringify({ allowedHosts: '*', regions: 'us-gov-west-1' }),
    CDK_DEFAULT_REGION: 'eu-west-1',
    CDK_OUTDIR: join(scratch, 'nothing'),
  };
  const app = join(ROOT, 'dist/bin/cloud.js');
  const failed = await execute(process.execPath, [app], { env, cwd: scratch }).catch(
    (error: { code: number; stderr: string }) => error,
  );
  expect(failed).toMatchObject({ code: 2 });
  expect(failed.stderr.split('\n')).toEqual([
    expect.stringMatching(/^-c allowedHosts: '\*' would allow the whole internet/),
    expect.stringMatching(/^-c regions: us-gov-west-1 is in aws-us-gov/),
    '',
  ]);
});
