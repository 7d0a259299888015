import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import type { S3StoreSetting } from '../../lib/store/s3-connection.js';
import type { S3Patience } from '../../lib/store/s3-patience.js';
import { S3Store } from '../../lib/store/s3-store.js';
import { startFakeS3 } from '../support/fake-s3.js';
import type { Harm, S3Front, SeenRequest } from '../support/s3-front.js';
import { s3Contract } from './s3-contract.js';
import { storeContract } from './store-contract.js';

const PATIENCE: S3Patience = { connectMs: 300, attemptMs: 300, withinMs: 4_000, backoffMs: 20 };
const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
const bytes = (text: string) => Buffer.from(text);

let front: S3Front;
let count = 0;
const opened: S3Store[] = [];
const open = (setting: Partial<S3StoreSetting> = {}) => {
  const store = S3Store.open({
    ...{ bucket: 'bucket', prefix: `stores/${++count}`, region: 'eu-west-1', credentials },
    ...{ endpoint: front.endpoint, patience: PATIENCE },
    ...setting,
  });
  opened.push(store);
  return store;
};

beforeAll(async () => {
  front = await startFakeS3({ pageSize: 3 });
});
afterEach(() => {
  front.heal();
  vi.unstubAllEnvs();
});
afterAll(async () => {
  for (const store of opened) store.close();
  await front.close();
});

storeContract(() => open());
s3Contract(() => ({
  front,
  open: (patience) => open({ patience: { ...PATIENCE, ...patience } }),
  ...PATIENCE,
}));

const refuse = (status: number, code: string, more: { message?: string; region?: string } = {}) =>
  ({
    ...{ do: 'refuse', status, code },
    ...(more.message && { message: more.message }),
    ...(more.region && { headers: { 'x-amz-bucket-region': more.region } }),
  }) as const satisfies Harm;

const refusalOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UnavailableError);
  return (error as Error).message;
};

describe('another writer at the same instant', () => {
  const conflict = refuse(409, 'ConditionalRequestConflict');

  test('is let through, then create succeeds or finds what that one wrote', async () => {
    const store = open();
    front.fault({ times: 2, harm: conflict });
    expect(await store.create('a', bytes('1'))).toBe(true);
    front.fault({ times: 1, harm: conflict });
    expect(await store.create('a', bytes('2'))).toBe(false);
  });

  test('is let through by swap, too', async () => {
    const store = open();
    await store.create('a', bytes('1'));
    const { tag } = (await store.read('a'))!;
    front.fault({ times: 1, harm: conflict });
    expect(await store.swap('a', bytes('2'), tag)).not.toBeNull();
    front.fault({ times: 1, harm: conflict });
    expect(await store.swap('a', bytes('3'), tag)).toBeNull();
  });
});

test('a condition that fails at once is not looked into', async () => {
  const store = open();
  await store.create('a', bytes('same'));
  expect(await store.create('a', bytes('same'))).toBe(false);
  expect(store.requests).toMatchObject({ puts: 2, gets: 0, retries: 0 });
});

describe('access denied', () => {
  const denied = refuse(403, 'AccessDenied', { message: 'Access Denied' });
  const at = (store: S3Store, key: string) => `${store.address}/${key}`;

  test('names the right that is missing, and on what', async () => {
    const store = open();
    front.fault({ harm: denied });
    expect(await refusalOf(store.read('control'))).toBe(
      `cannot read ${at(store, 'control')} (access denied): whoever runs this needs the right s3:GetObject on ${at(store, 'control')}; without s3:ListBucket an object that is missing looks the same`,
    );
    for (const write of [
      store.create('a', bytes('1')),
      store.write('a', bytes('1')),
      store.swap('a', bytes('1'), 'tag'),
    ]) {
      expect(await refusalOf(write)).toBe(
        `cannot write to ${at(store, 'a')} (access denied): whoever runs this needs the right s3:PutObject on ${at(store, 'a')}`,
      );
    }
    for (const list of [store.list('runs/'), store.folders('runs/')]) {
      expect(await refusalOf(list)).toBe(
        `cannot list ${at(store, 'runs/')} (access denied): whoever runs this needs the right s3:ListBucket on the bucket bucket`,
      );
    }
    expect(store.requests.retries).toBe(0);
  });

  test('names the right that S3 itself says is missing', async () => {
    const message =
      'User: arn:aws:sts::111122223333:assumed-role/x is not authorized to perform: kms:GenerateDataKey on resource: …';
    front.fault({ harm: refuse(403, 'AccessDenied', { message }) });
    expect(await refusalOf(open().write('a', bytes('1')))).toContain(
      'needs the right kms:GenerateDataKey on',
    );
  });

  test('says whose the bucket must be, where that is known', async () => {
    front.fault({ harm: denied });
    const store = open({ accountId: '111122223333' });
    expect(await refusalOf(store.read('a'))).toContain('must belong to account 111122223333');
  });

  test('to look whether an upload was carried out names the right to read', async () => {
    const store = open();
    front.fault({ when: ({ kind }) => kind === 'put', times: 1, harm: { do: 'store and drop' } });
    front.fault({ when: ({ kind }) => kind === 'get', harm: denied });
    expect(await refusalOf(store.create('a', bytes('1')))).toContain(
      'needs the right s3:GetObject',
    );
  });
});

