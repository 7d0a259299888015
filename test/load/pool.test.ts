import { describe, expect, it, vi } from 'vitest';
import { dial } from '../../lib/load/dial.js';
import type { FragmentContent, HistogramMetric } from '../../lib/measure/fragment-content.js';
import { GET, poolRig, server } from '../support/pool-rig.js';
import { answer, type scriptedServer } from '../support/scripted-server.js';

function sum(content: FragmentContent, metric: HistogramMetric): number {
  return content.histograms
    .filter((entry) => entry.metric === metric && entry.span !== 'window')
    .reduce((total, entry) => total + entry.histogram.sumUs, 0);
}

describe('an answer', () => {
  it('is good below 400 and its wait and service add up to its latency, to the microsecond', async () => {
    const target = await server((socket) => setTimeout(() => socket.write(answer()), 20));
    const { send, recorder, content } = poolRig(target.url, { ceiling: 2 });
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
    const { send, content } = poolRig(target.url);
    await send(1);
    const seen = content();
    expect(sum(seen, 'firstByte')).toBeGreaterThanOrEqual(25_000);
    expect(sum(seen, 'body')).toBeLessThan(25_000);
  });

  it('counts its first byte from the first piece of its headers', async () => {
    const target = await server((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-');
      setTimeout(() => socket.write('length: 2\r\n\r\nok'), 40);
    });
    const { send, content } = poolRig(target.url);
    await send(1);
    const seen = content();
    expect(sum(seen, 'body')).toBeGreaterThanOrEqual(35_000);
    expect(sum(seen, 'body')).toBeGreaterThan(sum(seen, 'firstByte'));
  });

  it('tells what the server says it took, if the first on its connection did', async () => {
    const target = await server((socket, _head, nth) =>
      socket.write(answer('ok', 200, `Server-Timing: db;dur=9, total;dur=${nth}.25\r\n`)),
    );
    const silent = await server((socket, _head, nth) =>
      socket.write(answer('ok', 200, nth === 1 ? '' : 'server-timing: total;dur=5\r\n')),
    );
    for (const [url, expected] of [
      [target.url, [1_250, 2_250, 3_250]],
      [silent.url, []],
    ] as const) {
      const { send, content } = poolRig(url, { ceiling: 1 });
      for (let i = 0; i < 3; i++) await send(1);
      const { histogram = null } =
        content().histograms.find(({ metric }) => metric === 'serverTime') ?? {};
      expect(histogram?.count ?? 0).toBe(expected.length);
      expect(histogram?.sumUs ?? 0).toBe(expected.reduce((total, us) => total + us, 0));
    }
  });

  it('that is the first on its connection is told by address as well', async () => {
    const target = await server((socket, _head, nth) =>
      setTimeout(() => socket.write(answer()), nth === 1 ? 20 : 0),
    );
    const { send, content } = poolRig(target.url, { ceiling: 1 });
    for (let i = 0; i < 5; i++) await send(1);
    const first = content().histograms.find(({ metric }) => metric === 'firstAnswer')!.histogram;
    expect(first.count).toBe(1);
    expect(first.minUs).toBeGreaterThanOrEqual(18_000);
  });

  it('keeps its connection, after HEAD too', async () => {
    const target = await server((socket) =>
      socket.write('HTTP/1.1 200 X\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\n'),
    );
    const { send, recorder } = poolRig(target.url, {
      requests: [{ ...GET, method: 'HEAD' }],
      ceiling: 1,
    });
    for (let i = 0; i < 5; i++) await send(1);
    expect(recorder.totals().ok).toBe(5);
    expect(target.accepted()).toBe(1);
  });

  it('of a server that closes after each answer costs a connection each, and fails nothing', async () => {
    const target = await server((socket) => socket.end(answer('ok', 200, 'connection: close\r\n')));
    const { send, recorder, content } = poolRig(target.url, { ceiling: 1 });
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
    await poolRig(target.url, { requests: [post] }).send(1);
    expect(bodies).toEqual(['größe']);
    expect(target.heads[0]).toContain('content-length: 7');
  });
});

