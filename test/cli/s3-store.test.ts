import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeS3 } from '../support/fake-s3.js';
import { isochrone } from '../support/isochrone.js';
import type { S3Front } from '../support/s3-front.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const folder = temporaryFolder();
const STORE = 's3://runs-of-ours/team';
const FORBIDDEN = {
  NODE_OPTIONS: `--import ${new URL('../support/no-aws-sdk.mjs', import.meta.url)}`,
};
/** A busy machine may make a measurement doubtful or invalid: it has been made all the same. */
const MEASURED = [0, 4];

let s3: S3Front;
let target: Server;
let url: string;
let env: Record<string, string>;

beforeAll(async () => {
  s3 = await startFakeS3();
  target = createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
  env = {
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
});
afterAll(async () => {
  target.close();
  target.closeAllConnections();
  await s3.close();
});

test('a run is kept in S3, and every command finds it there', async () => {
  const load = ['--rate', '20/s', '--for', '2s', '--label', 'in S3'];
  const run = await isochrone(['run', url, '--store', STORE, ...load], folder, env);
  expect(run.err).toContain(`kept in ${STORE}`);
  expect(run.err).not.toMatch(/warning/i);
  expect(MEASURED).toContain(run.code);

  const listed = await isochrone(['runs', '--json'], folder, { ...env, ISOCHRONE_STORE: STORE });
  const [entry] = JSON.parse(listed.out) as { run: string; label: string; phase: string }[];
  expect(entry).toMatchObject({ label: 'in S3', phase: 'ended' });

  for (const args of [
    ['report', '--store', STORE, '--json'],
    ['report', `${STORE}/runs/${entry!.run}`, '--json'],
    ['report', STORE, '--json'],
    ['watch', entry!.run, '--store', STORE, '--json'],
  ]) {
    const { out, code } = await isochrone(args, folder, env);
    expect(code).toBe(args[0] === 'watch' ? run.code : 0);
    const requests = { scheduled: 40, ok: 40 };
    expect(JSON.parse(out)).toMatchObject({
      run: { id: entry!.run },
      completeness: { requests },
    });
  }
  const stopped = await isochrone(['stop', '--store', STORE], folder, env);
  expect(stopped.out).toContain(`${entry!.run} has ended already`);
});

test('a run on this machine never loads the AWS SDK', async () => {
  const load = ['--rate', '20/s', '--for', '1s'];
  const local = await isochrone(['run', url, ...load], folder, FORBIDDEN);
  expect(local.err).not.toContain('AWS SDK');
  expect(MEASURED).toContain(local.code);
  const report = await isochrone(['report'], folder, FORBIDDEN);
  expect(report.code).toBe(0);
  // The guard is on: where the SDK is needed it is missed.
  const listed = await isochrone(['runs', '--store', STORE], folder, { ...env, ...FORBIDDEN });
  expect(listed.err).toContain('the AWS SDK was loaded: @aws-sdk/client-s3');
});

test('a bucket that cannot be one is refused before anything is asked', async () => {
  const { err, code } = await isochrone(['runs', '--store', 's3://My_Bucket/x'], folder, env);
  expect(err).toContain('"My_Bucket" cannot be the name of a bucket');
  expect(code).toBe(2);
});

test('a bucket that may not be written to ends a run before any load', async () => {
  const harm = { do: 'refuse', status: 403, code: 'AccessDenied' } as const;
  const lift = s3.fault({ when: ({ kind }) => kind === 'put', harm });
  const load = ['--rate', '20/s', '--for', '1s'];
  const { err, code } = await isochrone(['run', url, '--store', STORE, ...load], folder, env);
  lift();
  expect(err).toContain('s3:PutObject');
  expect(code).toBe(3);
});
