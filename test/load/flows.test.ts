import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { Histogram } from '../../lib/measure/histogram.js';
import { forecast, requestsOf } from '../../lib/plan/forecast.js';
import type { Load, Plan } from '../../lib/plan/plan.js';
import { subjectsOf } from '../../lib/plan/starts.js';
import {
  accountsOf,
  flowOf,
  type MeasuredRun,
  measuredBy,
  pause,
  repeat,
  send,
  step,
} from '../support/flow-run.js';
import { constantRate, frozenFor, planFor, requestOf } from '../support/load-plans.js';
import { quietMedian } from '../support/quiet-rounds.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';
import { runShards } from '../support/shard-run.js';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(...args: Parameters<typeof scriptedServer>): Promise<ScriptedServer> {
  const server = await scriptedServer(...args);
  servers.push(server);
  return server;
}

/** Gives a new token to each POST, and an empty answer to all else. */
function tokens(tokenOf: (nth: number) => string = (n) => `{"access":"t${n}"}`) {
  let issued = 0;
  return serve((socket, head) => {
    socket.write(head.startsWith('POST') ? answer(tokenOf(++issued)) : answer());
  });
}

const LOGIN: Partial<Plan> = {
  requests: [
    step('POST /token', { captures: [{ name: 'token', from: 'json', path: '$.access' }] }),
    step('GET /users', { headers: [['authorization', 'Bearer {{ token }}']], templated: true }),
  ],
  flows: [flowOf('login', [send(0), send(1)])],
};

function users(count: number, seconds: number, pace: { everyMs?: number } = {}): Load {
  const { everyMs } = pace;
  return {
    kind: 'closed',
    pace: everyMs ? { kind: 'every', everyUs: everyMs * 1000 } : { kind: 'none' },
    stages: [
      { name: null, warmup: false, durationUs: seconds * 1e6, fromUsers: count, toUsers: count },
    ],
  };
}

/** To the unit, in each request and each flow. */
function expectBalanced(run: MeasuredRun, plan: Plan): void {
  for (const subject of subjectsOf(plan)) {
    const { requests, requestsSettled, iterations, iterationsSettled } = accountsOf(
      run.of(subject),
    );
    expect([subject, requestsSettled, iterationsSettled]).toEqual([subject, requests, iterations]);
  }
}

