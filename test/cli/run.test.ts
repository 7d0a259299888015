import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isochrone, startIsochrone } from '../support/isochrone.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// The built command, as it is: a process, its streams, its signals and its exit code.
const scratch = temporaryFolder();
const newFolder = () => mkdtempSync(join(scratch, 'run-'));

let server: Server;
let url = '';
let heard = 0;
let onRequest = () => {};

beforeAll(async () => {
  server = createServer((request, response) => {
    heard++;
    onRequest();
    response.statusCode = request.url === '/broken' ? 500 : 200;
    response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  heard = 0;
  onRequest = () => {};
});

// Where an objective held or was missed, a machine too busy to measure may still say 4.
const PASSED = [0, 4];
const MISSED = [99, 4];

test('a fixed amount is sent to the unit, told to stdout, and kept', async () => {
  const folder = newFolder();
  const args = ['run', url, '--requests', '50', '--users', '5', '--label', 'five'];
  const { code, out, err } = await isochrone(args, folder);
  expect(PASSED).toContain(code);
  expect(heard).toBe(50);
  expect(out).toContain('50 scheduled = 50 ok + 0 failed + 0 cut + 0 dropped + 0 lost');
  expect(err).toMatch(/^50 requests by 5 users, in at most 9m, to http:\/\/127/);
  const again = await isochrone(['report', 'five'], folder);
  expect(again).toMatchObject({ code: 0, out });
  expect((await isochrone(['runs'], folder)).out).toContain('five');
});

test('--json: stdout is the report that is kept, and nothing else', async () => {
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

test('--quiet: nothing on stderr', async () => {
  const { err, out } = await isochrone(['run', url, '--requests', '5', '--quiet'], newFolder());
  expect(err).toBe('');
  expect(out).toContain('5 scheduled = 5 ok');
});

test('a missed objective ends with 99', async () => {
  const args = ['run', `${url}broken`, '--requests', '100', '--objective', 'errors < 1%'];
  const { code, out } = await isochrone(args, newFolder());
  expect(MISSED).toContain(code);
  expect(out).toMatch(/✗ errors < 1% +100 % +missed/);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s stops the load, reports, and ends with %d', async (signal, exitCode) => {
  const { child, ended } = startIsochrone(
    ['run', url, '--rate', '50/s', '--for', '10m'],
    newFolder(),
  );
  // Stopped as soon as the load has really begun.
  onRequest = () => {
    if (heard === 10) child.kill(signal);
  };
  const { code, out } = await ended;
  expect(code).toBe(exitCode);
  expect(out).toMatch(/^■ STOPPED/);
  const answered = Number(/= ([\d,]+) ok/.exec(out)?.[1]?.replaceAll(',', ''));
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThan(30_000);
});

test('a reader that has seen enough is no error', async () => {
  const { child, ended } = startIsochrone(['schema', 'report'], newFolder());
  child.stdout?.destroy();
  const { code, err } = await ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

test('colour only where it is asked for, as nothing here is a terminal', async () => {
  const args = ['run', url, '--requests', '5'];
  const bare = await isochrone(args, newFolder());
  expect(bare.out + bare.err).not.toContain('\u001b');
  const forced = await isochrone(args, newFolder(), { FORCE_COLOR: '1' });
  expect(forced.out).toContain('\u001b[');
});
