import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { VERSION } from '../../lib/run/version.js';
import {
  ACCOUNT,
  type AccountSetting,
  type AwsAccount,
  startAwsAccount,
} from '../support/cloud/aws-account.js';
import { commandsOf } from '../support/documented-commands.js';
import { isochrone } from '../support/isochrone.js';
import { shellWords } from '../support/shell-words.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// What deploy and destroy do before the CDK has its turn; that it deploys is asked of an emulator of
// AWS: test/emulator.
const folder = temporaryFolder();
const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));
const PAGES = readdirSync(DOCS)
  .filter((name) => name.endsWith('.md'))
  .map((name) => join(DOCS, name));
const PLAN = `
target: https://shop.example.com
from: [eu-west-1, us-east-1]
load: [{ rate: 450/s, for: 2s }]
`;
writeFileSync(join(folder, 'plan.yaml'), PLAN);

/** Nobody to ask. */
const NOBODY = { HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'eu-west-1' };

/** All services that there is no double of: each call is refused at once. */
const others = createServer((_, response) => {
  const error = '<Error><Code>AccessDenied</Code><Message>not here</Message></Error>';
  response.writeHead(403, { 'content-type': 'text/xml' });
  response.end(`<ErrorResponse>${error}</ErrorResponse>`);
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => others.listen(0, '127.0.0.1', resolve));
  port = (others.address() as AddressInfo).port;
});
afterAll(() => {
  others.closeAllConnections();
  others.close();
});

let account: AwsAccount | undefined;
afterEach(async () => {
  await account?.close();
  account = undefined;
});

async function inAccount(args: readonly string[], change: Partial<AccountSetting> = {}) {
  account = await startAwsAccount({ version: VERSION, ...change });
  const env = {
    ...{ HOME: folder, CDK_HOME: join(folder, 'cdk') },
    ...account.env,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  };
  return isochrone(args, folder, env);
}