describe('a flow', () => {
  it('sends its steps one after the other, and takes along what it captured', async () => {
    const server = await tokens();
    const plan = planFor(server.url, constantRate(100, 0.5), LOGIN);
    const run = measuredBy(await runShards(frozenFor(plan)), plan);
    expect(run.of('flow login')).toMatchObject({ iterationsScheduled: 50, iterationsOk: 50 });
    expect(run.of('POST /token')).toMatchObject({ ok: 50, iterationsScheduled: 0 });
    expect(run.of('GET /users')).toMatchObject({ ok: 50, iterationsScheduled: 0 });
    const used = server.heads.flatMap((head) => /Bearer (t\d+)/.exec(head)?.[1] ?? []);
    expect(new Set(used).size).toBe(50);
  });

  it('waits where it pauses, and its iteration is the whole of it, from its scheduled start', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const plan = planFor(server.url, constantRate(40, 0.5), {
      requests: [step('GET /a'), step('GET /b')],
      flows: [flowOf('slow', [send(0), pause(60, 90), send(1), pause(30)])],
    });
    const run = measuredBy(await runShards(frozenFor(plan)), plan);
    const iteration = run.times('flow slow', 'iteration');
    expect(iteration.count).toBe(20);
    expect(iteration.minUs).toBeGreaterThanOrEqual(90_000);
    // A step is due when its pause is over: the pause is in no latency.
    expect(run.times('GET /b', 'latency').percentileUs(5000)).toBeLessThan(60_000);
  });

  it('repeats steps as often as the plan says', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const plan = planFor(server.url, constantRate(40, 0.5), {
      requests: [step('GET /a'), step('GET /b'), step('GET /c')],
      flows: [flowOf('browse', [send(0), repeat(3, send(1), repeat(2, send(2)))])],
    });
    const run = measuredBy(await runShards(frozenFor(plan)), plan);
    expect(run.of('GET /a').ok).toBe(20);
    expect(run.of('GET /b').ok).toBe(60);
    expect(run.of('GET /c').ok).toBe(120);
    expect(run.of('flow browse').iterationsOk).toBe(20);
  });

  it('shares one pool of weights with plain requests: counts are those of the plan, stage by stage', async () => {
    const server = await tokens();
    const load: Load = {
      kind: 'open',
      stages: [
        { name: null, warmup: true, durationUs: 300_000, fromRate: 60, toRate: 60 },
        { name: 'ramp', warmup: false, durationUs: 600_000, fromRate: 0, toRate: 200 },
        { name: 'hold', warmup: false, durationUs: 500_000, fromRate: 200, toRate: 200 },
      ],
    };
    const plan = planFor(server.url, load, {
      ...LOGIN,
      requests: [...LOGIN.requests!, requestOf('GET /', { weight: 3 }), step('GET /c')],
      flows: [...LOGIN.flows!, flowOf('other', [repeat(2, send(3))], 2)],
    });
    const frozen = frozenFor(plan, { workers: 3 });
    const run = measuredBy(await runShards(frozen), plan);
    const planned = forecast(frozen).starts![0]!;
    const iterations = subjectsOf(plan).map((_, i) =>
      planned.reduce((sum, stage) => sum + stage[i]!, 0),
    );
    const seen = subjectsOf(plan).map((subject) => run.of(subject).iterationsOk);
    expect(seen).toEqual(iterations);
    expect(seen[2]! / seen[5]!).toBeCloseTo(1.5, 1);
    expect(subjectsOf(plan).map((subject) => run.of(subject).ok)).toEqual(
      requestsOf(frozen, iterations),
    );
  });

  it('ends where a step fails: what comes after it is never scheduled', async () => {
    const server = await serve((socket, head) => {
      socket.write(answer('no', head.includes('/bad') ? 500 : 200));
    });
    const plan = planFor(server.url, constantRate(40, 0.5), {
      requests: [step('GET /a'), step('GET /bad'), step('GET /c')],
      flows: [flowOf('broken', [send(0), send(1), send(2)])],
    });
    const run = measuredBy(await runShards(frozenFor(plan)), plan);
    expect(run.of('flow broken')).toMatchObject({ iterationsScheduled: 20, iterationsFailed: 20 });
    expect(run.of('GET /bad').failed).toBe(20);
    expect(run.of('GET /c').scheduled).toBe(0);
    expectBalanced(run, plan);
  });
});

