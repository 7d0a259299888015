// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { workerName } from '../../lib/cloud/deployment.js';
import { CloudDeployment } from '../support/cloud/deployment.js';
import {
  type ForgedShard,
  Forger,
  fewAtATime,
  headed,
  type Outcome,
  REGION,
} from '../support/cloud/forged-shards.js';
import { FORBIDDEN_SPELLINGS } from '../support/forbidden-addresses.js';
import { makeRequest, rates, userStages } from '../support/schedule-plans.js';

/** Nobody may ever come here: it listens wherever load must not go. */
const canaries: Server[] = [];
let canaryHeard = 0;
/** Here load may go, and only here: 127.0.0.2, opened as a deployer could open it by hand. */
let target: Server;
let port: number;
const targetHeard: { path: string; headers: Record<string, unknown> }[] = [];

let cloud: CloudDeployment;
let forger: Forger;

const SPELLED = FORBIDDEN_SPELLINGS.map(([url]) => new URL(url).hostname);
const ALLOWED = [
  ...SPELLED,
  ...['127.0.0.2', 'localhost', 'shop.test', '*.canary.test', '*.wild.test', 'one.test:81'],
];

async function listen(server: Server, host: string, at: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  target = createServer((request, response) => {
    targetHeard.push({ path: request.url ?? '', headers: request.headers });
    const away = { location: `http://127.0.0.1:${port}/`, connection: 'close' };
    response.writeHead(request.url?.startsWith('/away') ? 302 : 200, away).end('here');
  });
  port = await listen(target, '127.0.0.2', 0);
  for (const host of ['127.0.0.1', '127.0.0.3', '::1']) {
    const canary = createServer((_, response) => response.end());
    canary.on('connection', () => canaryHeard++);
    // A machine may have no IPv6; then nobody can come to it there.
    await listen(canary, host, port).catch(() => {});
    canaries.push(canary);
  }
  cloud = await CloudDeployment.start(inject('s3'), {
    prefix: 'guarded',
    regions: [REGION],
    allowedHosts: ALLOWED,
    allowedNetworks: ['127.0.0.2/32'],
    limits: { maxWorkerRate: 100, maxWorkers: 2, maxMinutes: 5 },
    environment: { AWS_SESSION_TOKEN: 'session-token-of-the-function' },
  });
  forger = await Forger.start(inject('s3'), cloud.store, cloud.deployment, {
    logFolder: cloud.logFolder,
    environment: { AWS_SESSION_TOKEN: 'session-token-of-the-function' },
  });
});

beforeEach(() => {
  canaryHeard = 0;
  targetHeard.splice(0);
});

afterAll(async () => {
  forger?.close();
  for (const server of [target, ...canaries]) {
    server.closeAllConnections();
    server.close();
  }
  await cloud?.close();
});

type Row = readonly [what: string, shard: ForgedShard, reason: RegExp];

/** Every one of them is refused with its reason in the bucket, and nobody heard of any. */
async function expectRefused(rows: readonly Row[]): Promise<void> {
  const outcomes = await fewAtATime(rows, 4, ([, shard]) => forger.send(shard));
  const wrong = rows.flatMap(([what, , reason], i) => {
    const { refusals, error, totals } = outcomes[i]!;
    const refused = refusals.length === 1 && reason.test(refusals[0]!);
    return refused && error === null && totals === null ? [] : [{ what, refusals, error, totals }];
  });
  expect(wrong).toEqual([]);
  expect(canaryHeard).toBe(0);
  expect(targetHeard).toEqual([]);
}

const at = (url: string): ForgedShard => ({ plan: { target: `${url}:${port}` } });
const shop = (change: object = {}): ForgedShard => ({
  plan: { target: `http://127.0.0.2:${port}`, ...change },
});
/** A name of the list that is asked for once, and what it resolves to. */
let names = 0;
const resolving = (addresses: readonly string[], end = ''): ForgedShard => {
  const name = `n${++names}.canary.test${end}`;
  return { ...at(`http://${name}`), lookups: { [name]: [addresses] } };
};

