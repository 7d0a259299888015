import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Report } from '../../lib/report/report-schema.js';
import { awsCommand } from '../support/cloud/aws-command.js';
import { type Inventory, inventory, KINDS } from '../support/cloud/aws-inventory.js';
import { type CountingTarget, countingTarget } from '../support/cloud/deployment.js';
import { EmulatedAws } from '../support/cloud/emulated-aws.js';
import { blocksOf, linesOf } from '../support/guide.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Answer, TypedShell } from '../support/typed-shell.js';

// A newcomer's path: what docs/deploy.md says is typed at a terminal, to the letter and in its
// order, in a copy of the repository, by somebody who answers what is asked. Besides that
// - AWS_ENDPOINT_URL and credentials lead to an emulator in place of AWS. It is account 111122223333,
//   the number in the guide, so that no other has to be put in;
// - the target is a server of this test under the guide's name, and `resolve` says where it is;
// - runs after the first are shorter.
const ACCOUNT = '111122223333';
const BUCKET = `isochrone-${ACCOUNT}-eu-west-1`;
const REGIONS = ['eu-west-1', 'us-east-1'];
/** A busy machine may make a measurement invalid: it has been made all the same. */
const MEASURED = [0, 4];
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[\\d;?]*[A-Za-z]`, 'g');
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GUIDE = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');

const scratch = temporaryFolder();
const clone = join(scratch, 'isochrone');
let aws: EmulatedAws;
let target: CountingTarget;
let shell: TypedShell;

beforeAll(async () => {
  const files = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  for (const name of execFileSync('git', files, { cwd: ROOT }).toString().split('\0')) {
    if (name && existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(clone, name));
  }
  [aws, target] = await Promise.all([EmulatedAws.start(ACCOUNT, inject('s3')), countingTarget()]);
  shell = new TypedShell({ python: join(aws.moto.bin, 'python'), cwd: clone, env: newcomer() });
});
afterAll(async () => {
  await shell?.close();
  target?.close();
  await aws?.close();
});

/** Nobody’s home, and nothing in the environment that they would not have. */
function newcomer(): Record<string, string> {
  const ours = /^(AWS_|ISOCHRONE_|CDK_|VITEST|npm_|NODE_ENV$|CI$|TEST$|DEV$|PROD$|MODE$)/i;
  const others = Object.entries(process.env).filter(([name]) => !ours.test(name));
  // Packages come from where they come from on this machine, and nothing of ours is put there.
  const cache = join(scratch, 'npm');
  mkdirSync(cache);
  const kept = execFileSync('npm', ['config', 'get', 'cache'], { stdio: 'pipe' });
  symlinkSync(join(kept.toString().trim(), '_cacache'), join(cache, '_cacache'));
  return {
    ...(Object.fromEntries(others) as Record<string, string>),
    ...aws.environment,
    HOME: scratch,
    TERM: 'xterm',
    PATH: `${awsCommand(aws.moto.bin, join(scratch, 'bin'))}:${process.env.PATH}`,
    npm_config_userconfig: join(homedir(), '.npmrc'),
    npm_config_cache: cache,
    npm_config_prefer_offline: 'true',
  };
}

const ANSWERS: readonly Answer[] = [
  { to: /\(y\/n\)|\[y\/N\]/, with: 'y' },
  { to: /its name, to go on:/, with: BUCKET },
];

async function typed(command: string, codes: readonly number[] = [0]): Promise<string> {
  const { code, screen } = await shell.type(command, ANSWERS);
  const text = plain(screen);
  expect(codes, `${command}\n${text}\nended with ${code}`).toContain(code);
  return text;
}

/** Types all commands of a section; each must end well, or as is said of those that begin so. */
async function follow(
  heading: string,
  ends: Readonly<Record<string, readonly number[]>> = {},
): Promise<string[]> {
  const screens: string[] = [];
  for (const block of blocksOf(GUIDE, heading)) {
    if (block.text.startsWith('# isochrone.yaml')) writePlan(block.text);
    if (block.language !== 'sh') continue;
    for (const line of linesOf(block)) {
      const [, codes] = Object.entries(ends).find(([begin]) => line.startsWith(begin)) ?? [];
      screens.push(await typed(line, codes));
    }
  }
  expect(screens.length, heading).toBeGreaterThan(0);
  return screens;
}

/** With a target of theirs. */
function writePlan(text: string): void {
  const there = `http://shop.example.com:${new URL(target.url).port}`;
  const plan = text.replace('https://shop.example.com', there);
  expect(plan).toContain(there);
  const where = 'http: { resolve: { shop.example.com: 127.0.0.1 } }\n';
  writeFileSync(join(clone, 'isochrone.yaml'), plan + where);
}

/** Without colours, and without what npx draws while it thinks. */
function plain(screen: string): string {
  return screen
    .replace(COLOURS, '')
    .replace(/[\u2800-\u28ff]/g, '')
    .replaceAll('\r', '');
}

const there = () => inventory(aws.moto, REGIONS);

