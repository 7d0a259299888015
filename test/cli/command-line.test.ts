import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../lib/cli/program.js';
import { planTemplate } from '../../lib/plan/template.js';
import { reportSchema } from '../../lib/report/report-schema.js';
import { heardTerminal } from '../support/heard-terminal.js';
import { largeReport } from '../support/sample-report.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const URL = 'http://127.0.0.1:9/';
const folder = temporaryFolder();
const home = process.cwd();

beforeAll(() => {
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'isochrone.yaml'), planTemplate(URL));
  process.chdir(folder);
});
afterAll(() => process.chdir(home));

async function isochrone(args: readonly string[], env: Record<string, string> = {}) {
  const { terminal, said } = heardTerminal({ env });
  const code = await main(args, terminal);
  return { code, ...said() };
}

describe('help and version', () => {
  test('help goes to stdout and ends well', async () => {
    const { code, out, err } = await isochrone(['--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const command of [
      'run',
      'plan',
      'init',
      'runs',
      'watch',
      'stop',
      'report',
      'schema',
      'completion',
    ]) {
      expect(out).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    }
  });

  test('the help of run fits 80 columns and shows what other tools call it', async () => {
    const { out } = await isochrone(['run', '--help']);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(out).toContain('wrk -c100 -d30s URL');
    expect(out).toMatch(/--on <where> .*deployed/);
  });

  test('the version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    expect(await isochrone(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  test('without a command the help goes to stderr, as an error of usage', async () => {
    const { code, out, err } = await isochrone([]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: isochrone');
  });
});