describe('a worker that is called by hand with a forged shard', () => {
  test('makes load where it may, and says who it is', async () => {
    const request = headed(['User-Agent', 'nobody'], ['X-Isochrone-Run', 'another']);
    const { run, refusals, totals } = await forger.send(shop({ requests: [request] }));
    expect(refusals).toEqual([]);
    expect(totals).toMatchObject({ scheduled: 20, ok: 20 });
    expect(targetHeard).toHaveLength(20);
    expect(targetHeard[0]?.headers).toMatchObject({
      'x-isochrone-run': run,
      'user-agent': expect.stringMatching(/^nobody isochrone\/\S+ \(load@example\.com\)$/),
    });
  });

  test('refuses every spelling of a forbidden address, though its host is on the list', async () => {
    expect(FORBIDDEN_SPELLINGS.length).toBeGreaterThanOrEqual(60);
    await expectRefused(
      FORBIDDEN_SPELLINGS.map(([url, how]) => [`${url} (${how})`, at(url), /only the public/]),
    );
  });

  test('refuses names that resolve to one, and names that are pinned to one', async () => {
    const pinned = (address: string) => {
      const { plan } = at('http://shop.test');
      const resolve = { 'shop.test': address };
      const http = { ...forgedHttp, resolve };
      return { plan: { ...plan, http } };
    };
    await expectRefused([
      ['localhost', at('http://localhost'), /is loopback/],
      ['LOCALHOST', at('http://LOCALHOST'), /is loopback/],
      ['a name with a dot at its end', resolving(['127.0.0.1'], '.'), /is loopback/],
      ['a name of loopback', resolving(['127.0.0.1']), /127\.0\.0\.1 is loopback/],
      ['a name of metadata', resolving(['169.254.169.254']), /metadata/],
      ['a private name', resolving(['10.0.0.5']), /private/],
      ['a name mapped', resolving(['::ffff:127.0.0.1']), /form of IPv6/],
      ['a name behind NAT64', resolving(['64:ff9b::7f00:1']), /NAT64/],
      ['a name of both families', resolving(['127.0.0.2', '::1']), /::1 is loopback/],
      ['one bad address of two', resolving(['127.0.0.2', '127.0.0.1']), /127\.0\.0\.1 is loopback/],
      ['a pin', pinned('127.0.0.1'), /127\.0\.0\.1 is loopback/],
      ['a pin mapped', pinned('::ffff:127.0.0.1'), /form of IPv6/],
      ['a pin that is a name', pinned('localhost'), /no address/],
    ]);
  });

  test('refuses hosts that are not on the list, however they are put to it', async () => {
    const host = (value: string, ...more: (readonly [string, string])[]) =>
      shop({ requests: [headed(['Host', value], ...more)] });
    await expectRefused([
      ['another host', at('http://evil.test'), /the target is evil\.test/],
      ['a host below', at('http://a.shop.test'), /the target is a\.shop\.test/],
      ['a host that ends alike', at('http://evilshop.test'), /the target is evilshop\.test/],
      ['a host that begins alike', at('http://shop.test.evil.test'), /the target is/],
      ['the root of a wildcard', at('http://wild.test'), /the target is wild\.test/],
      ['another port', at('http://one.test'), /the target is one\.test at port/],
      ['a host before an @', at('http://shop.test@evil.test'), /the target is evil\.test/],
      ['a scheme', { plan: { target: 'ftp://shop.test' } }, /begins with ftp/],
      ['no URL', { plan: { target: 'shop.test' } }, /no URL/],
      ['Host: another', host('evil.test'), /header host is evil\.test/],
      ['Host: metadata', host('169.254.169.253'), /header host is 169/],
      ['Host: a listed address', host('169.254.169.254'), /metadata/],
      ['Host: a number', host('2130706433'), /127\.0\.0\.1 is loopback/],
      ['Host: two', host('shop.test', ['host', 'evil.test']), /twice/],
      ['Host: two in one', host('shop.test, evil.test'), /no host/],
      ['Host: a user', host('shop.test@evil.test'), /no host/],
      ['Host: a path', host('shop.test/@evil.test'), /no host/],
      ['Host: in percent signs', host('%65vil.test'), /no host/],
    ]);
  });

  test('refuses requests that another server might take for its own', async () => {
    const line = (change: object) =>
      shop({ requests: [{ ...makeRequest('GET /', 1), ...change }] });
    await expectRefused([
      ['a path that is a URL', line({ path: 'http://evil.test/' }), /a path begins with/],
      ['a path of two lines', line({ path: '/ HTTP/1.1\r\nhost: evil.test\r\n\r\nGET /' }), /path/],
      ['a method of two lines', line({ method: 'GET / HTTP/1.1\r\n\r\nGET' }), /no method/],
      ['a tunnel', line({ method: 'CONNECT' }), /no method/],
      ['a header of two lines', shop({ requests: [headed(['a', 'b\r\nhost: c'])] }), /one line/],
      ['a name of two lines', shop({ requests: [headed(['a\r\nhost', 'c'])] }), /damaged at/],
      ['chunks', shop({ requests: [headed(['Transfer-Encoding', 'chunked'])] }), /not for a plan/],
      ['a length', shop({ requests: [headed(['Content-Length', '4'])] }), /not for a plan/],
    ]);
  });

  test('follows no redirect', async () => {
    const requests = ['/away', '/away/again'].map((path) => ({ ...makeRequest(path, 1), path }));
    const { refusals, totals } = await forger.send(shop({ requests }));
    expect(refusals).toEqual([]);
    expect(totals).toMatchObject({ scheduled: 20, ok: 20 });
    expect(targetHeard).toHaveLength(20);
    expect(canaryHeard).toBe(0);
  });

  test('follows a redirect no further than the list goes', async () => {
    const requests = ['/away', '/away/again'].map((path) => ({
      ...makeRequest(path, 1),
      path,
      followRedirects: 3,
    }));
    const { refusals, totals, failures } = await forger.send(shop({ requests }));
    expect(refusals).toEqual([]);
    expect(totals).toMatchObject({ scheduled: 20, ok: 0, failed: 20 });
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set([1111]));
    expect(targetHeard).toHaveLength(20);
    expect(canaryHeard).toBe(0);
  });

  test('sends no file of its own machine, whatever a plan calls its inputs', async () => {
    const input = { sha256: '0'.repeat(64), bytes: 9, file: '/proc/self/environ' };
    const body = { encoding: 'base64' as const, data: '', input };
    const requests = [{ ...makeRequest('PUT /', 1), method: 'PUT', body }];
    const { refusals } = await forger.send(shop({ requests }));
    expect(refusals).toMatchObject([expect.stringMatching(/is not among the inputs of the run/)]);
    expect(targetHeard).toEqual([]);
  });

  test('goes to the address that it judged, and to no other that the name has later', async () => {
    const { refusals, totals, failures } = await forger.send({
      plan: { target: `http://moving.canary.test:${port}`, load: rates([20, 20, 3]) },
      // Asked again while it makes load, the name has moved.
      lookups: {
        'moving.canary.test': [
          ...new Array<string[]>(8).fill(['127.0.0.2']),
          ...[['127.0.0.1'], ['127.0.0.3'], ['::ffff:127.0.0.1']],
        ],
      },
    });
    expect(refusals).toEqual([]);
    expect(canaryHeard).toBe(0);
    expect(targetHeard.length).toBe(totals?.ok);
    expect(totals?.ok).toBeGreaterThan(0);
    expect(totals?.failed).toBeGreaterThan(0);
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set([1110]));
    expect(failures[0]?.message).toMatch(/ is .*: a deployment loads the public internet/);
  });
});

