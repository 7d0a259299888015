import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hearingTargets } from '../support/hearing-target.js';
import { isochrone, startIsochrone } from '../support/isochrone.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// The built command, as it is: a process, its streams, its signals and its exit code. No test knows
// of another, and they run side by side.
const scratch = temporaryFolder();
const newFolder = () => mkdtempSync(join(scratch, 'run-'));

const newTarget = hearingTargets(0);

// Where an objective held or was missed, a machine too busy to measure may still say 4.
const PASSED = [0, 4];
const MISSED = [99, 4];

test.concurrent('a fixed amount is sent to the unit, told to stdout, and kept', async () => {
  const target = await newTarget();
  const folder = newFolder();
  const args = ['run', target.url, '--requests', '50', '--users', '5', '--label', 'five'];
  const { code, out, err } = await isochrone(args, folder);
  expect(PASSED).toContain(code);
  expect(target.heard).toBe(50);
  expect(out).toContain('50 scheduled = 50 ok + 0 failed + 0 cut + 0 dropped + 0 lost');
  expect(err).toMatch(/^50 requests by 5 users, in at most 9m, to http:\/\/127/);
  const again = await isochrone(['report', 'five'], folder);
  expect(again).toMatchObject({ code: 0, out });
  expect((await isochrone(['runs'], folder)).out).toContain('five');
});

test.concurrent('--json: stdout is the report that is kept, and nothing else', async () => {
  const { url } = await newTarget();
  const folder = newFolder();
  const args = ['run', url, '--rate', '40/s', '--for', '500ms', '--json', '--out', 'json=a.json'];
  const { code, out } = await isochrone(args, folder);
  expect(PASSED).toContain(code);
  const report = JSON.parse(out);
  expect(report).toMatchObject({ schema: 'isochrone.report/1', verdict: { exitCode: code } });
  const kept = join(folder, 'isochrone-runs/runs', report.run.id, 'report/report.json');
  expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual(report);
  expect(JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8'))).toEqual(report);
});

test.concurrent('--quiet: nothing on stderr', async () => {
  const { url } = await newTarget();
  const { err, out } = await isochrone(['run', url, '--requests', '5', '--quiet'], newFolder());
  expect(err).toBe('');
  expect(out).toContain('5 scheduled = 5 ok');
});

test.concurrent('a missed objective ends with 99', async () => {
  const { url } = await newTarget();
  const args = ['run', `${url}broken`, '--requests', '100', '--objective', 'errors < 1%'];
  const { code, out } = await isochrone(args, newFolder());
  expect(MISSED).toContain(code);
  expect(out).toMatch(/✗ errors < 1% +100 % +missed/);
});

test.concurrent.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s stops the load, reports, and ends with %d', async (signal, exitCode) => {
  const target = await newTarget();
  const { child, ended } = startIsochrone(
    ['run', target.url, '--rate', '50/s', '--for', '10m'],
    newFolder(),
  );
  await target.heardSo(10);
  child.kill(signal);
  const { code, out } = await ended;
  expect(code).toBe(exitCode);
  expect(out).toMatch(/^■ STOPPED/);
  const answered = Number(/= ([\d,]+) ok/.exec(out)?.[1]?.replaceAll(',', ''));
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThan(30_000);
});

test.concurrent('a reader that has seen enough is no error', async () => {
  const { child, ended } = startIsochrone(['schema', 'report'], newFolder());
  child.stdout?.destroy();
  const { code, err } = await ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

test.concurrent('colour only where it is asked for, as nothing here is a terminal', async () => {
  const { url } = await newTarget();
  const args = ['run', url, '--requests', '5'];
  const bare = await isochrone(args, newFolder());
  expect(bare.out + bare.err).not.toContain('\u001b');
  const forced = await isochrone(args, newFolder(), { FORCE_COLOR: '1' });
  expect(forced.out).toContain('\u001b[');
});
