import { createHash } from 'node:crypto';
import { transformSync } from 'esbuild';
import { afterEach, describe, expect, it } from 'vitest';
import { ENVIRONMENT } from '../../lib/load/code-program.js';
import { LoadGuard } from '../../lib/load/load-guard.js';
import { Pacer } from '../../lib/load/pacer.js';
import { RunClock } from '../../lib/load/run-clock.js';
import { runTimeline } from '../../lib/load/run-timeline.js';
import { scenarioMeans } from '../../lib/load/scenario.js';
import { Shard, type ShardBounds } from '../../lib/load/shard.js';
import type { CodeFlow, Load, Plan } from '../../lib/plan/plan.js';
import { shardRefs } from '../../lib/plan/split.js';
import { subjectsOf } from '../../lib/plan/starts.js';
import { accountsOf, type MeasuredRun, measuredBy, step } from '../support/flow-run.js';
import { constantRate, frozenFor, planFor, requestOf } from '../support/load-plans.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(...args: Parameters<typeof scriptedServer>): Promise<ScriptedServer> {
  const server = await scriptedServer(...args);
  servers.push(server);
  return server;
}

interface Ran {
  readonly run: MeasuredRun;
  readonly shards: readonly Shard[];
}

interface How {
  readonly env?: Record<string, string>;
  readonly stopAfterMs?: number;
  readonly bounds?: ShardBounds;
}

/** One flow of this code; its requests are the names given. */
async function ranCode(
  server: ScriptedServer,
  code: string,
  requests: readonly string[],
  load: Load,
  change: Partial<Plan> = {},
  { env = {}, stopAfterMs, bounds }: How = {},
): Promise<Ran> {
  const bundle = Buffer.from(
    transformSync(`export default async ({ http, vars, data, sleep, check, log }) => { ${code} }`, {
      format: 'cjs',
      define: { 'process.env': ENVIRONMENT },
    }).code,
  );
  const sha256 = createHash('sha256').update(bundle).digest('hex');
  const flow: CodeFlow = {
    ...{ kind: 'code', name: 'own', weight: 1 },
    code: { sha256, bytes: bundle.length, file: 'own.ts' },
    requests: requests.map((_, i) => i),
  };
  const plan = planFor(server.url, load, {
    requests: requests.map((name) => step(name)),
    flows: [flow],
    ...change,
  });
  const frozen = frozenFor(plan);
  const clock = new RunClock();
  const pacer = new Pacer('timer', clock);
  const means = await scenarioMeans(plan, {
    read: async () => bundle,
    fileOf: () => '',
  });
  const timeline = runTimeline(frozen);
  const shards = shardRefs(frozen, 0).map(
    (ref) =>
      new Shard({ frozen, ref, timeline, clock, pacer, means, env, bounds, userAgent: 'test' }),
  );
  await Promise.all(shards.map((shard) => shard.arm()));
  clock.startAt(clock.wallMs());
  const running = shards.map((shard) => shard.run());
  if (stopAfterMs !== undefined) {
    setTimeout(() => {
      for (const shard of shards) shard.stop();
    }, stopAfterMs);
  }
  await Promise.all(running);
  const run = measuredBy(shards, plan);
  for (const subject of subjectsOf(plan)) {
    const accounts = accountsOf(run.of(subject));
    expect([subject, accounts.requestsSettled, accounts.iterationsSettled]).toEqual([
      subject,
      accounts.requests,
      accounts.iterations,
    ]);
  }
  return { run, shards };
}

const users = (count: number, seconds: number): Load => ({
  kind: 'closed',
  pace: { kind: 'every', everyUs: 100_000 },
  stages: [
    { name: null, warmup: false, durationUs: seconds * 1e6, fromUsers: count, toUsers: count },
  ],
});

const TOKENS = `
  const { access } = (await http.post('/token', { json: { user: 'ann' } })).json();
  await http.get('/users/' + access, {
    name: 'GET /users/ID', headers: { authorization: 'Bearer ' + access },
  });
`;