const NOTHING = Object.fromEntries(KINDS.map((kind) => [kind, []])) as unknown as Inventory;
const STORE = { stacks: ['eu-west-1 isochrone-store: CREATE_COMPLETE'], buckets: [BUCKET] };

test('what you need', async () => {
  const [, , who] = await follow('What you need');
  expect(JSON.parse(who ?? '')).toMatchObject({ Account: ACCOUNT });
});

test('1. a plan', async () => {
  const [shown] = await follow('1. A plan');
  expect(shown).toMatch(/600 requests at up to 20\/s for 30s to http:\/\/shop\.example\.com/);
});

test('2. what stands in the way is shown as the guide shows it, and the CDK mends it', async () => {
  const [told] = await follow('2. What stands in the way', { 'npx isochrone doctor': [3] });
  const shown = blocksOf(GUIDE, '2.').find(({ text }) => text.startsWith('✓'));
  expect(told).toContain(shown!.text);
  expect(await there()).toEqual(NOTHING);
});

test('3. deploy', async () => {
  const [deployed, examined] = await follow('3. Deploy');
  expect(deployed).toMatch(/^at worst +44,000 requests\/s .*: 22 workers in eu-west-1/m);
  expect((await there()).stacks).toEqual([
    'eu-west-1 isochrone-control: CREATE_COMPLETE',
    'eu-west-1 isochrone-region-eu-west-1: CREATE_COMPLETE',
    'eu-west-1 isochrone-store: CREATE_COMPLETE',
    'us-east-1 isochrone-region-us-east-1: CREATE_COMPLETE',
  ]);
  expect(examined).toContain('✓ deployed');
  expect(examined).not.toMatch(/[✗?]/);
});

test('4. run, and have its report from S3', async () => {
  const screens = await follow('4. Run', { 'npx isochrone run': MEASURED });
  const report = JSON.parse(readFileSync(join(clone, 'report.json'), 'utf8')) as Report;
  expect(report.run.where).toBe('aws');
  const { requests, workers } = report.completeness;
  expect(workers).toMatchObject({ planned: 2, reported: 2 });
  expect(requests).toMatchObject({ scheduled: 600, lost: 0 });
  expect(requests.sent).toBe(target.heardAtMs.length);
  const [, listed] = screens;
  expect(listed).toContain(report.run.id);
  expect(readFileSync(join(clone, 'report.html'), 'utf8')).toContain(report.run.id);
  expect(screens.at(-1)).toContain(report.run.id);
  expect(screens.at(-1)).toContain('kept in report.json');
});

test('5. away with it: of all that has a name, the bucket alone is left, and runs can be read', async () => {
  await follow('5. Away with it');
  expect(await there()).toEqual({ ...NOTHING, ...STORE });
  expect(await typed('npx isochrone runs --on aws')).toContain('-shop-');
  expect(await typed('npx isochrone report --on aws')).toContain(`kept in s3://${BUCKET}/runs/`);
});

test('nothing that is left stands in the way of another deploy', async () => {
  await typed('npx isochrone deploy');
  expect(await typed('npx isochrone doctor')).not.toMatch(/[✗?]/);
  expect(await typed('npx isochrone runs --on aws')).toContain('-shop-');
});

test('without a terminal: by hand', async () => {
  await typed("sed -i 's/for: 30s/for: 3s/' isochrone.yaml");
  const before = target.heardAtMs.length;
  const screens = await follow('By hand', { 'npx isochrone watch': MEASURED });
  expect(screens.at(-1)).toContain('60 scheduled');
  expect(target.heardAtMs.length - before).toBe(60);
});

test('without a terminal: on a schedule', async () => {
  await follow('On a schedule');
  const asked = "aws scheduler get-schedule --name isochrone-nightly --query 'Target.[Arn,Input]'";
  const [arn, input] = JSON.parse(await typed(asked)) as [string, string];
  const client = new LambdaClient({
    region: 'eu-west-1',
    endpoint: aws.environment.AWS_ENDPOINT_URL!,
    credentials: { accessKeyId: 'event', secretAccessKey: 'bridge' },
  });
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  const Payload = input.replace('<aws.scheduler.scheduled-time>', at);
  const before = target.heardAtMs.length;
  // It may be delivered twice.
  for (const _ of [1, 2]) {
    const event = { FunctionName: arn, InvocationType: 'Event', Payload } as const;
    await client.send(new InvokeCommand(event));
  }
  client.destroy();
  const run = at.replace(/[-:Z]/g, '').replace('T', '-');
  await typed(`until npx isochrone runs --on aws | grep -q ^${run}; do sleep 1; done`);
  expect(await typed(`npx isochrone watch ${run} --on aws`, MEASURED)).toContain('60 scheduled');
  expect(target.heardAtMs.length - before).toBe(60);
});

test('away with the results, too', async () => {
  await typed('npx isochrone destroy --results');
  expect(await there()).toEqual(NOTHING);
  const told = await typed('npx isochrone runs --on aws', [3]);
  expect(told).toContain('nothing is deployed in account');
});