describe('what is refused before AWS is asked anything', () => {
  test.each([
    [
      'a deployment that may load nothing',
      ['deploy', '--yes'],
      /no host may be loaded.*\n.*deploy plan\.yaml/,
    ],
    ['nobody to ask', ['deploy', 'plan.yaml'], /no terminal to ask on: add --yes/],
    [
      'a URL',
      ['deploy', 'https://shop.example.com/'],
      /isochrone init https:\/\/shop\.example\.com\/ writes one/,
    ],
    [
      'a setting without a value',
      ['deploy', '-c', 'maxRate', '--yes'],
      /-c maxRate: write a name and a value/,
    ],
    [
      'settings that are wrong, all at once',
      [
        'deploy',
        'plan.yaml',
        '--yes',
        '-c',
        'maxrate=1',
        '-c',
        'allowedHosts=*',
        '-c',
        'maxMinutes=0',
      ],
      /did you mean maxRate[\s\S]*whole internet|whole internet[\s\S]*did you mean maxRate/,
    ],
    ['a plan for this machine', ['deploy', 'local.yaml', '--yes'], /names none: say which/],
    ['to take away without being asked', ['destroy'], /no terminal to ask on: add --yes/],
  ])('%s', async (_, args, expected) => {
    writeFileSync(join(folder, 'local.yaml'), PLAN.replace(/^from.*$/m, ''));
    const { err, code, out } = await isochrone(args, folder, NOBODY);
    expect(err).toMatch(expected);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

test.each([[['deploy', 'plan.yaml']], [['destroy']], [['destroy', '--results', 'bucket']]])(
  '%s goes as far as credentials are needed, and says which',
  async (args) => {
    const { err, code, out } = await isochrone([...args, '--yes'], folder, NOBODY);
    expect(err).toMatch(/there are no AWS credentials to use.*aws sso login/);
    expect({ code, out }).toEqual({ code: 3, out: '' });
  },
);

/** All pages' command lines for deployments; `npx` and output files left out. */
const documented = PAGES.flatMap((page) =>
  commandsOf(readFileSync(page, 'utf8')).filter((line) =>
    /^isochrone (deploy|destroy|doctor)\b/.test(line),
  ),
);

test.each([...new Set(documented)])(
  'as documented: %s, as far as credentials are first needed',
  async (line) => {
    writeFileSync(join(folder, 'isochrone.yaml'), PLAN);
    const args = shellWords(line).slice(1);
    const asked = args.includes('--yes') || args[0] === 'doctor' ? [] : ['--yes'];
    const { err, out, code } = await isochrone([...args, ...asked], folder, NOBODY);
    expect(err + out).toMatch(/there are no AWS credentials to use/);
    expect(code).toBe(3);
  },
);

describe('deploy', () => {
  test('finds all that is missing first, and tells the commands', async () => {
    const { err, code } = await inAccount(['deploy', 'plan.yaml', '--yes'], {
      regions: null,
      bootstrap: {},
      states: { 'eu-west-1': 'ENABLED', 'us-east-1': 'ENABLING' },
      durableRegions: [],
    });
    expect(err).toContain('nothing was deployed:');
    expect(err).toContain(`npx cdk bootstrap aws://${ACCOUNT}/eu-west-1`);
    expect(err).toContain('us-east-1 is being turned on');
    expect(err).toContain('ISOCHRONE_HOME=us-east-2');
    expect(err).not.toContain('at worst');
    expect(code).toBe(3);
  });

  test('refuses to change the functions of a run in progress', async () => {
    const entry = { run: '20261121-101500-shop-0001', rate: 20, workers: { 'us-east-1': 4 } };
    const admitted = [{ ...entry, untilMs: Date.now() + 600_000 }];
    const { err, code } = await inAccount(['deploy', 'plan.yaml', '--yes'], { admitted });
    expect(err).toContain('1 run in progress');
    expect(err).toContain(`isochrone stop ${entry.run} --on aws`);
    expect(code).toBe(3);
  });

  test('says what may be loaded, the worst that can be done with it, and has the CDK begin', async () => {
    const { err, code, out } = await inAccount(
      ['deploy', 'plan.yaml', '--yes', '-c', 'allowCode=true'],
      {
        regions: ['eu-west-1', 'ap-east-1'],
        accountLimits: { 'us-east-1': 10 },
      },
    );
    expect(err).toContain(
      'isochrone-store, isochrone-control, isochrone-region-eu-west-1, isochrone-region-us-east-1, isochrone-region-ap-east-1',
    );
    expect(err).toContain(`account ${ACCOUNT}, home eu-west-1`);
    expect(err).toMatch(/^may load +shop\.example\.com$/m);
    expect(err).toMatch(/^at most +450\/s and 10 workers a region/m);
    expect(err).toMatch(
      /^at worst +54,000 requests\/s .*: 22 workers in eu-west-1, 10 workers in us-east-1, 22 workers in ap-east-1, 1000\/s each$/m,
    );
    expect(err).toMatch(/^allows +code in plans: whoever may start a run/m);
    expect(err).toContain('no concurrency is reserved in us-east-1');
    expect(err).toContain('ap-east-1 is kept');
    // The CDK makes all templates, and fails when it first needs what is not there.
    expect(err).toContain('Synthesis time');
    expect(err).toMatch(/the CDK ended with exit code 1/);
    expect({ code, out }).toEqual({ code: 3, out: '' });
  });
});

describe('destroy', () => {
  test('deletes nothing that nobody has named', async () => {
    const { err, code } = await inAccount(['destroy', '--yes', '--results']);
    expect(err).toContain(`it must be given: --results isochrone-${ACCOUNT}-eu-west-1`);
    expect(code).toBe(2);
  });

  test('destroys nothing where nothing is, and says where it looked', async () => {
    for (const results of [[], ['--results', `isochrone-${ACCOUNT}-eu-west-1`]]) {
      const { err, code, out } = await inAccount(['destroy', '--yes', ...results], {
        regions: null,
      });
      expect(err).toMatch(
        /nothing that begins with isochrone is deployed in account \d+ with its home in eu-west-1/,
      );
      expect(err).toContain('ISOCHRONE_HOME');
      expect({ code, out }).toEqual({ code: 3, out: '' });
      await account?.close();
    }
  });

  test('deletes nothing where the bucket’s name is another one', async () => {
    const { err, code } = await inAccount(['destroy', '--yes', '--results', 'isochrone-runs']);
    expect(err).toContain(`the bucket is isochrone-${ACCOUNT}-eu-west-1, not isochrone-runs`);
    expect(err).toContain('nothing was destroyed');
    expect(code).toBe(2);
  });

  test('leaves a run in progress its functions', async () => {
    const entry = { run: '20261121-101500-shop-0001', rate: 20, workers: { 'us-east-1': 4 } };
    const admitted = [{ ...entry, untilMs: Date.now() + 600_000 }];
    const { err, code } = await inAccount(['destroy', '--yes'], { admitted });
    expect(err).toContain(`isochrone stop ${entry.run} --on aws`);
    expect(code).toBe(3);
  });
});
