// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { afterEach, describe, expect, it } from 'vitest';
import { Pacer } from '../../lib/load/pacer.js';
import { requestTemplates } from '../../lib/load/request-template.js';
import { RunClock } from '../../lib/load/run-clock.js';
import { runTimeline } from '../../lib/load/run-timeline.js';
import { SecretText } from '../../lib/load/secret-text.js';
import { Shard } from '../../lib/load/shard.js';
import { COUNTERS } from '../../lib/measure/counters.js';
import type { Load, PlanRequest } from '../../lib/plan/plan.js';
import { shardRefs } from '../../lib/plan/split.js';
import { frozenFor, planFor, requestOf } from '../support/load-plans.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';

const ENV = { TOKEN: 'tok-123456', ID: '17' };
const AGENT = 'isochrone/1.2.3';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** One user, who makes so many requests one after the other. */
function each(requests: number): Load {
  return {
    kind: 'amount',
    name: null,
    requests,
    users: 1,
    capUs: 5e6,
    pace: { kind: 'none' },
  };
}

interface Sent {
  /** Request line and headers, as they came. */
  readonly lines: readonly string[];
  readonly body: Buffer;
  /** Bytes that the socket brought for this request alone. */
  readonly wireBytes: number;
  /** What the client believes to have sent. */
  readonly bytesOut: number;
}

/** Sends each request once, one after the other, to a server that keeps what it got. */
async function send(requests: readonly PlanRequest[], prefix = ''): Promise<Sent[]> {
  let received = 0;
  const got: Omit<Sent, 'bytesOut'>[] = [];
  const server = await scriptedServer(
    (socket, head, _nth, body) => {
      got.push({ lines: head.split('\r\n'), body: Buffer.from(body), wireBytes: received });
      received = 0;
      socket.write(head.startsWith('HEAD') ? answer('').replace(/ 0/, ' 2') : answer());
    },
    {
      onConnection: (socket) =>
        socket.on('data', (chunk) => {
          received += chunk.length;
        }),
    },
  );
  servers.push(server);
  const plan = planFor(`${server.url}${prefix}`, each(requests.length), { requests });
  const frozen = frozenFor({ ...plan, http: { ...plan.http, probe: false } });
  const clock = new RunClock();
  const shard = new Shard({
    frozen,
    ref: shardRefs(frozen, 0)[0]!,
    timeline: runTimeline(frozen),
    clock,
    pacer: new Pacer('timer', clock),
    env: ENV,
    userAgent: AGENT,
  });
  await shard.arm();
  clock.startAt(clock.wallMs());
  await shard.run();
  expect(shard.recorder.totals()).toMatchObject({ ok: requests.length, resent: 0 });
  expect(server.accepted(), 'one connection for all of them').toBe(1);
  const { rows } = shard.flush(true);
  return requests.map(({ name, method }, request) => {
    const mine = rows.filter((row) => row.request === request);
    const bytesOut = mine.reduce((sum, row) => sum + row.values[COUNTERS.indexOf('bytesOut')]!, 0);
    const one = got.find(({ lines }) => lines.includes(`x-name: ${name}`));
    expect(one, `${method} of ${name}`).toBeDefined();
    return { ...one!, bytesOut };
  });
}

/** A request that the server can tell from the others. */
function named(name: string, line: string, change: Partial<PlanRequest> = {}): PlanRequest {
  return {
    ...requestOf(line, change),
    name,
    headers: [['x-name', name], ...(change.headers ?? [])],
  };
}

const headersOf = ({ lines }: Sent, name: string) =>
  lines.slice(1).filter((line) => line.toLowerCase().startsWith(`${name}:`));

const utf8 = (data: string) => ({ encoding: 'utf8', data }) as const;

const REQUESTS: readonly PlanRequest[] = [
  named('plain', 'GET /a?b=c&d'),
  named('nothing to send', 'POST /'),
  named('empty', 'POST /', { body: utf8('') }),
  named('letters', 'POST /', { body: utf8('käse 🧀') }),
  named('bytes', 'PUT /', {
    body: { encoding: 'base64', data: Buffer.from([0, 255, 13, 10, 13, 10]).toString('base64') },
  }),
  named('long', 'PATCH /', { body: utf8('x'.repeat(100_000)) }),
  named('body of a GET', 'GET /', { body: utf8('q') }),
  named('head', 'HEAD /'),
  named('delete', 'DELETE /thing'),
  named('latin', 'GET /', { headers: [['x-city', 'Zürich']] }),
  named('twice', 'GET /', {
    headers: [
      ['x-tag', 'one'],
      ['x-tag', 'two'],
    ],
  }),
  named('own', 'GET /', {
    headers: [
      ['User-Agent', 'mine'],
      ['ACCEPT', 'text/html'],
      ['Host', 'shop.test'],
    ],
  }),
  named('secret', 'POST /users/${env:ID}', {
    headers: [['authorization', 'Bearer ${env:TOKEN}']],
    body: utf8('{"id":"${env:ID}"}'),
  }),
];

