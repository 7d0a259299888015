import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { HistogramLogReader } from 'hdr-histogram-js';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../lib/report/report-schema.js';
import { hearingTargets } from '../support/hearing-target.js';
import { type Ended, isochrone } from '../support/isochrone.js';
import { junitOffences } from '../support/junit-schema.js';
import { runnerCommands } from '../support/runner-commands.js';
import { parseXml } from '../support/strict-xml.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// One run of the built command, and everything that can be made of it.
const folder = realpathSync(mkdtempSync(join(temporaryFolder(), 'formats-')));
const newTarget = hearingTargets(0);
const FORMATS = ['text', 'html', 'markdown', 'json', 'junit', 'csv', 'hlog'];
const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), 'utf8');

const PLAN = `target: http://127.0.0.1:1
load:
  - { requests: 60, users: 4 }
requests:
  - GET /
  - GET /broken
objectives:
  - p50 < 10s
  # a promise that is broken
  - "errors < 1%"
`;

let ran: Ended;
let report: Report;
let kept: string;

beforeAll(async () => {
  const { url } = await newTarget();
  writeFileSync(at('plan.yaml'), PLAN);
  writeFileSync(at('summary.md'), '# before\n');
  ran = await isochrone(
    [
      ...['run', 'plan.yaml', '--target', url, '--allow-undecided', '--github'],
      ...FORMATS.flatMap((format) => ['--out', `${format}=out.${format}`]),
    ],
    folder,
    { GITHUB_STEP_SUMMARY: at('summary.md'), GITHUB_WORKSPACE: join(folder, '..') },
  );
  report = JSON.parse(read('out.json'));
  kept = join(folder, 'isochrone-runs/runs', report.run.id);
});

describe('run --out', () => {
  test('writes every format', () => {
    // Too busy a machine makes another verdict, and the same files.
    expect([99, 4]).toContain(ran.code);
    expect(report.completeness.requests.scheduled).toBe(60);
    expect(read('out.text')).toContain('60 scheduled = 30 ok + 30 failed');
    expect(read('out.html')).toMatch(/^<!doctype html>/i);
    expect(read('out.markdown')).toContain('❌ missed');
    expect(junitOffences(parseXml(read('out.junit')))).toEqual([]);
    const rows = parse(read('out.csv'), { columns: true, recordDelimiter: '\r\n' });
    expect(rows).toHaveLength(report.slices.length);
  });

  test('the .hlog holds every answer', () => {
    expect(countOf(read('out.hlog'), 'local/latency')).toBe(30);
    expect(countOf(read('out.hlog'), 'local/failed/GET%20/broken')).toBe(30);
  });
});

describe('run --github', () => {
  test('adds the report to the summary of the step', () => {
    expect(read('summary.md')).toBe(`# before\n${read('out.markdown')}`);
  });

  test('annotates what did not hold at its line of the plan', () => {
    const found = runnerCommands(ran.err).find(({ properties }) => properties.file !== undefined);
    expect(found).toMatchObject({
      name: 'error',
      properties: { file: `${folder.split('/').at(-1)}/plan.yaml`, line: '10' },
      text: expect.stringContaining('30 of 60 requests had errors'),
    });
    expect(runnerCommands(ran.out)).toEqual([]);
  });
});

describe('report --format', () => {
  test.each(FORMATS)('%s is what run wrote', async (format) => {
    const { code, out } = await isochrone(['report', '--format', format], folder);
    expect(code).toBe(0);
    if (format === 'text') expect(out).toContain('60 scheduled = 30 ok + 30 failed');
    else expect(out).toBe(read(`out.${format}`));
  });

  test('an .hlog of the copied folder of a run is made of the histograms in it', async () => {
    cpSync(kept, at('copy'), { recursive: true });
    const { code, out } = await isochrone(['report', './copy', '--format', 'hlog'], folder);
    expect(code).toBe(0);
    expect(out).toBe(read('out.hlog'));
  });

  test('an .hlog of a report.json alone is refused, with what to do', async () => {
    const { code, out, err } = await isochrone(['report', 'out.json', '--format', 'hlog'], folder);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(
      /local\.frag is missing: an \.hlog is made of the histograms.*name the run/,
    );
  });
});

test('a report.json that lacks what this version shows is refused by name, and is no bug', async () => {
  const { curves, ...others } = JSON.parse(read('out.json')) as Record<string, unknown>;
  expect(curves).toBeDefined();
  writeFileSync(at('old.json'), JSON.stringify(others));
  for (const command of ['report', 'watch']) {
    const { code, out, err } = await isochrone([command, 'old.json'], folder);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(
      /old\.json is no report that this version can show: curves is missing\n.*another version/,
    );
  }
});

describe('the page', () => {
  test('is kept beside report.json, and the text says where', () => {
    expect(readFileSync(join(kept, 'report/report.html'), 'utf8')).toBe(read('out.html'));
    expect(ran.out).toMatch(/\n {2}kept in .*\n {2}its page: report\/report\.html\n$/);
  });

  test.skipIf(process.platform === 'win32')('report --open shows it', async () => {
    const browser = at('browser');
    writeFileSync(
      browser,
      `#!/bin/sh\ncp "$1" ${at('opened.html')}.part\nmv ${at('opened.html')}.part ${at('opened.html')}\n`,
    );
    chmodSync(browser, 0o755);
    const { code, out, err } = await isochrone(['report', 'latest', '--open'], folder, {
      BROWSER: browser,
    });
    expect({ code, out, err }).toEqual({
      code: 0,
      out: `${join(kept, 'report/report.html')}\n`,
      err: '',
    });
    await expect.poll(() => existsSync(at('opened.html'))).toBe(true);
    expect(read('opened.html')).toBe(read('out.html'));
  });

  test('without a browser it says where it is, and does not fail', async () => {
    const { code, out, err } = await isochrone(['report', '--open'], folder, { BROWSER: 'none' });
    expect({ code, out }).toEqual({ code: 0, out: `${join(kept, 'report/report.html')}\n` });
    expect(err).toContain('nothing here opens a page');
  });

  test('of a report.json alone it is made anew; a format goes to stdout as ever', async () => {
    const env = { BROWSER: 'none' };
    const { code, out } = await isochrone(['report', 'out.json', '--open'], folder, env);
    expect(code).toBe(0);
    expect(readFileSync(out.trim(), 'utf8')).toBe(read('out.html'));
    const both = await isochrone(['report', '--open', '--json'], folder, env);
    expect(both.out).toBe(read('out.json'));
    expect(both.err).toContain(join(kept, 'report/report.html'));
  });
});

function countOf(log: string, tag: string): number {
  const reader = new HistogramLogReader(log, 64);
  let sum = 0;
  for (let one = reader.nextIntervalHistogram(); one; one = reader.nextIntervalHistogram()) {
    if (one.tag === tag) sum += one.totalCount;
  }
  return sum;
}
