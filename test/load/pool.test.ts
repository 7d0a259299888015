import { afterEach, describe, expect, it, vi } from 'vitest';
import { AddressBook } from '../../lib/load/address-book.js';
import { Pool } from '../../lib/load/pool.js';
import { requestTemplates } from '../../lib/load/request-template.js';
import { RoundTrips } from '../../lib/load/round-trips.js';
import { RunClock } from '../../lib/load/run-clock.js';
import { SecretText } from '../../lib/load/secret-text.js';
import type { FragmentContent, HistogramMetric } from '../../lib/measure/fragment-content.js';
import { Recorder } from '../../lib/measure/recorder.js';
import { Timeline, timelineOf } from '../../lib/measure/timeline.js';
import type { Plan, PlanRequest } from '../../lib/plan/plan.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const GET: PlanRequest = {
  name: 'GET /',
  method: 'GET',
  path: '/',
  weight: 1,
  headers: [],
  body: null,
  expect: null,
  timeoutUs: 300_000,
};

interface Rig {
  readonly pool: Pool;
  readonly recorder: Recorder;
  /** Submits requests, due now; resolves when all have ended. */
  send(count: number, request?: number): Promise<void>;
  content(): FragmentContent;
}

function rig(
  url: string,
  options: { requests?: PlanRequest[]; ceiling?: number; floor?: number; insecure?: boolean } = {},
): Rig {
  const requests = options.requests ?? [GET];
  const target = new URL(url);
  const clock = new RunClock();
  const timeline = new Timeline(
    timelineOf([{ startUs: 0, endUs: 10_000_000, warmup: false }], 10_000_000),
  );
  const identity = { run: 'r', region: 'local', leg: 0, n: 0, attempt: 1 };
  const recorder = new Recorder({ identity, timeline, requests: requests.map((r) => r.name) });
  const book = new AddressBook(target.hostname, undefined, () => {});
  const plan = { target: url, requests } as unknown as Plan;
  const pool = new Pool({
    destination: {
      host: target.hostname,
      port: Number(target.port),
      secure: target.protocol === 'https:',
      insecure: options.insecure ?? false,
      timeoutUs: 1_000_000,
    },
    clock,
    recorder,
    book,
    roundTrips: new RoundTrips(),
    templates: requestTemplates(plan, 'test', new SecretText({})),
    hide: (text) => text,
    floor: options.floor ?? 0,
    ceiling: options.ceiling ?? 100,
  });
  const sweeping = setInterval(() => pool.sweep(), 5);
  closing.push(() => {
    clearInterval(sweeping);
    pool.close();
  });
  return {
    pool,
    recorder,
    send: (count, request = 0) =>
      new Promise((resolve) => {
        let left = count;
        const owner = { ended: () => --left === 0 && resolve() };
        for (let i = 0; i < count; i++) {
          const nowUs = clock.nowUs();
          const job = pool.spare();
          job.begin(request, timeline.windowAt(nowUs), nowUs, nowUs, owner);
          recorder.scheduled(job.window, request);
          pool.submit(job);
        }
      }),
    content: () => recorder.flush(clock.nowUs(), true),
  };
}

async function server(...args: Parameters<typeof scriptedServer>): Promise<ScriptedServer> {
  const made = await scriptedServer(...args);
  closing.push(() => made.close());
  return made;
}

function sum(content: FragmentContent, metric: HistogramMetric): number {
  return content.histograms
    .filter((entry) => entry.metric === metric && entry.span !== 'window')
    .reduce((total, entry) => total + entry.histogram.sumUs, 0);
}