const forgedHttp = {
  timeoutUs: 10e6,
  connectTimeoutUs: 5e6,
  connections: 'auto' as const,
  expectUs: null,
  insecure: false,
  resolve: {},
  probe: true,
  serverTime: null,
};

describe('the limits of a worker', () => {
  const regions = (...names: string[]) => names.map((name) => ({ name, share: 1, workers: 1 }));
  const every = {
    load: {
      kind: 'closed' as const,
      stages: userStages([50, 50, 10]),
      pace: { kind: 'every' as const, everyUs: 100_000 },
    },
  };

  test('hold against whatever a forged shard says', async () => {
    const drawn = { arrivalsPerSecond: [50_000] };
    const many = { http: { ...forgedHttp, connections: 5_000 } };
    const env = headed(['a', '${env:AWS_SESSION_TOKEN}']);
    const key = headed(['X-Api-Key', 'abc']);
    const names = regions('us-east-1');
    await expectRefused([
      ['rate', shop({ load: rates([101, 101, 1]) }), /would start 101\/s.* allows 100\/s/],
      ['rate of a ramp', shop({ load: rates([0, 150, 1]) }), /would start 150\/s/],
      ['rate of users', shop(every), /would start 500\/s/],
      ['rate of drawn arrivals', { ...shop(), frozen: drawn }, /more arrivals than its rate/],
      ['minutes', shop({ load: rates([1, 1, 301]) }), /lasts 6 minutes/],
      ['connections', shop(many), /5000 connections/],
      ['region', { ...shop(), ref: { region: 'us-east-1' } }, /meant for us-east-1/],
      ['a region without workers', shop({ regions: names }), /0 workers in eu-west-1/],
      ['a region beside it', shop({ regions: regions(REGION, 'ap-south-1') }), /no workers in ap/],
      ['workers', { ...shop(), ref: { n: 2 } }, /worker 3 of eu-west-1.* allows 2/],
      ['protocol of the event', { ...shop(), event: { protocol: 9 } }, /protocol 9/],
      ['protocol of the plan', { ...shop(), frozen: { protocol: 9 } }, /protocol 9/],
      ['an event that is late', { ...shop(), event: { notAfterMs: 1 } }, /delivered/],
      ['deadline', { ...shop(), lifeMs: 9_000 }, /this function has \d+ s left/],
      ['another run', { ...shop(), frozen: { run: 'another' } }, /that of run another/],
      ['nonsense', { ...shop(), frozen: { legs: [{}] } }, /damaged at plan\.json\.legs/],
      ['environment', shop({ requests: [env] }), /AWS_SESSION_TOKEN\} is of this machine/],
      ['secrets', shop({ requests: [headed(['a', '${secret:OTHER}'])] }), /secret OTHER is not/],
      ['credentials', shop({ requests: [key] }), /'x-api-key' would be stored/],
    ]);
  });

  test('hold users whose pace the answers set to the rate of a worker', async () => {
    const { totals } = await forger.send(
      shop({
        load: {
          kind: 'closed',
          stages: userStages([30, 30, 2]),
          pace: { kind: 'none' },
        },
      }),
    );
    expect(totals?.ok).toBeGreaterThan(100);
    expect(totals?.scheduled).toBeLessThanOrEqual(200);
    expect(targetHeard.length).toBe(totals?.ok);
  });
});

describe('a worker function that is invoked by hand', () => {
  test.each<[string, () => ForgedShard, RegExp]>([
    ['loopback', () => at('http://0x7f.1'), /only the public internet/],
    ['a stranger', () => at('http://evil.test'), /the target is evil\.test/],
    [
      'the function’s own keys',
      () => shop({ requests: [headed(['a', '${env:AWS_SESSION_TOKEN}'])] }),
      /is of this machine/,
    ],
  ])('refuses a forged shard with %s', async (_, shard, reason) => {
    const { run, event } = await forger.forge(shard());
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new LambdaClient({ region: REGION, endpoint: cloud.lambda.url, credentials });
    const { FunctionError } = await client.send(
      new InvokeCommand({
        FunctionName: workerName(cloud.deployment.prefix),
        Payload: JSON.stringify(event),
      }),
    );
    client.destroy();
    expect(FunctionError).toBeUndefined();
    const { refusals, totals }: Omit<Outcome, 'error'> = await forger.outcome(run);
    expect(refusals).toEqual([expect.stringMatching(reason)]);
    expect(totals).toBeNull();
    expect(canaryHeard).toBe(0);
    expect(targetHeard).toEqual([]);
  });
});
