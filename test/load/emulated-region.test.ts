import { afterAll, describe, expect, it } from 'vitest';
import type { FragmentContent } from '../../lib/measure/fragment-content.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import type { HttpOptions, Load, PlanEmulation, PlanRequest } from '../../lib/plan/plan.js';
import { constantRate, frozenFor, planFor, requestOf } from '../support/load-plans.js';
import { merged, quietMedian } from '../support/quiet-rounds.js';
import { type RemoteTarget, remoteTarget } from '../support/remote-target.js';
import { runShards } from '../support/shard-run.js';

const targets: RemoteTarget[] = [];
afterAll(() => {
  for (const target of targets) target.close();
});

async function target(...character: Parameters<typeof remoteTarget>): Promise<RemoteTarget> {
  const made = await remoteTarget(...character);
  targets.push(made);
  return made;
}

interface Setting {
  readonly load: Load;
  readonly emulation: Partial<PlanEmulation>;
  readonly http?: Partial<HttpOptions>;
  readonly request?: Partial<PlanRequest>;
}

function emulated(url: string, { load, emulation, http, request }: Setting): FrozenPlan {
  const plan = planFor(url, load, {
    regions: [
      {
        name: 'far-away',
        share: 1,
        workers: null,
        emulation: { rttUs: null, jitterUs: 0, loss: 0, ...emulation },
      },
    ],
    requests: [requestOf('GET /', request)],
  });
  return frozenFor({ ...plan, http: { ...plan.http, ...http } }, { where: 'emulated' });
}

function oneUser(seconds: number): Load {
  const stage = { name: null, warmup: false, durationUs: seconds * 1e6 };
  return {
    kind: 'closed',
    pace: { kind: 'none' },
    stages: [{ ...stage, fromUsers: 1, toUsers: 1 }],
  };
}

const millis = (contents: readonly FragmentContent[], metric: string, span = 'long') =>
  merged(contents, metric, span).percentileUs(5_000) / 1_000;

// All that waits here waits at the same time, on one thread: its loads are small, and each round is
// judged by its own lag.
describe.concurrent('distance is waited: the load is that of clients who are far away', () => {
  it('one user without pauses at 100 ms asks a server ten times a second', async () => {
    const server = await target();
    const frozen = emulated(server.url, { load: oneUser(2), emulation: { rttUs: 100_000 } });
    const perSecond = await quietMedian(async () => {
      const before = (await server.seen()).count;
      const shards = await runShards(frozen);
      const value = ((await server.seen()).count - before) / 2;
      return { value, contents: shards.map((shard) => shard.flush(true)) };
    });
    expect(Math.abs(perSecond - 10)).toBeLessThanOrEqual(0.5);
  });

  it('100/s at 80 ms keeps eight requests under way', async () => {
    const server = await target();
    const frozen = emulated(server.url, {
      load: constantRate(100, 1.5),
      emulation: { rttUs: 80_000 },
    });
    const underWay = await quietMedian(async () => {
      let sum = 0;
      let looks = 0;
      const shards = await runShards(frozen, ([shard], clock) => {
        const looking = setInterval(() => {
          const nowUs = clock.nowUs();
          if (nowUs > 1_400_000) clearInterval(looking);
          else if (nowUs > 200_000) {
            sum += shard!.recorder.inFlight;
            looks++;
          }
        }, 3);
      });
      return { value: sum / looks, contents: shards.map((shard) => shard.flush(true)) };
    });
    expect(Math.abs(underWay - 8)).toBeLessThanOrEqual(1);
  });
});

describe.concurrent('distance and processing come apart again', () => {
  it.each(['auto', 256] as const)(
    'at 80 ms before a server of 50 ms, connections: %s',
    async (n) => {
      const server = await target({ delayMs: 50 });
      const frozen = emulated(server.url, {
        load: constantRate(100, 0.7),
        emulation: { rttUs: 80_000 },
        http: { connections: n },
      });
      const distances: number[] = [];
      const processing = await quietMedian(async () => {
        const contents = (await runShards(frozen)).map((shard) => shard.flush(true));
        distances.push(millis(contents, 'roundTrip'));
        return { value: millis(contents, 'processing'), contents };
      });
      const distance = distances.sort((a, b) => a - b)[distances.length >> 1]!;
      expect(Math.abs(distance - 80)).toBeLessThanOrEqual(4);
      expect(Math.abs(processing - 50)).toBeLessThanOrEqual(5);
    },
  );
});

describe.concurrent('what an emulated path does to requests', () => {
  it('no answer comes sooner than its round trip, nor any connection', async () => {
    const server = await target();
    const frozen = emulated(server.url, {
      load: constantRate(100, 0.5),
      emulation: { rttUs: 60_000, jitterUs: 20_000 },
    });
    const contents = (await runShards(frozen)).map((shard) => shard.flush(true));
    expect(merged(contents, 'service', 'block').minUs).toBeGreaterThanOrEqual(60_000);
    expect(merged(contents, 'tcpAhead', 'long').minUs).toBeGreaterThanOrEqual(60_000);
    expect((await server.seen()).count).toBe(50);
  });

  it('a request that lost a packet waits for it to be sent again', async () => {
    const server = await target();
    const frozen = emulated(server.url, {
      load: constantRate(50, 0.4),
      emulation: { rttUs: 10_000, loss: 1 },
    });
    const contents = (await runShards(frozen)).map((shard) => shard.flush(true));
    expect(merged(contents, 'service', 'block').minUs).toBeGreaterThanOrEqual(210_000);
    expect(merged(contents, 'tcpAhead', 'long').minUs).toBeGreaterThanOrEqual(1_010_000);
  });

  it('the timeout counts from when a request was handed to the path: the server never hears of it', async () => {
    const server = await target();
    const frozen = emulated(server.url, {
      load: constantRate(50, 0.3),
      emulation: { rttUs: 400_000 },
      request: { timeoutUs: 100_000 },
    });
    const [shard] = await runShards(frozen);
    expect(shard!.recorder.totals()).toMatchObject({ scheduled: 15, failed: 15, sent: 15 });
    expect((await server.seen()).count).toBe(0);
  });

  it('a connect that would take longer than it may fails when its time is over', async () => {
    const server = await target();
    const frozen = emulated(server.url, {
      load: constantRate(50, 0.3),
      emulation: { rttUs: 60_000_000 },
      http: { connectTimeoutUs: 50_000 },
    });
    const [shard] = await runShards(frozen);
    const { errors } = shard!.flush(true);
    expect(errors.map(({ code }) => code)).toEqual([1211]);
    expect(shard!.recorder.totals()).toMatchObject({ scheduled: 15, failed: 15, unsent: 15 });
  });

  it('what was on its way when a run is stopped never arrives', async () => {
    const server = await target();
    const frozen = emulated(server.url, {
      load: constantRate(200, 5),
      emulation: { rttUs: 300_000 },
    });
    let heard = Promise.resolve(0);
    const [shard] = await runShards(frozen, ([running]) => {
      setTimeout(() => {
        running!.stop();
        heard = server.seen().then(({ count }) => count);
      }, 500);
    });
    expect(shard!.recorder.totals().cutStop).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await server.seen()).count).toBe(await heard);
  });
});