describe('a capture', () => {
  it('that is missing in one of a hundred answers fails one iteration, and shows why', async () => {
    const server = await tokens((n) =>
      n === 37 ? '{"error":"out of tokens"}' : `{"access":"t${n}"}`,
    );
    const plan = planFor(server.url, constantRate(100, 1), LOGIN);
    const run = measuredBy(await runShards(frozenFor(plan)), plan);
    expect(run.of('flow login')).toMatchObject({
      iterationsScheduled: 100,
      iterationsOk: 99,
      iterationsFailed: 1,
    });
    expect(run.of('GET /users').scheduled).toBe(99);
    expect(run.content.errors).toMatchObject([
      { code: 1720, count: 1, request: 0, sample: '{"error":"out of tokens"}' },
    ]);
    expect(run.content.errors[0]!.message).toContain('token was to be captured');
  });

  it('is taken out of the samples of answers that are bad for other reasons, too', async () => {
    const token = 'tkn-0123456789abcdef';
    const server = await serve((socket, head) => {
      const body = `{"why":"no","access":"${token}","filler":"${'.'.repeat(600)}"}`;
      if (head.includes('/status')) socket.write(answer(body, 503, 'x-id: id-77-0123456789\r\n'));
      else if (head.includes('/packed')) {
        const packed = gzipSync(body);
        socket.write(
          `HTTP/1.1 500 X\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`,
        );
        socket.write(packed);
      } else socket.write(answer(body));
    });
    const captures = [
      { name: 'other', from: 'json', path: '$.other' },
      { name: 'token', from: 'json', path: '$.access' },
    ] as const;
    const plan = planFor(server.url, constantRate(60, 0.2), {
      requests: [
        step('POST /missing', { captures }),
        step('POST /status', { captures }),
        step('POST /packed', { captures }),
      ],
      flows: [0, 1, 2].map((i) => flowOf(`f${i}`, [send(i)])),
    });
    const run = measuredBy(await runShards(frozenFor(plan)), plan);
    const { errors } = run.content;
    expect(errors.map(({ code }) => code).sort()).toEqual([1500, 1503, 1720]);
    for (const { sample } of errors) {
      // It still shows why.
      expect(sample).toMatch(/^\{"why":"no","access":"\*\*\*","filler":"\.+$/);
      expect(sample!.length).toBeLessThanOrEqual(500);
    }
  });

  it('that cannot stand where it is put makes a request that is never sent', async () => {
    const server = await tokens(() => '{"access":"a\\r\\nx: y"}');
    const plan = planFor(server.url, constantRate(20, 0.5), LOGIN);
    const run = measuredBy(await runShards(frozenFor(plan)), plan);
    expect(run.of('flow login')).toMatchObject({ iterationsScheduled: 10, iterationsFailed: 10 });
    expect(run.of('GET /users')).toMatchObject({ scheduled: 10, failed: 10, unsent: 10, sent: 0 });
    expect(run.content.errors).toMatchObject([{ code: 1722, count: 10 }]);
    expect(server.heads.every((head) => !/\nx: y/.test(head))).toBe(true);
  });
});

describe('a request that is filled in', () => {
  it('is its own iteration, and another one each time', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const plan = planFor(server.url, constantRate(100, 0.5), {
      requests: [requestOf('GET /{{uuid}}', { templated: true, path: '/{{ uuid }}' })],
    });
    const run = measuredBy(await runShards(frozenFor(plan)), plan);
    expect(run.of('GET /{{uuid}}')).toMatchObject({ ok: 50, iterationsOk: 50 });
    expect(new Set(server.heads.map((head) => head.split(' ')[1])).size).toBe(50);
  });

  it('is another one in every worker of every region', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const plan = planFor(server.url, constantRate(300, 0.5), {
      regions: ['here', 'there'].map((name) => ({ name, share: 1, workers: null })),
      requests: [requestOf('GET /x', { templated: true, path: '/{{ uuid }}' })],
    });
    await runShards(frozenFor(plan, { workers: 3 }));
    expect(server.heads).toHaveLength(150);
    expect(new Set(server.heads.map((head) => head.split(' ')[1])).size).toBe(150);
  });

  it('draws the same values from the same seed, whatever the answers', async () => {
    const paths = async () => {
      const server = await serve((socket) => socket.write(answer()));
      const plan = planFor(server.url, constantRate(60, 0.5), {
        requests: [requestOf('GET /x', { templated: true, path: '/{{ int(1, 1000000) }}' })],
      });
      await runShards(frozenFor(plan, { workers: 2 }));
      return server.heads.map((head) => head.split(' ')[1]!).sort();
    };
    expect(await paths()).toEqual(await paths());
  });
});

const NAMES = {
  columns: ['name'],
  rows: (n: number) => Array.from({ length: n }, (_, i) => [`u${i}`]),
};

function withNames(count: number): Partial<Plan> {
  return {
    requests: [
      step('GET /a', { templated: true, path: '/a/{{ names.name }}' }),
      step('GET /b', { templated: true, path: '/b/{{ names.name }}' }),
      step('GET /c', { templated: true, path: '/c/{{ names.name }}' }),
    ],
    flows: [flowOf('one', [send(0), send(1)], 2), flowOf('two', [send(2)])],
    data: [
      { name: 'names', pick: 'unique', count, columns: NAMES.columns, rows: NAMES.rows(count) },
    ],
  };
}

