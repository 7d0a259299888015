import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Report } from '../../lib/report/report-schema.js';
import { isochrone, startIsochrone } from '../support/isochrone.js';
import { shellWords } from '../support/shell-words.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
const newFolder = () => mkdtempSync(join(scratch, 'demo-'));

test('a tour: five regions are measured, the report is explained, and it ends with 0', async () => {
  const folder = newFolder();
  const { code, out, err } = await isochrone(['demo'], folder);
  expect(code, err).toBe(0);
  expect(err).toMatch(/^A small shop now runs on this machine, at http:\/\/127\.0\.0\.1:\d+\./);

  const again = await isochrone(['report', 'demo', '--json'], folder);
  const report = JSON.parse(again.out) as Report;
  const { requests, workers } = report.completeness;
  expect(report.run.where).toBe('emulated');
  expect(workers).toMatchObject({ planned: 5, reported: 5 });
  expect(requests.scheduled).toBeGreaterThan(1_500);
  // A second core is the service's and everybody else's.
  expect(
    report.workers.every(({ thread, threads, cores }) => thread < Math.min(threads, cores)),
  ).toBe(true);

  const medians = report.run.regions.map(
    (name) =>
      report.slices.find(
        ({ region, request, stage }) => region === name && request === null && stage === 'peak',
      )!.latency.p50!,
  );
  expect(medians.length).toBe(5);
  expect([...medians].sort((a, b) => a - b)).toEqual(medians);

  const [report80 = '', words = ''] = out.split('\nWhat you have just seen\n');
  expect(report80).toContain('five regions');
  for (const name of report.run.regions) expect(words).toContain(name);
  // What the service did to everybody, and one clock did not see.
  expect(words).toContain('A service that stands still.');
  expect(words).toContain('A tool that shows');
  expect(words).toContain('Errors.');
  expect(words).not.toMatch(/NaN|undefined|null/);
}, 120_000);

test('the commands that it ends with are commands', async () => {
  const words = readFileSync(new URL('../golden/tour.txt', import.meta.url), 'utf8');
  const lines = [...words.matchAll(/^ {2}npx (isochrone .*)$/gm)].map(([, line = '']) => line);
  expect(lines.length).toBe(3);
  for (const line of lines) {
    const args = shellWords(line.replace('URL', 'http://127.0.0.1:9/')).slice(1);
    // What `plan` would run, `run` runs.
    const checked = args[0] === 'run' ? ['plan', ...args.slice(1)] : args;
    const { code, err } = await isochrone(checked, newFolder());
    expect(code, `${line}\n${err}`).toBe(0);
  }
});

test('a tour that is stopped ends as any run that is stopped', async () => {
  const { child, ended } = startIsochrone(['demo'], newFolder());
  child.stderr?.once('data', () => setTimeout(() => child.kill('SIGINT'), 1_500));
  const { code, out } = await ended;
  expect(code).toBe(130);
  expect(out).toMatch(/^■ STOPPED/);
  expect(out).not.toContain('What you have just seen');
});

test('--serve: the service alone, for runs of one’s own, until Ctrl-C', async () => {
  const { child, ended } = startIsochrone(['demo', '--serve', '--port', '0'], newFolder());
  const url = await new Promise<string>((resolve) => {
    child.stdout?.once('data', (chunk) => resolve(String(chunk).trim()));
  });
  expect((await fetch(`${url}/items/1`)).status).toBe(200);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0, out: `${url}\n` });
});

test.each([
  [['--port', '99999', '--serve'], /a port is a whole number below 65536/],
  [['--port', '8080'], /--port goes with --serve/],
])('%j is refused', async (args, message) => {
  const { code, err } = await isochrone(['demo', ...args], newFolder());
  expect(code).toBe(2);
  expect(err).toMatch(message);
});