describe('a flow in code', () => {
  it('sends what it says, counted to the unit under the names that the plan lists', async () => {
    let issued = 0;
    const server = await serve((socket, head) => {
      socket.write(head.startsWith('POST') ? answer(`{"access":"t${++issued}"}`) : answer());
    });
    const names = ['POST /token', 'GET /users/ID'];
    const { run } = await ranCode(server, TOKENS, names, constantRate(100, 0.5));
    expect(run.of('flow own')).toMatchObject({ iterationsScheduled: 50, iterationsOk: 50 });
    expect(run.of('flow own').scheduled).toBe(0);
    expect(run.of('POST /token')).toMatchObject({ scheduled: 50, ok: 50, sent: 50 });
    expect(run.of('GET /users/ID')).toMatchObject({ scheduled: 50, ok: 50 });
    expect(run.times('flow own', 'iteration').count).toBe(50);
    expect(run.times('GET /users/ID', 'latency').count).toBe(50);
    const used = server.heads.flatMap((head) => /GET \/users\/(t\d+) /.exec(head)?.[1] ?? []);
    expect(new Set(used).size).toBe(50);
    expect(
      server.heads.filter((head) => head.includes('content-type: application/json')),
    ).toHaveLength(50);
  });

  it('sees its row, a user the same each time, and keeps vars and cookies as that user', async () => {
    const server = await serve((socket, head) => {
      const cookie = head.includes('cookie:') ? [] : ['set-cookie: sid=1'];
      socket.write(answer('', cookie.join('\r\n') as never));
    });
    const code = `
      vars.times = (vars.times ?? 0) + 1;
      await http.get('/' + data.people.name + '/' + vars.times, { name: 'GET /x' });
    `;
    const rows = [['ann'], ['bob'], ['cyd']];
    const people = { name: 'people', pick: 'unique', columns: ['name'], count: 3, rows } as const;
    await ranCode(server, code, ['GET /x'], users(3, 0.45), { data: [people] });
    const paths = server.heads.flatMap(
      (head) => /GET (\/(?:ann|bob|cyd)\/\d+) /.exec(head)?.[1] ?? [],
    );
    for (const [name] of rows) {
      const own = paths.filter((path) => path.startsWith(`/${name}/`));
      expect(own.length).toBeGreaterThan(2);
      expect(own).toEqual(own.map((_, i) => `/${name}/${i + 1}`));
    }
  });

  it('counts its checks by their texts, and goes on where one does not hold', async () => {
    const server = await serve((socket) => socket.write(answer('abc')));
    const code = `
      const { status, body } = await http.get('/');
      check('is good', status === 200);
      check('is long', body.length > 3);
    `;
    const { run } = await ranCode(server, code, ['GET /'], constantRate(50, 0.2));
    expect(run.of('flow own')).toMatchObject({ iterationsOk: 10, iterationsFailed: 0 });
    expect(run.content.checks).toEqual([
      { request: 1, text: 'is good', passed: 10, failed: 0 },
      { request: 1, text: 'is long', passed: 0, failed: 10 },
    ]);
  });

  it('fails with a request that failed, unless it catches that', async () => {
    const server = await serve((socket) =>
      socket.write('HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n'),
    );
    const load = constantRate(50, 0.2);
    const { run } = await ranCode(server, "await http.get('/')", ['GET /'], load);
    expect(run.of('flow own')).toMatchObject({ iterationsFailed: 10, iterationsOk: 0 });
    expect(run.of('GET /')).toMatchObject({ failed: 10 });
    expect(run.content.errors.map(({ code, count }) => [code, count])).toEqual([[1500, 10]]);
    const caught = await ranCode(server, "await http.get('/').catch(() => 0)", ['GET /'], load);
    expect(caught.run.of('flow own')).toMatchObject({ iterationsFailed: 0, iterationsOk: 10 });
    expect(caught.run.of('GET /')).toMatchObject({ failed: 10 });
  });

  it('that throws has failed in a class of its own, and its secrets are hidden', async () => {
    const server = await serve((socket) => socket.write(answer('{')));
    const code = `
      const { TOKEN } = process.env;
      log('with', TOKEN);
      check('has ' + TOKEN, true);
      await http.get('/', { headers: { authorization: 'Bearer ' + TOKEN } });
      throw new Error('no way with ' + TOKEN);
    `;
    const env = { TOKEN: 'planted-s3cret' };
    const { run, shards } = await ranCode(
      server,
      code,
      ['GET /'],
      constantRate(50, 0.2),
      {},
      { env },
    );
    expect(run.of('flow own')).toMatchObject({ iterationsFailed: 10 });
    expect(server.heads.filter((head) => head.includes('Bearer planted-s3cret'))).toHaveLength(10);
    expect(run.content.errors).toMatchObject([{ code: 1730, count: 10, request: 1 }]);
    expect(run.content.errors[0]!.sample).toContain('no way with ***');
    expect(shards[0]!.facts().code![0]!.logs[0]).toBe('with ***');
    const told = JSON.stringify([run.content, shards.map((shard) => shard.facts())]);
    expect(told).not.toContain('planted');
  });

  it('has failed where it sends what the plan does not list, and nothing is sent', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const code = "await http.get('/secret-door').catch(() => {})";
    const { run } = await ranCode(server, code, ['GET /'], constantRate(50, 0.2));
    expect(run.of('flow own')).toMatchObject({ iterationsFailed: 10 });
    expect(run.content.errors).toMatchObject([{ code: 1731, count: 10 }]);
    expect(server.heads.filter((head) => head.includes('secret-door'))).toEqual([]);
  });

  it('is told how long it kept the thread', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const code = `
      await http.get('/');
      const from = performance.now();
      while (performance.now() - from < 30);
    `;
    const { shards } = await ranCode(server, code, ['GET /'], constantRate(20, 0.2));
    const [use] = shards[0]!.facts().code!;
    expect(use).toMatchObject({ flow: 'own', turns: 8, hogs: 4 });
    expect(use!.longestUs).toBeGreaterThanOrEqual(30_000);
  });

  it('that never ends is cut at the deadline, or by a stop, and sends nothing afterwards', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const code = "for (;;) { await http.get('/'); await sleep(20); }";
    const names = ['GET /'];
    const stopped = await ranCode(
      server,
      code,
      names,
      constantRate(20, 0.5),
      {},
      { stopAfterMs: 300 },
    );
    const { iterationsScheduled, iterationsCutStop } = stopped.run.of('flow own');
    expect([iterationsScheduled, iterationsCutStop]).toEqual([6, 6]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.heads.length).toBeLessThanOrEqual(stopped.run.of('GET /').sent);
    const late = await ranCode(server, code, names, constantRate(20, 0.2));
    expect(late.run.of('flow own')).toMatchObject({
      iterationsScheduled: 4,
      iterationsCutDeadline: 4,
    });
  });

  it('belongs together with requests that it did not wait for', async () => {
    const server = await serve((socket) => setTimeout(() => socket.write(answer()), 30));
    const code = "http.get('/'); await Promise.all([http.get('/'), http.get('/')]);";
    const { run } = await ranCode(server, code, ['GET /'], constantRate(20, 0.2));
    expect(run.of('flow own')).toMatchObject({ iterationsOk: 4 });
    expect(run.of('GET /')).toMatchObject({ ok: 12 });
  });
});