describe('rows that are used once', () => {
  it('go to the iterations of all shards and both flows, each to one, which keeps it', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const plan = planFor(server.url, constantRate(300, 1), {
      ...withNames(300),
      arrivals: 'poisson',
    });
    const frozen = frozenFor({ ...plan, data: withNames(1000).data! }, { workers: 3 });
    await runShards(frozen);
    const used = (letter: string) =>
      server.heads.flatMap((head) => new RegExp(`/${letter}/u(\\d+) `).exec(head)?.[1] ?? []);
    const total = frozen.arrivalsPerSecond!.reduce((sum, n) => sum + n, 0);
    const rows = [...used('a'), ...used('c')].map(Number).sort((a, b) => a - b);
    expect(rows).toEqual(Array.from({ length: total }, (_, i) => i));
    expect(used('b').sort()).toEqual(used('a').sort());
  });

  it('stay with their users: 200 over 8 shards hold 200 of them', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const plan = planFor(server.url, users(200, 1), withNames(200));
    await runShards(frozenFor(plan, { workers: 8 }));
    const names = server.heads.map((head) => /u\d+/.exec(head)![0]);
    expect(new Set(names).size).toBe(200);
    expect(names.length).toBeGreaterThan(400);
  });
});

describe('users', () => {
  it('keep their connection and their cookies from one iteration to the next', async () => {
    let visitors = 0;
    const connections = new Map<object, Set<string>>();
    const server = await serve((socket, head) => {
      const cookie = /^cookie: id=(\d+)/m.exec(head)?.[1];
      const id = cookie ?? `${++visitors}`;
      connections.set(socket, (connections.get(socket) ?? new Set()).add(id));
      socket.write(answer('ok', 200, cookie ? '' : `set-cookie: id=${id}\r\n`));
    });
    const plan = planFor(server.url, users(6, 0.5), {
      requests: [step('GET /a'), step('GET /b')],
      flows: [flowOf('visit', [send(0), pause(5, 20), send(1)])],
    });
    const run = measuredBy(await runShards(frozenFor(plan, { workers: 2 })), plan);
    expect(run.of('flow visit').iterationsOk).toBeGreaterThan(12);
    expect(visitors).toBe(6);
    expect([...connections.values()].map((ids) => ids.size)).toEqual(new Array(6).fill(1));
  });

  it('send all that they begin over their own connection, plain requests too', async () => {
    const server = await serve((socket) => socket.write(answer()));
    const plan = planFor(server.url, users(5, 0.5), {
      requests: [
        requestOf('GET /plain'),
        requestOf('GET /filled', { templated: true, path: '/{{ uuid }}' }),
        step('GET /a'),
      ],
      flows: [flowOf('visit', [send(2), pause(2, 5), send(2)])],
    });
    const run = measuredBy(await runShards(frozenFor(plan)), plan);
    expect(run.of('GET /plain').ok).toBeGreaterThan(10);
    expect(run.of('GET /filled').ok).toBeGreaterThan(10);
    expect(run.of('flow visit').iterationsOk).toBeGreaterThan(10);
    // One is the probe's, and one more may be.
    expect(server.accepted()).toBeLessThanOrEqual(5 + 2);
    expectBalanced(run, plan);
  });

  it('of an open model are new each time', async () => {
    let visitors = 0;
    const server = await serve((socket, head) => {
      const known = /^cookie: id=/m.test(head);
      if (!known) visitors++;
      socket.write(answer('ok', 200, known ? '' : `set-cookie: id=${visitors}\r\n`));
    });
    const plan = planFor(server.url, constantRate(40, 0.5), {
      requests: [step('GET /a'), step('GET /b')],
      flows: [flowOf('visit', [send(0), send(1)])],
    });
    await runShards(frozenFor(plan));
    expect(visitors).toBe(20);
    expect(server.heads).toHaveLength(40);
  });

  it('work off a fixed amount of flows', async () => {
    const server = await tokens();
    const load: Load = {
      kind: 'amount',
      name: null,
      requests: 31,
      users: 4,
      capUs: 10e6,
      pace: { kind: 'none' },
    };
    const plan = planFor(server.url, load, LOGIN);
    const run = measuredBy(await runShards(frozenFor(plan, { workers: 2 })), plan);
    expect(run.of('flow login')).toMatchObject({ iterationsScheduled: 31, iterationsOk: 31 });
    expect(run.of('GET /users').ok).toBe(31);
  });

  it('with `every` begin their flows by their own schedule', async () => {
    const server = await tokens();
    const plan = planFor(server.url, users(5, 0.5, { everyMs: 50 }), LOGIN);
    const frozen = frozenFor(plan);
    const run = measuredBy(await runShards(frozen), plan);
    expect(run.of('flow login').iterationsOk).toBe(50);
    expect(run.of('flow login').iterationsOk).toBe(
      forecast(frozen)
        .starts!.flat(2)
        .reduce((a, b) => a + b),
    );
  });
});

