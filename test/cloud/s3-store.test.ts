import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import type { S3StoreSetting } from '../../lib/store/s3-connection.js';
import { S3Store } from '../../lib/store/s3-store.js';
import { s3Contract } from '../store/s3-contract.js';
import { storeContract } from '../store/store-contract.js';
import { startS3Proxy } from '../support/cloud/s3-proxy.js';
import type { S3Front } from '../support/s3-front.js';

const { bucket, endpoint, owner, stranger } = inject('s3');
// The server has two noisy cores to share with its clients: an attempt here is a long one.
const PATIENCE = { connectMs: 2_000, attemptMs: 2_000, withinMs: 20_000, backoffMs: 50 };
const bytes = (text: string) => Buffer.from(text);

let proxy: S3Front;
let count = 0;
const opened: S3Store[] = [];
const open = (setting: Partial<S3StoreSetting> = {}) => {
  const store = S3Store.open({
    ...{ bucket, prefix: `s3-store/${++count}`, region: 'eu-west-1', credentials: owner },
    ...{ endpoint: proxy.endpoint, accountId: '111122223333', patience: PATIENCE },
    ...setting,
  });
  opened.push(store);
  return store;
};

beforeAll(async () => {
  proxy = await startS3Proxy(endpoint);
  // Its first objects take the server seconds.
  await open({ patience: { ...PATIENCE, attemptMs: 30_000, withinMs: 60_000 } }).probe();
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  for (const store of opened) store.close();
  await proxy.close();
});

storeContract(() => open());
s3Contract(() => ({
  front: proxy,
  open: (patience) => open({ patience: { ...PATIENCE, ...patience } }),
  ...PATIENCE,
}));

const refusalOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UnavailableError);
  return (error as Error).message;
};

test('over a thousand keys come in pages, whole and in order', async () => {
  const store = open();
  const keys = Array.from({ length: 1_203 }, (_, i) => `f/${String(i).padStart(6, '0')}/0.1.frag`);
  await Promise.all(keys.map((key) => store.create(key, bytes(key))));
  const before = store.requests.lists;
  expect(await store.list('f/')).toEqual(keys);
  expect(store.requests.lists - before).toBe(2);
  expect(await store.list('f/', 'f/001190.')).toEqual(keys.slice(1_190));
  expect(await store.folders('f/')).toEqual(keys.map((key) => key.slice(0, 'f/000000/'.length)));
});

describe('what the server enforces', () => {
  test('a wrong secret', async () => {
    const credentials = { ...owner, secretAccessKey: 'not-the-owners' };
    expect(await refusalOf(open({ credentials }).read('a'))).toContain(
      'S3 does not accept these AWS credentials',
    );
  });

  test('a key that nobody knows', async () => {
    const credentials = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'secret' };
    expect(await refusalOf(open({ credentials }).write('a', bytes('1')))).toContain(
      'S3 does not accept these AWS credentials',
    );
  });

  test('the rights of a stranger, which are none', async () => {
    const store = open({ credentials: stranger });
    expect(await refusalOf(store.read('a'))).toContain('needs the right s3:GetObject on');
    expect(await refusalOf(store.create('a', bytes('1')))).toContain(
      'needs the right s3:PutObject',
    );
    expect(await refusalOf(store.list(''))).toContain('needs the right s3:ListBucket');
    // What time it is even they are told.
    expect((await store.now()).tickMs).toBe(1_000);
  });

  test('a bucket that is not there', async () => {
    const store = open({ bucket: 'isochrone-nowhere' });
    expect(await refusalOf(store.read('a'))).toContain('there is no bucket isochrone-nowhere');
    expect(await refusalOf(store.list(''))).toContain('there is no bucket isochrone-nowhere');
  });
});

test('a fault befalls the worker that it is for, and no other', async () => {
  vi.stubEnv('AWS_SDK_UA_APP_ID', 'eu-west-1.0.1');
  const struck = open();
  await struck.write('control', bytes('go'));
  vi.stubEnv('AWS_SDK_UA_APP_ID', 'eu-west-1.0.2');
  const spared = open({ prefix: struck.address.slice(`s3://${bucket}/`.length) });
  await spared.read('control');
  const lift = proxy.fault({ when: ({ app }) => app === 'eu-west-1.0.1', harm: { do: 'hang' } });
  await expect(struck.read('control', { withinMs: 300 })).rejects.toThrow('no answer in 0.3 s');
  expect(await spared.read('control', { withinMs: 5_000 })).not.toBeNull();
  lift();
  expect(await struck.read('control', { withinMs: 5_000 })).not.toBeNull();
});

test('a server that is slow is waited for', async () => {
  const store = open();
  const lift = proxy.fault({ harm: { do: 'delay', ms: 400 } });
  const begunMs = performance.now();
  expect(await store.create('a', bytes('1'))).toBe(true);
  expect(performance.now() - begunMs).toBeGreaterThan(390);
  expect(store.requests.retries).toBe(0);
  lift();
});