describe('a flow in code on a machine that was lent', () => {
  const guard = new LoadGuard({
    allowedHosts: ['127.0.0.1'],
    allowedNetworks: ['127.0.0.0/8'],
    run: 'lent',
  });
  const bounds: ShardBounds = { guard, maxRate: 40, secrets: {} };

  /** Never more of these instants, ms, within a second than the limit; timers and sockets blur it. */
  function expectHeld(atMs: readonly number[], perSecond: number): void {
    atMs.forEach((ms, i) => {
      if (i >= perSecond) expect(ms - atMs[i - perSecond]!).toBeGreaterThan(750);
    });
  }

  it.each<[string, Load]>([
    ['by a rate', constantRate(20, 2)],
    ['by users', users(5, 2)],
  ])('sends no more than one worker may, however it loops: %s', async (_, load) => {
    const atMs: number[] = [];
    const server = await serve((socket) => {
      atMs.push(performance.now());
      socket.write(answer());
    });
    const code = "for (;;) await Promise.all([http.get('/'), http.get('/')]);";
    const { run, shards } = await ranCode(server, code, ['GET /'], load, {}, { bounds });
    expect(atMs.length).toBeGreaterThan(60);
    const { sent, cutDeadline, droppedGenerator, droppedTarget } = run.of('GET /');
    // What was cut may have been written too late to be heard.
    expect(sent).toBeGreaterThanOrEqual(atMs.length);
    expect(sent - cutDeadline).toBeLessThanOrEqual(atMs.length);
    expectHeld(atMs, 40);
    expect(shards[0]!.facts().held).toBeGreaterThan(20);
    expect(cutDeadline + droppedGenerator + droppedTarget).toBeGreaterThan(0);
    expect(run.of('flow own').iterationsOk).toBe(0);
  });

  it('shares that with all else in its plan, and a redirect counts as what it may become', async () => {
    const atMs: number[] = [];
    const server = await serve((socket, head) => {
      atMs.push(performance.now());
      const more = /GET \/there/.test(head) ? '' : 'location: /there\r\n';
      socket.write(answer('', more === '' ? 200 : 302, more));
    });
    const code = "for (;;) await http.get('/');";
    const { run } = await ranCode(
      server,
      code,
      ['GET /', 'GET /plain'],
      constantRate(10, 2),
      {
        requests: [
          step('GET /', { followRedirects: 1 }),
          requestOf('GET /plain', { followRedirects: 1 }),
        ],
      },
      { bounds },
    );
    expectHeld(atMs, 40);
    expect(run.of('GET /plain').scheduled).toBe(10);
    expect(run.of('GET /').redirects).toBeGreaterThan(10);
    const { written, cut } = shardTotals(run);
    // What was cut may have been written too late to be heard.
    expect(written).toBeGreaterThanOrEqual(atMs.length);
    expect(written - cut).toBeLessThanOrEqual(atMs.length);
  });

  it('is stopped like any other: what waited for its turn is cut', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const code = "for (;;) await http.get('/');";
    const { run } = await ranCode(
      server,
      code,
      ['GET /'],
      users(30, 5),
      {},
      { bounds, stopAfterMs: 400 },
    );
    const { sent, cutStop } = run.of('GET /');
    expect(sent).toBeGreaterThan(30);
    expect(sent).toBeLessThanOrEqual(40);
    expect(cutStop).toBe(30);
  });
});

function shardTotals(run: MeasuredRun): { readonly written: number; readonly cut: number } {
  const both = [run.of('GET /'), run.of('GET /plain')];
  return {
    written: both.reduce((sum, { sent, redirects }) => sum + sent + redirects, 0),
    cut: both.reduce((sum, { cutDeadline }) => sum + cutDeadline, 0),
  };
}