describe('flows that are not finished', () => {
  /** Answers the first step at once, the second never. */
  const mute = () => serve((socket, head) => void (head.includes('/a') && socket.write(answer())));
  const TWO: Partial<Plan> = {
    requests: [step('GET /a'), step('GET /b', { timeoutUs: 300_000 })],
    flows: [flowOf('two', [send(0), send(1)])],
  };

  it('are cut to the unit by a stop: in flight, in a pause, and due but not begun', async () => {
    const server = await mute();
    const plan = planFor(server.url, constantRate(200, 5), {
      requests: [step('GET /a'), step('GET /b'), step('GET /a/c')],
      flows: [flowOf('two', [send(0), send(1)]), flowOf('waits', [send(2), pause(10_000)])],
    });
    const frozen = frozenFor(plan, { workers: 2 });
    const shards = await runShards(frozen, (running) => {
      setTimeout(() => {
        for (const shard of running) shard.stop();
      }, 400);
    });
    const run = measuredBy(shards, plan);
    expectBalanced(run, plan);
    const { iterationsScheduled, iterationsCutStop } = run.of('flow two');
    expect(iterationsCutStop).toBe(iterationsScheduled);
    expect(run.of('GET /b').cutStop).toBeGreaterThan(10);
    expect(run.of('flow waits').iterationsCutStop).toBe(run.of('flow waits').iterationsScheduled);
    expect(run.of('GET /a/c').ok).toBeGreaterThan(10);
  });

  it('are cut by the deadline, of which a step that never got a connection is dropped', async () => {
    const server = await mute();
    const plan = planFor(server.url, constantRate(20, 0.5), TWO);
    const frozen = frozenFor({
      ...plan,
      http: { ...plan.http, connections: 4 },
      requests: plan.requests.map((one) => ({ ...one, timeoutUs: 60e6 })),
    });
    const shards = await runShards({ ...frozen, graceUs: 300_000 });
    const run = measuredBy(shards, plan);
    expectBalanced(run, plan);
    const flow = run.of('flow two');
    expect(flow.iterationsScheduled).toBe(10);
    expect(flow.iterationsCutDeadline).toBeGreaterThanOrEqual(4);
    expect(flow.iterationsDroppedTarget).toBe(run.of('GET /a').droppedTarget);
    expect(run.of('GET /b').cutDeadline).toBe(4);
  });

  it('are owned up to by a worker that loses sight of control', async () => {
    const server = await mute();
    const plan = planFor(server.url, constantRate(100, 2), TWO);
    const shards = await runShards(frozenFor(plan), (running) => {
      setTimeout(() => running[0]!.lapse(), 300);
    });
    const run = measuredBy(shards, plan);
    expectBalanced(run, plan);
    const flow = run.of('flow two');
    expect(flow.iterationsScheduled).toBe(200);
    expect(flow.iterationsDroppedGenerator).toBe(run.of('GET /a').droppedGenerator);
    expect(flow.iterationsDroppedGenerator).toBeGreaterThan(100);
  });

  it('of users are cut like others, and those that were owed are counted', async () => {
    const server = await mute();
    const plan = planFor(server.url, users(4, 3, { everyMs: 40 }), {
      ...TWO,
      requests: TWO.requests!.map((one) => ({ ...one, timeoutUs: 60e6 })),
    });
    const shards = await runShards(frozenFor(plan, { workers: 2 }), (running) => {
      setTimeout(() => {
        for (const shard of running) shard.stop();
      }, 500);
    });
    const run = measuredBy(shards, plan);
    expectBalanced(run, plan);
    expect(run.of('flow two').iterationsScheduled).toBeGreaterThan(30);
    expect(run.of('GET /b').scheduled).toBe(4);
    // Each that was never begun counts as one request, its first.
    expect(run.of('GET /a').scheduled).toBe(run.of('flow two').iterationsScheduled);
  });
});