describe('an answer', () => {
  it('is good below 400 and its wait and service add up to its latency, to the microsecond', async () => {
    const target = await server((socket) => setTimeout(() => socket.write(answer()), 20));
    const { send, recorder, content } = rig(target.url, { ceiling: 2 });
    await send(10);
    expect(recorder.totals()).toMatchObject({ scheduled: 10, ok: 10, sent: 10, answered: 10 });
    const seen = content();
    const wait = sum(seen, 'lag') + sum(seen, 'blocked') + sum(seen, 'setup');
    expect(sum(seen, 'latency')).toBe(wait + sum(seen, 'service'));
    expect(sum(seen, 'service')).toBe(sum(seen, 'firstByte') + sum(seen, 'body'));
    // Eight of ten waited for a connection that others held for 20 ms at a time.
    expect(sum(seen, 'blocked')).toBeGreaterThan(sum(seen, 'service'));
  });

  it('counts its first byte from the final response, not from an interim one', async () => {
    const target = await server((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n');
      setTimeout(() => socket.write(answer()), 30);
    });
    const { send, content } = rig(target.url);
    await send(1);
    const seen = content();
    expect(sum(seen, 'firstByte')).toBeGreaterThanOrEqual(25_000);
    expect(sum(seen, 'body')).toBeLessThan(25_000);
  });

  it('keeps its connection, after HEAD too', async () => {
    const target = await server((socket) =>
      socket.write('HTTP/1.1 200 X\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\n'),
    );
    const { send, recorder } = rig(target.url, {
      requests: [{ ...GET, method: 'HEAD' }],
      ceiling: 1,
    });
    for (let i = 0; i < 5; i++) await send(1);
    expect(recorder.totals().ok).toBe(5);
    expect(target.accepted()).toBe(1);
  });

  it('of a server that closes after each answer costs a connection each, and fails nothing', async () => {
    const target = await server((socket) => socket.end(answer('ok', 200, 'connection: close\r\n')));
    const { send, recorder, content } = rig(target.url, { ceiling: 1 });
    await send(4);
    expect(recorder.totals()).toMatchObject({ ok: 4, failed: 0, resent: 0 });
    expect(target.accepted()).toBe(4);
    expect(content().histograms.find((h) => h.metric === 'setup')?.histogram.count).toBe(4);
  });

  it('carries the body and its length', async () => {
    const bodies: string[] = [];
    const target = await server((socket, _head, _nth, body) => {
      bodies.push(body.toString());
      socket.write(answer());
    });
    const post = { ...GET, method: 'POST', body: { encoding: 'utf8' as const, data: 'größe' } };
    await rig(target.url, { requests: [post] }).send(1);
    expect(bodies).toEqual(['größe']);
    expect(target.heads[0]).toContain('content-length: 7');
  });
});

describe('a failure', () => {
  const cases: [name: string, code: number, script: Parameters<typeof scriptedServer>[0]][] = [
    ['a status of 404', 1404, (socket) => socket.write(answer('gone', 404))],
    ['a status of 503', 1503, (socket) => socket.write(answer('busy', 503))],
    ['garbage instead of HTTP', 1230, (socket) => socket.write('SSH-2.0-OpenSSH\r\n')],
    ['a close before the headers', 1220, (socket) => socket.end()],
    ['a reset before the headers', 1220, (socket) => socket.resetAndDestroy()],
    ['a close within the headers', 1220, (socket) => socket.end('HTTP/1.1 200 X\r\ncontent-le')],
    [
      'a truncated body',
      1232,
      (socket) => socket.end('HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nhalf'),
    ],
    [
      'headers without an end',
      1231,
      (socket) => socket.write(`HTTP/1.1 200 X\r\na: ${'b'.repeat(20_000)}\r\n`),
    ],
    ['no answer at all', 1050, () => {}],
    [
      'a body that never ends',
      1050,
      (socket) => socket.write('HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nhalf'),
    ],
  ];
  it.each(cases)('by %s is of class %i, with a message', async (_name, code, script) => {
    const target = await server(script);
    const { send, recorder, content } = rig(target.url, { ceiling: 1 });
    await send(1);
    expect(recorder.totals()).toMatchObject({ ok: 0, failed: 1, sent: 1 });
    const [error] = content().errors;
    expect(error).toMatchObject({ code, count: 1 });
    expect(error?.message).not.toBe('');
  });

  it('by a refused connection fails every waiting request, unsent', async () => {
    const target = await server(() => {});
    await target.close();
    const { send, recorder, content } = rig(target.url);
    await send(30);
    expect(recorder.totals()).toMatchObject({ failed: 30, unsent: 30, sent: 0 });
    expect(content().errors).toMatchObject([{ code: 1212, count: 30 }]);
  });

  it('by an unknown host is of class 1101', async () => {
    const { send, content } = rig('http://nowhere.invalid:80');
    await send(2);
    // Which of the two a resolver says depends on whether it can ask anybody.
    expect([1100, 1101]).toContain(content().errors[0]?.code);
  });

  it('by a certificate that nobody vouches for is of class 1310, unless insecure is asked for', async () => {
    const target = await server((socket) => socket.write(answer()), { tls: true });
    const strict = rig(target.url);
    await strict.send(1);
    expect(strict.content().errors).toMatchObject([{ code: 1310 }]);
    const lax = rig(target.url, { insecure: true });
    await lax.send(3);
    expect(lax.recorder.totals()).toMatchObject({ ok: 3, failed: 0 });
  });

  it('by an expectation names what was expected and keeps the beginning of the body', async () => {
    const target = await server((socket) => socket.write(answer('nothing here', 200, 'x: y\r\n')));
    const expecting = (expectation: Partial<NonNullable<PlanRequest['expect']>>): PlanRequest => ({
      ...GET,
      name: JSON.stringify(expectation),
      expect: { status: null, headers: [], body: [], ...expectation },
    });
    const { send, recorder, content } = rig(target.url, {
      requests: [
        expecting({ status: [[201, 201]] }),
        expecting({ headers: [{ name: 'X', value: { kind: 'contains', text: 'z' } }] }),
        expecting({ body: [{ kind: 'regex', source: '^some', flags: '' }] }),
        expecting({ status: [[200, 299]], body: [{ kind: 'contains', text: 'nothing' }] }),
      ],
    });
    for (let request = 0; request < 4; request++) await send(1, request);
    expect(recorder.totals()).toMatchObject({ ok: 1, failed: 3 });
    expect(content().errors).toMatchObject([
      { code: 1710, message: 'expected another status than 200', sample: 'nothing here' },
      { code: 1711, message: 'expected header x to contain "z"' },
      { code: 1712, message: 'expected the body to match /^some/', sample: 'nothing here' },
    ]);
  });
});