describe('a reused connection that dies before it answers', () => {
  const dying: Parameters<typeof scriptedServer>[0] = (socket, _head, nth) => {
    if (nth === 1) socket.write(answer());
    else socket.destroy();
  };

  it('has its request sent once more on another, if that does nothing twice', async () => {
    const target = await server(dying);
    const { send, recorder } = poolRig(target.url, { ceiling: 1 });
    await send(1);
    await send(1);
    expect(recorder.totals()).toMatchObject({ ok: 2, failed: 0, sent: 2, resent: 1 });
    expect(target.heads).toHaveLength(3);
  });

  it('fails a request that kills each connection as what it is: reset, not stale', async () => {
    const target = await server(dying);
    const { send, recorder, content } = poolRig(target.url, { ceiling: 2 });
    await send(2);
    await send(1);
    expect(recorder.totals()).toMatchObject({ ok: 2, failed: 1, sent: 3, resent: 1 });
    expect(content().errors).toMatchObject([{ code: 1220 }]);
  });

  it('fails a POST as stale, for nobody knows whether it was carried out', async () => {
    const target = await server(dying);
    const { send, recorder, content } = poolRig(target.url, {
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
    const { pool, send, recorder } = poolRig(target.url, { ceiling: 3 });
    await send(30);
    expect(recorder.totals().ok).toBe(30);
    expect(target.accepted()).toBe(3);
    expect(pool.facts).toMatchObject({ peak: 3, ceilingReached: true });
  });

  it('opens its floor ahead, eight at a time', async () => {
    let opening = 0;
    const target = await server(() => {}, { onConnection: () => opening++ });
    const { pool } = poolRig(target.url, { floor: 20 });
    await pool.openAhead();
    expect(pool.open).toBe(20);
    // The kernel completes a connect before the server accepts it.
    await vi.waitFor(() => expect(opening).toBe(20));
  });

  it('does not call a server again and again that hangs up on newcomers', async () => {
    const target = await server(() => {}, { onConnection: (socket) => socket.end() });
    const { pool } = poolRig(target.url, { floor: 4 });
    await pool.openAhead();
    await vi.waitFor(() => expect(pool.open).toBe(0));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(target.accepted()).toBeLessThanOrEqual(8);
  });

  it('replaces what the server closes for having idled, and counts it', async () => {
    const target = await server((socket) => socket.write(answer()));
    const { pool, send, recorder } = poolRig(target.url, { floor: 3 });
    await pool.openAhead();
    await send(3);
    target.hangUp();
    await vi.waitFor(() => expect(pool.facts.replaced).toBe(3));
    await vi.waitFor(() => expect(pool.open).toBe(3));
    await send(3);
    expect(recorder.totals()).toMatchObject({ ok: 6, failed: 0, resent: 0 });
  });

  it('keeps connections that were opened before a start long ago became known', async () => {
    const target = await server((socket) => socket.write(answer()));
    const { pool, clock, send, recorder } = poolRig(target.url, { floor: 3 });
    await pool.openAhead();
    clock.startAt(clock.wallMs() - 3_600_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pool.facts.replaced).toBe(0);
    await send(3);
    expect(recorder.totals()).toMatchObject({ ok: 3, resent: 0 });
    expect(target.accepted()).toBe(3);
  });

  it('tells as set-up what a request waited for a connection begun before the start', async () => {
    const target = await server((socket) => socket.write(answer()));
    const { pool, clock, send, content } = poolRig(target.url, {
      floor: 1,
      ceiling: 1,
      dial: (to, address, done) => {
        setTimeout(() => dial(to, address, done), 60);
        return () => {};
      },
    });
    clock.startAt(clock.wallMs() + 3_600_000);
    const opening = pool.openAhead();
    clock.startAt(clock.wallMs());
    await send(1);
    await opening;
    const seen = content();
    expect(sum(seen, 'setup')).toBeGreaterThan(0);
    expect(sum(seen, 'blocked')).toBe(0);
  });

  it('settles when the connections ahead are refused', async () => {
    const target = await server(() => {});
    await target.close();
    const { pool } = poolRig(target.url, { floor: 4 });
    await pool.openAhead();
    expect(pool.open).toBe(0);
  });

  it('cuts what is in flight and drops what waits, to the unit', async () => {
    const target = await server(() => {});
    const { pool, send, recorder } = poolRig(target.url, {
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
