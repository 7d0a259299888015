import { describe, expect, it } from 'vitest';
import type { Job } from '../../lib/load/job.js';
import { Lane } from '../../lib/load/lane.js';
import { poolSize } from '../../lib/load/pool-size.js';
import { constantRate, frozenFor, planFor } from '../support/load-plans.js';
import { GET, type PoolRig, poolRig, server } from '../support/pool-rig.js';
import { answer } from '../support/scripted-server.js';

/** Sends one request for whoever has these connections; resolves when it has ended. */
function sendFor({ pool, clock, recorder }: PoolRig, lane: Lane | null): Promise<Job> {
  return new Promise((resolve) => {
    const job = pool.spare();
    const nowUs = clock.nowUs();
    job.begin(0, 0, nowUs, nowUs, { ended: resolve });
    job.visitor = { lane, cookies: null };
    recorder.scheduled(0, 0);
    pool.submit(job);
  });
}

describe('reuse: none', () => {
  it('opens a connection for each request, which waits for it, and says that it is the last', async () => {
    const target = await server((socket) => socket.write(answer()));
    const { send, recorder, pool, content } = poolRig(target.url, { http: { reuse: 'none' } });
    await send(20);
    expect(recorder.totals()).toMatchObject({ ok: 20, resent: 0 });
    expect(target.accepted()).toBe(20);
    expect(target.heads.every((head) => /\r\nconnection: close(\r\n|$)/.test(head))).toBe(true);
    const setup = content().histograms.find(({ metric }) => metric === 'setup')!;
    expect(setup.histogram.count).toBe(20);
    expect(pool.facts).toMatchObject({ replaced: 0, opened: 20 });
  });

  it('does not reuse what a server would have it reuse', async () => {
    const target = await server((socket) =>
      socket.write(answer('ok', 200, 'connection: keep-alive\r\n')),
    );
    const { send, pool } = poolRig(target.url, { http: { reuse: 'none' }, ceiling: 2 });
    for (let i = 0; i < 5; i++) await send(1);
    expect(target.accepted()).toBe(5);
    expect(pool.open).toBeLessThanOrEqual(2);
  });

  it('fails each request whose connection is refused, though those of others are open', async () => {
    let open = 0;
    const target = await server((socket) => {
      if (++open === 1) {
        // From now on nobody else is let in.
        void target.deafen();
        setTimeout(() => socket.write(answer()), 150);
      } else socket.write(answer());
    });
    const { send, recorder, content } = poolRig(target.url, { http: { reuse: 'none' } });
    const first = send(1);
    while (open === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await send(3);
    expect(recorder.totals()).toMatchObject({ ok: 0, failed: 3 });
    await first;
    expect(recorder.totals()).toMatchObject({ ok: 1, failed: 3 });
    expect(content().errors).toMatchObject([{ code: 1212, count: 3 }]);
  });

  it('opens none ahead, and more at once than where connections are shared', () => {
    const plan = planFor('http://127.0.0.1:1', constantRate(500, 1));
    const shared = frozenFor(plan);
    const [ref] = [{ run: 'r', region: 'local', leg: 0, n: 0, attempt: 1 }];
    expect(poolSize(shared, ref!)).toMatchObject({ apart: false, atOnce: null });
    for (const reuse of ['none', 'iteration'] as const) {
      const frozen = frozenFor({ ...plan, http: { ...plan.http, reuse } });
      expect(poolSize(frozen, ref!)).toEqual({ floor: 0, ceiling: 900, apart: true, atOnce: 256 });
    }
  });
});

describe('a visitor with connections of its own', () => {
  it('is served by them alone, and by the same one request after request', async () => {
    const ports: (number | undefined)[] = [];
    const target = await server((socket) => {
      ports.push(socket.remotePort);
      socket.write(answer());
    });
    const rig = poolRig(target.url);
    const [ann, bob] = [new Lane(), new Lane()];
    for (const lane of [ann, bob, ann, bob, bob, ann]) await sendFor(rig, lane);
    expect(target.accepted()).toBe(2);
    const [a, b] = ports;
    expect(ports).toEqual([a, b, a, b, b, a]);
    expect(a).not.toBe(b);
  });

  it('takes one that was opened ahead, and makes it its own', async () => {
    const target = await server((socket) => socket.write(answer()));
    const rig = poolRig(target.url, { floor: 2, ceiling: 2 });
    await rig.pool.openAhead();
    const lanes = [new Lane(), new Lane()];
    for (let i = 0; i < 6; i++) await sendFor(rig, lanes[i % 2]!);
    expect(target.accepted()).toBe(2);
  });

  it('leaves with its connections, and those of nobody else', async () => {
    const target = await server((socket) => socket.write(answer()));
    const rig = poolRig(target.url);
    const [ann, bob] = [new Lane(), new Lane()];
    await sendFor(rig, ann);
    await sendFor(rig, bob);
    rig.pool.leave(ann);
    expect(rig.pool.open).toBe(1);
    await sendFor(rig, bob);
    expect(target.accepted()).toBe(2);
  });

  it('that left while an answer was due is rid of its connection with it', async () => {
    const target = await server((socket) => setTimeout(() => socket.write(answer()), 20));
    const rig = poolRig(target.url);
    const lane = new Lane();
    const sending = sendFor(rig, lane);
    while (target.heads.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    rig.pool.leave(lane);
    await sending;
    while (rig.pool.open > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(rig.recorder.totals().ok).toBe(1);
  });

  it('may send side by side, and waits for its own where no more may be opened', async () => {
    const target = await server((socket) => setTimeout(() => socket.write(answer()), 10));
    const rig = poolRig(target.url, { ceiling: 2, requests: [{ ...GET, timeoutUs: 2e6 }] });
    const [ann, bob] = [new Lane(), new Lane()];
    await Promise.all([ann, ann].map((lane) => sendFor(rig, lane)));
    rig.pool.leave(ann);
    const cleo = new Lane();
    await Promise.all([cleo, cleo, cleo, cleo].map((lane) => sendFor(rig, lane)));
    rig.pool.leave(cleo);
    await sendFor(rig, bob);
    expect(rig.recorder.inFlight).toBe(0);
    expect(rig.pool.facts.peak).toBeLessThanOrEqual(2);
  });

  it('fails where it can open none, though those of others idle', async () => {
    const target = await server((socket) => socket.write(answer()));
    const rig = poolRig(target.url);
    await sendFor(rig, new Lane());
    await target.deafen();
    await sendFor(rig, new Lane());
    expect(rig.recorder.totals()).toMatchObject({ ok: 1, failed: 1, unsent: 1 });
  });

  it('is given another when its own died while it idled', async () => {
    const target = await server((socket) => socket.write(answer()));
    const rig = poolRig(target.url);
    const lane = new Lane();
    await sendFor(rig, lane);
    target.hangUp();
    while (rig.pool.open > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(rig.pool.facts.replaced).toBe(1);
    await sendFor(rig, lane);
    expect(rig.recorder.totals()).toMatchObject({ ok: 2, failed: 0 });
    expect(target.accepted()).toBe(2);
  });
});