describe('a reused connection that dies before it answers', () => {
  const dying: Parameters<typeof scriptedServer>[0] = (socket, _head, nth) => {
    if (nth === 1) socket.write(answer());
    else socket.destroy();
  };

  it('has its request sent once more on another, if that does nothing twice', async () => {
    const target = await server(dying);
    const { send, recorder } = rig(target.url, { ceiling: 1 });
    await send(1);
    await send(1);
    expect(recorder.totals()).toMatchObject({ ok: 2, failed: 0, sent: 2, resent: 1 });
    expect(target.heads).toHaveLength(3);
  });

  it('fails a POST as stale, for nobody knows whether it was carried out', async () => {
    const target = await server(dying);
    const { send, recorder, content } = rig(target.url, {
      ceiling: 1,
      requests: [{ ...GET, method: 'POST' }],
    });
    await send(1);
    await send(1);
    expect(recorder.totals()).toMatchObject({ ok: 1, failed: 1, resent: 0 });
    expect(content().errors).toMatchObject([{ code: 1221 }]);
  });
});

describe('the pool', () => {
  it('never opens more than its ceiling and serves in the order of arrival', async () => {
    const target = await server((socket) => setTimeout(() => socket.write(answer()), 5));
    const { pool, send, recorder } = rig(target.url, { ceiling: 3 });
    await send(30);
    expect(recorder.totals().ok).toBe(30);
    expect(target.accepted()).toBe(3);
    expect(pool.facts).toMatchObject({ peak: 3, ceilingReached: true });
  });

  it('opens its floor ahead, eight at a time', async () => {
    let opening = 0;
    const target = await server(() => {}, { onConnection: () => opening++ });
    const { pool } = rig(target.url, { floor: 20 });
    await pool.openAhead();
    expect(pool.open).toBe(20);
    // The kernel completes a connect before the server accepts it.
    await vi.waitFor(() => expect(opening).toBe(20));
  });

  it('settles when the connections ahead are refused', async () => {
    const target = await server(() => {});
    await target.close();
    const { pool } = rig(target.url, { floor: 4 });
    await pool.openAhead();
    expect(pool.open).toBe(0);
  });

  it('cuts what is in flight and drops what waits, to the unit', async () => {
    const target = await server(() => {});
    const { pool, send, recorder } = rig(target.url, {
      ceiling: 2,
      requests: [{ ...GET, timeoutUs: 9e9 }],
    });
    void send(10);
    while (target.heads.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    pool.cut('deadline');
    expect(recorder.totals()).toMatchObject({ scheduled: 10, cutDeadline: 2, droppedTarget: 8 });
    expect(recorder.inFlight).toBe(0);
  });
});
