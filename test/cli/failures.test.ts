import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../lib/report/report-schema.js';
import { isochrone } from '../support/isochrone.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// One run that meets every way in which an exchange can fail, at once, and goes on to its end.
type Script = Parameters<typeof scriptedServer>[0];

const HEAD = 'HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n';
const EACH = 6;

/** By path: what the server does, and the class in which each of these requests must end. */
const PATHS: Readonly<Record<string, readonly [code: number | null, script: Script]>> = {
  '/good': [null, (s) => s.write(answer())],
  '/closed-after': [null, (s) => s.end(answer('ok', 200, 'connection: close\r\n'))],
  '/no-answer': [1050, () => {}],
  '/no-end': [1050, (s) => s.write(`${HEAD}half`)],
  '/closed': [1220, (s) => s.destroy()],
  '/reset': [1220, (s) => s.resetAndDestroy()],
  '/reset-within': [1220, (s) => s.write('HTTP/1.1 200', () => s.resetAndDestroy())],
  '/reset-after': [1220, (s) => s.write(HEAD, () => setTimeout(() => s.resetAndDestroy(), 10))],
  '/garbage': [1230, (s) => s.write('220 mail.example.com ESMTP Postfix\r\n')],
  '/large': [1231, (s) => s.write(`${HEAD.slice(0, -2)}a: ${'b'.repeat(20_000)}`)],
  '/truncated': [1232, (s) => s.end(`${HEAD}half`)],
  '/404': [1404, (s) => s.write(answer('gone', 404))],
  '/418': [1418, (s) => s.write(answer('tea', 418))],
  '/500': [1500, (s) => s.write(answer('oh no', 500))],
  '/503': [1503, (s) => s.write(answer('busy', 503))],
  '/status': [1710, (s) => s.write(answer('ok', 200))],
  '/header': [1711, (s) => s.write(answer('ok', 201, 'location: /there\r\n'))],
  '/body': [1712, (s) => s.write(answer('{"error":"no"}', 201))],
};
const EXPECT: Readonly<Record<string, string>> = {
  '/status': '{ status: 201 }',
  '/header': '{ header: { location: /^.here/ } }',
  '/body': '{ body: /^.ok/ }',
};

const folder = temporaryFolder();
let server: ScriptedServer;
beforeAll(async () => {
  server = await scriptedServer((socket, head, ...rest) => {
    PATHS[head.split(' ')[1]!]![1](socket, head, ...rest);
  });
});
afterAll(() => server.close());

test('every way to fail is met at once, counted in its class, and told with a remedy', async () => {
  const paths = Object.keys(PATHS);
  const requests = paths.map(
    (path) => `  - { request: GET ${path}${EXPECT[path] ? `, expect: ${EXPECT[path]}` : ''} }\n`,
  );
  writeFileSync(
    join(folder, 'failures.yaml'),
    `target: ${server.url}\nload: [{ requests: ${paths.length * EACH}, users: 6 }]\n` +
      `http: { timeout: 400ms }\nrequests:\n${requests.join('')}`,
  );
  const { code, out, err } = await isochrone(['run', 'failures.yaml', '--json'], folder);
  expect([0, 4], err).toContain(code);
  const { errors, completeness, slices } = JSON.parse(out) as Report;
  for (const path of paths) {
    const expected = PATHS[path]![0];
    const rows = errors.filter(({ request }) => request === `GET ${path}`);
    const { ok, failed } = slices.find(({ request, region, stage }) => {
      return request === `GET ${path}` && region === null && stage === null;
    })!.requests;
    expect([path, ok, failed]).toEqual([path, ...(expected ? [0, EACH] : [EACH, 0])]);
    expect(rows.map((row) => row.code)).toEqual(rows.map(() => expected));
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(expected ? EACH : 0);
    for (const { message, sample } of rows) {
      expect(message).toMatch(/^[^:].+: .+/);
      expect(sample?.length ?? 0).toBeLessThanOrEqual(500);
    }
  }
  const { requests: all } = completeness;
  const bad = paths.filter((path) => PATHS[path]![0] !== null).length;
  expect(all).toMatchObject({ scheduled: paths.length * EACH, failed: bad * EACH, lost: 0 });
  // What died on a reused connection was sent once more, and is counted.
  const heard = server.heads.length;
  expect(heard).toBe(all.sent + all.resent);
  const { out: text } = await isochrone(['report', 'latest'], folder);
  // Which kinds come first depends on the seed; as many as have room are told, the others counted.
  const told = text.replace(/\s+/g, ' ');
  for (const { count, class: kind, code, message } of errors.slice(0, 8)) {
    expect(told).toContain(`${count} × ${kind} ${code}: ${message.replace(/\s+/g, ' ')}`);
  }
  const rest = errors.slice(8).reduce((sum, { count }) => sum + count, 0);
  expect(told).toContain(`${errors.length - 8} further kinds, ${rest} in all, in report.json`);
});