test('every call says which account must own the bucket, where that is known', async () => {
  const store = open({ accountId: '111122223333' });
  const from = front.seen.length;
  await store.create('a', bytes('1'));
  const { tag } = (await store.read('a'))!;
  await store.swap('a', bytes('2'), tag);
  await store.write('a', bytes('3'));
  await store.list('');
  await store.folders('');
  await store.now();
  await store.probe();
  const owners = front.seen
    .slice(from)
    .map(({ headers }) => headers['x-amz-expected-bucket-owner']);
  expect(owners).toEqual(Array(8).fill('111122223333'));
});

describe('a bucket elsewhere', () => {
  const inTokyo = ({ headers }: SeenRequest) =>
    headers.authorization?.includes('/ap-northeast-1/') ?? false;

  test.each([
    ['PermanentRedirect', 301],
    ['TemporaryRedirect', 307],
    ['AuthorizationHeaderMalformed', 400],
  ])('is followed: %s', async (code, status) => {
    const store = open();
    const moved = refuse(status, code, { region: 'ap-northeast-1' });
    front.fault({ when: (request) => !inTokyo(request), harm: moved });
    expect(
      await Promise.all([store.create('a', bytes('1')), store.create('b', bytes('1'))]),
    ).toEqual([true, true]);
    const before = front.seen.length;
    expect(await store.read('a')).not.toBeNull();
    expect(front.seen.length - before).toBe(1);
  });

  test('is named where following does not help', async () => {
    front.fault({ harm: refuse(301, 'PermanentRedirect', { region: 'ap-northeast-1' }) });
    expect(await refusalOf(open().read('a'))).toContain(
      '(the bucket is in ap-northeast-1): say so with AWS_REGION=ap-northeast-1',
    );
  });

  test('is found from any region where the environment names none', async () => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    const { endpoint } = front;
    const store = S3Store.open({ bucket: 'bucket', prefix: 'x', endpoint, credentials });
    opened.push(store);
    const moved = refuse(301, 'PermanentRedirect', { region: 'ap-northeast-1' });
    front.fault({ when: (request) => !inTokyo(request), harm: moved });
    expect(await store.read('none')).toBeNull();
  });
});

describe('trouble that lasts is told with what to do', () => {
  test.each([
    [refuse(404, 'NoSuchBucket'), /\(there is no bucket bucket\): check its name/],
    [refuse(400, 'ExpiredToken'), /\(the AWS credentials have expired\): log in again/],
    [
      refuse(403, 'InvalidAccessKeyId'),
      /does not accept these AWS credentials\): check AWS_PROFILE/,
    ],
    [refuse(403, 'SignatureDoesNotMatch'), /does not accept these AWS credentials\)/],
    [refuse(403, 'RequestTimeTooSkewed'), /\(the clock of this machine is too far off/],
    [refuse(500, 'InternalError'), /\(S3 failed for 0\.6 s: 500 InternalError\): try again later/],
    [refuse(400, 'EntityTooLarge', { message: 'Too large' }), /\(400 EntityTooLarge\): Too large/],
    [{ do: 'store and drop' }, /\(S3 cannot be reached: ECONNRESET\): check the network/],
    [{ do: 'hang' }, /\(no answer in 0\.6 s\): check the network/],
  ] as const)('%j', async (harm, message) => {
    front.fault({ harm });
    const store = open({ patience: { ...PATIENCE, withinMs: 600 } });
    expect(await refusalOf(store.read('a'))).toMatch(message);
    expect(await refusalOf(store.write('a', bytes('1')))).toMatch(message);
  });

  test('a server that is not there', async () => {
    const store = open({
      endpoint: 'http://127.0.0.1:1',
      patience: { ...PATIENCE, withinMs: 300 },
    });
    expect(await refusalOf(store.read('a'))).toContain('(S3 cannot be reached: ECONNREFUSED)');
  });

  test('credentials that are not there', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    const { endpoint } = front;
    const store = S3Store.open({ bucket: 'bucket', prefix: 'x', region: 'eu-west-1', endpoint });
    expect(await refusalOf(store.read('a'))).toMatch(
      /\(there are no AWS credentials to use: .*\): log in, as with "aws sso login"/,
    );
  });

  test('what answers but is no S3', async () => {
    const { createServer } = await import('node:http');
    const server = createServer((_, response) => response.end('<html>welcome</html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const store = open({ endpoint: `http://127.0.0.1:${port}` });
    expect(await refusalOf(store.read('a'))).toContain('answers without an ETag');
    expect(await refusalOf(store.list(''))).toContain('answers without a bucket');
    store.close();
    server.close();
  });
});

test('of two pages the second fails at first, and all keys come', async () => {
  const store = open();
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  for (const key of keys) await store.write(key, bytes(key));
  let pages = 0;
  front.fault({
    when: ({ kind }) => kind === 'list' && ++pages === 2,
    harm: { do: 'store and drop' },
  });
  expect(await store.list('')).toEqual(keys);
  expect(pages).toBe(4);
});

test('who asks is told by the user agent, as its environment says', async () => {
  vi.stubEnv('AWS_SDK_UA_APP_ID', 'eu-west-1.0.2');
  const store = open();
  await store.read('none');
  expect(front.seen.at(-1)).toMatchObject({ app: 'eu-west-1.0.2', accessKey: 'AKIA', kind: 'get' });
});

test('hundreds of calls at once take their turns, and nothing prints or warns', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const printed = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const store = open();
  await Promise.all(Array.from({ length: 300 }, (_, i) => store.create(`k${i}`, bytes('1'))));
  expect([...warned.mock.calls, ...printed.mock.calls]).toEqual([]);
  vi.restoreAllMocks();
});