describe('what is refused, before anything is sent', () => {
  test.each<[string, string[], RegExp]>([
    ['an unknown command', ['rnu'], /unknown command 'rnu'[\s\S]*Did you mean run/],
    ['a command of a later version', ['compare', 'a', 'b'], /unknown command 'compare'/],
    ['an unknown flag', ['run', URL, '--rte', '5/s'], /unknown option '--rte'[\s\S]*--rate/],
    ['--on without regions', ['run', URL, '--on', 'aws'], /names none: say which, as in --from/],
    ['--on alone', ['plan', URL, '--on'], /'--on <where>' argument missing/],
    ['--emulate alone', ['run', URL, '--emulate'], /no place whose distance could be emulated/],
    ['a place without its target', ['run', URL, '--emulate', 'tokyo'], /pass --at eu-central-1/],
    [
      'a place that nobody knows',
      ['run', URL, '--emulate', 'tokio', '--at', 'osaka'],
      /did you mean 'tokyo'/,
    ],
    ['--at without --emulate', ['run', URL, '--at', 'tokyo'], /--at says where.*add --emulate/],
    ['a URL as place', ['run', URL, '--emulate', URL], /--emulate is followed by places/],
    [
      'places beside a plan',
      ['run', 'isochrone.yaml', '--emulate', 'tokyo,paris'],
      /instead of --emulate tokyo,paris write --emulate --set 'from=\[tokyo,paris\]'/,
    ],
    ['a place without workers', ['run', URL, '--from', 'tokyo'], /add --emulate --at eu-central-1/],
    ['--detach and --json', ['run', URL, '--detach', '--json'], /nowhere to print.*--out json/],
    [
      '--json and --json-stream',
      ['run', URL, '--json', '--json-stream'],
      /both want stdout: choose one/,
    ],
    ['--detach and --json-stream', ['run', URL, '--detach', '--json-stream'], /nowhere to print/],
    [
      'a check that there is none of',
      ['run', URL, '--accept', 'bussy'],
      /--accept bussy: there is no such check; did you mean 'busy'/,
    ],
    [
      'accounts that do not come out',
      ['plan', URL, '--accept', 'accounts'],
      /--accept accounts: it trips on a bug/,
    ],
    ['a format that is none', ['run', URL, '--out', 'pdf=a.pdf'], /"pdf".*text, html.* and hlog/],
    ['a format by another name', ['run', URL, '--out', 'md=a.md'], /"md".*did you mean markdown/],
    ['a file without a format', ['run', URL, '--out', 'a.json'], /--out html=report.html/],
    ['a format of report', ['report', '--format', 'junt'], /--format .*did you mean junit/],
    ['two formats', ['report', '--json', '--format', 'csv'], /--json is --format json/],
    ['GitHub without a job', ['run', URL, '--github'], /GITHUB_STEP_SUMMARY.*markdown=report.md/],
    ['a bucket of others', ['run', URL, '--store', 'gs://bucket/a'], /cannot hold runs: .*s3:\/\//],
    ['a seed that is none', ['run', URL, '--seed', '-1'], /--seed.*whole number/],
    [
      'workers that are no number, with a URL',
      ['plan', URL, '--workers', 'x'],
      /--workers must be/,
    ],
    ['the same with a plan', ['plan', '--workers', '0'], /--workers must be a whole number from 1/],
    ['rate and users', ['run', URL, '--rate', '5/s', '--users', '3'], /do not go together/],
    ['a scheme that is not HTTP', ['run', 'ftp://a/'], /only http and https/],
    ['a host without a scheme', ['run', 'localhost:8080'], /write http:\/\/localhost:8080/],
    ['a plan that is not there', ['run', 'none.yaml'], /there is no file none\.yaml$/m],
    ['--set with a URL', ['run', URL, '--set', 'load.0.rate=5/s'], /--set changes.*plan file/],
    ['--target with a URL', ['run', URL, '--target', URL], /it is http:\/\/127.0.0.1:9\/ already/],
    ['--set of nothing', ['plan', '--set', 'load.9.rate=5/s'], /load has no 9/],
    ['a run that is not there', ['report', 'nope'], /nope/],
    ['a schema of what has none', ['schema', 'runs'], /plan, report/],
  ])('%s', async (_, args, message) => {
    const { code, out, err } = await isochrone(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(existsSync(join(folder, 'isochrone-runs'))).toBe(false);
  });

  test('flags of a URL beside a plan, each with what to write instead', async () => {
    const flags = ['--rate', '0..8/s', '--timeout', '5s', '-H', 'a: b', '--ramp', '2s'];
    const { code, err } = await isochrone(['run', 'isochrone.yaml', ...flags]);
    expect(code).toBe(2);
    expect(err).toContain('instead of --rate write --set load.0.rate=0..8/s\n');
    expect(err).toContain('instead of --timeout write --set http.timeout=5s\n');
    expect(err).toContain('-H says what isochrone.yaml has to say: write it there\n');
    expect(err).toContain('--ramp says what isochrone.yaml has to say: write it there\n');
  });

  test('an objective that the plan can never decide, unless that is allowed', async () => {
    const args = ['plan', URL, '--rate', '10/s', '--for', '5s', '--objective', 'p99 < 1s'];
    const refused = await isochrone(args);
    expect(refused.code).toBe(2);
    expect(refused.out).toContain('✗ p99 < 1s');
    expect(refused.err).toContain('p99 needs 459 requests at the least');
    expect((await isochrone([...args, '--allow-undecided'])).code).toBe(0);
  });

  test('nothing to run: no URL and no plan', async () => {
    process.chdir(join(folder, 'empty'));
    const { code, err } = await isochrone(['run']);
    process.chdir(folder);
    expect(code).toBe(2);
    expect(err).toContain('isochrone init https://example.com/');
  });
});

test('a folder for the result that is not there ends with 3, before any load', async () => {
  const { code, err } = await isochrone(['run', URL, '--out', 'json=none/report.json']);
  expect(code).toBe(3);
  expect(err).toMatch(/cannot write none\/report\.json/);
});

test('a store that cannot be written ends with 3, before any load', async () => {
  writeFileSync('a-file', '');
  const { code, out, err } = await isochrone(['run', URL, '--store', 'a-file/runs']);
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toMatch(/cannot write to a-file\/runs.*--store/);
});

describe('init', () => {
  test('writes a plan that plan understands, and says what comes next', async () => {
    const { code, err } = await isochrone(['init', 'http://127.0.0.1:9/shop/', '--file', 'b.yaml']);
    expect(code).toBe(0);
    expect(err).toContain('isochrone plan b.yaml');
    expect(readFileSync('b.yaml', 'utf8')).toContain('target: "http://127.0.0.1:9/shop"');
    expect((await isochrone(['plan', 'b.yaml'])).code).toBe(0);
  });

  test('keeps a file that is there, unless forced', async () => {
    writeFileSync('c.yaml', 'mine');
    expect((await isochrone(['init', '--file', 'c.yaml'])).code).toBe(2);
    expect(readFileSync('c.yaml', 'utf8')).toBe('mine');
    expect((await isochrone(['init', '--file', 'c.yaml', '--force'])).code).toBe(0);
    expect(readFileSync('c.yaml', 'utf8')).not.toBe('mine');
  });

  test('refuses a URL that no plan could have', async () => {
    const { code, err } = await isochrone(['init', 'http://a/?q=1', '--file', 'd.yaml']);
    expect(code).toBe(2);
    expect(err).toContain('a target has no query');
    expect(existsSync('d.yaml')).toBe(false);
  });
});

describe('report', () => {
  test('shows a report.json as text and as JSON, whatever its verdict', async () => {
    writeFileSync('r.json', JSON.stringify(largeReport()));
    const text = await isochrone(['report', 'r.json']);
    expect(text.code).toBe(0);
    expect(text.out).toMatch(/^✗ FAILED {2}checkout: 2 of 4 objectives missed\n/);
    const json = await isochrone(['report', 'r.json', '--json']);
    expect(reportSchema.parse(JSON.parse(json.out))).toEqual(largeReport());
  });

  test('writes files besides', async () => {
    writeFileSync('r.json', JSON.stringify(largeReport()));
    const { code } = await isochrone([
      'report',
      'r.json',
      '--out',
      'json=e.json',
      '--out',
      'text=e',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync('e.json', 'utf8'))).toEqual(largeReport());
    expect(readFileSync('e', 'utf8')).toContain('FAILED');
  });
});

test('an empty store has no runs: said on stderr, an empty list as JSON', async () => {
  const text = await isochrone(['runs'], { ISOCHRONE_STORE: join(folder, 'empty') });
  expect(text).toMatchObject({ code: 0, out: '' });
  expect(text.err).toContain('no runs are kept');
  const json = await isochrone(['runs', '--json'], { ISOCHRONE_STORE: join(folder, 'empty') });
  expect(json).toEqual({ code: 0, out: '[]\n', err: '' });
});

test.each(['plan', 'report'])('the schema of a %s is JSON Schema', async (of) => {
  const { code, out } = await isochrone(['schema', of]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ $schema: expect.stringContaining('json-schema.org') });
});