describe('a stalled second step', () => {
  /** Answers the second step of flows late while it stalls, and everything else at once. */
  async function stalling(connections: number | 'auto'): Promise<MeasuredRun> {
    const stall = { fromMs: 0, toMs: 0 };
    const server = await serve(async (socket, head) => {
      const nowMs = performance.now();
      if (head.includes('/b') && nowMs >= stall.fromMs && nowMs < stall.toMs) {
        await sleep(stall.toMs - nowMs);
      }
      socket.write(answer());
    });
    const plan = planFor(server.url, constantRate(100, 1), {
      requests: [step('GET /a'), step('GET /b')],
      flows: [flowOf('two', [send(0), send(1)])],
    });
    const frozen = frozenFor({ ...plan, http: { ...plan.http, connections } });
    const shards = await runShards(frozen, () => {
      stall.fromMs = performance.now() + 200;
      stall.toMs = stall.fromMs + 500;
    });
    return measuredBy(shards, plan);
  }

  /** All of these hold in most of the rounds in which the machine was quiet. */
  async function expectAll(
    connections: number | 'auto',
    all: (run: MeasuredRun) => Readonly<Record<string, boolean>>,
  ): Promise<void> {
    const rounds: string[][] = [];
    const untrue = await quietMedian(async () => {
      const run = await stalling(connections);
      const facts = Object.entries(all(run));
      const wrong = facts.flatMap(([name, holds]) => (holds ? [] : [name]));
      rounds.push(wrong);
      return { value: wrong.length, contents: [run.content] };
    });
    expect(untrue, `untrue were: ${JSON.stringify(rounds)}`).toBe(0);
  }

  /** As the check `lag` has it, over all requests: those that follow are taken up when they are due. */
  function isInTime(run: MeasuredRun): boolean {
    const [latency, lag] = [new Histogram(), new Histogram()];
    for (const name of ['GET /a', 'GET /b']) {
      latency.add(run.times(name, 'latency'));
      lag.add(run.times(name, 'lag'));
    }
    const limitUs = Math.max(5_000, latency.percentileUs(5_000) / 10);
    return lag.count === 200 && lag.countAbove(limitUs) <= lag.count / 100;
  }

  it('shows in that step alone, where there are as many connections as needed', async () => {
    await expectAll('auto', (run) => ({
      // Half of the second steps met the stall of half a second, the first of them all of it.
      stalled: run.times('GET /b', 'latency').maxUs > 400_000,
      byHalf: run.times('GET /b', 'latency').percentileUs(7_500) > 150_000,
      inService: run.times('GET /b', 'service').percentileUs(7_500) > 150_000,
      firstStepsAreQuick: run.times('GET /a', 'latency').percentileUs(9_000) < 50_000,
      nobodyWaits: run.times('GET /a', 'blocked').percentileUs(9_000) < 50_000,
      inTime: isInTime(run),
    }));
  }, 60_000);

  it('shows in what the next flows wait for a connection, where there are four', async () => {
    await expectAll(4, (run) => ({
      blocked: run.times('GET /a', 'blocked').maxUs > 400_000,
      byHalf: run.times('GET /a', 'blocked').percentileUs(7_500) > 150_000,
      notInService: run.times('GET /a', 'service').percentileUs(9_000) < 100_000,
      inTime: isInTime(run),
    }));
  }, 60_000);
});