describe('a request on the wire', () => {
  it('is as long as it is counted, to the byte', async () => {
    const sent = await send(REQUESTS);
    expect(sent.map(({ bytesOut }) => bytesOut)).toEqual(sent.map(({ wireBytes }) => wireBytes));
  });

  it('has its request line, its body and its length', async () => {
    const sent = await send(REQUESTS);
    const byName = new Map(REQUESTS.map(({ name }, i) => [name, sent[i]!]));
    const of = (name: string) => byName.get(name)!;
    expect(of('plain').lines[0]).toBe('GET /a?b=c&d HTTP/1.1');
    expect(of('letters').body.toString()).toBe('käse 🧀');
    expect([...of('bytes').body]).toEqual([0, 255, 13, 10, 13, 10]);
    expect(of('long').body.length).toBe(100_000);
    expect(headersOf(of('latin'), 'x-city')).toEqual(['x-city: Zürich']);
    expect(headersOf(of('twice'), 'x-tag')).toEqual(['x-tag: one', 'x-tag: two']);
    for (const one of sent) {
      const { length } = one.body;
      const [method] = one.lines[0]!.split(' ');
      const said = headersOf(one, 'content-length');
      // Without a body only those that usually have one say so.
      const silent = length === 0 && !['POST', 'PUT', 'PATCH'].includes(method!);
      expect(said, one.lines[0]).toEqual(silent ? [] : [`content-length: ${length}`]);
    }
  });

  it('says who sends it, what it takes and where it goes: once, and as the plan wants it', async () => {
    const sent = await send(REQUESTS);
    for (const [i, { name }] of REQUESTS.entries()) {
      const own = name === 'own';
      const headers = (header: string) => headersOf(sent[i]!, header);
      expect(headers('user-agent')).toEqual([own ? 'User-Agent: mine' : `user-agent: ${AGENT}`]);
      expect(headers('accept')).toEqual([own ? 'ACCEPT: text/html' : 'accept: */*']);
      const host = servers.at(-1)!.url.slice('http://'.length);
      expect(headers('host').map((line) => line.slice(6))).toEqual([own ? 'shop.test' : host]);
    }
  });

  it('holds the values of ${env:NAME}, and the template knows them to hide them', async () => {
    const [sent] = await send([REQUESTS.at(-1)!]);
    expect(sent!.lines[0]).toBe('POST /users/17 HTTP/1.1');
    expect(headersOf(sent!, 'authorization')).toEqual(['authorization: Bearer tok-123456']);
    expect(sent!.body.toString()).toBe('{"id":"17"}');

    const secrets = new SecretText(ENV);
    requestTemplates(planFor('http://t.test', each(1), { requests: REQUESTS }), AGENT, secrets);
    expect(secrets.hide('no tok-123456 here')).toBe('no *** here');
  });

  it("has the target's prefix before its path", async () => {
    const paths = ['/', '/a', '/a?b', ''];
    const requests = paths.map((path) => ({ ...named(`path ${path}`, 'GET /'), path }));
    const lineOf = ({ lines }: Sent) => lines[0];
    expect((await send(requests, '/api/v1')).map(lineOf)).toEqual([
      'GET /api/v1/ HTTP/1.1',
      'GET /api/v1/a HTTP/1.1',
      'GET /api/v1/a?b HTTP/1.1',
      'GET /api/v1 HTTP/1.1',
    ]);
    expect((await send(requests)).map(lineOf)).toEqual([
      'GET / HTTP/1.1',
      'GET /a HTTP/1.1',
      'GET /a?b HTTP/1.1',
      'GET / HTTP/1.1',
    ]);
  });
});

describe('a template', () => {
  it.each([
    ['GET', true],
    ['HEAD', true],
    ['PUT', true],
    ['DELETE', true],
    ['OPTIONS', true],
    ['POST', false],
    ['PATCH', false],
  ])('of a %s may be sent a second time: %s', (method, idempotent) => {
    const plan = planFor('http://t.test', each(1), { requests: [requestOf(`${method} /`)] });
    const [template] = requestTemplates(plan, AGENT, new SecretText({}));
    expect(template!.idempotent).toBe(idempotent);
  });
});
