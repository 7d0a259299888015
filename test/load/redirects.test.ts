// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { describe, expect, it } from 'vitest';
import { LoadGuard } from '../../lib/load/load-guard.js';
import { redirected } from '../../lib/load/redirect.js';
import { requestTemplates, withReader } from '../../lib/load/request-template.js';
import { SecretText } from '../../lib/load/secret-text.js';
import type { Plan, PlanRequest } from '../../lib/plan/plan.js';
import { GET, poolRig, server } from '../support/pool-rig.js';
import { answer } from '../support/scripted-server.js';

const to = (location: string, status = 302, more = '') =>
  answer('', status, `location: ${location}\r\n${more}`);
const pathOf = (head: string) => head.split(' ')[1]!;
const follow = (request: Partial<PlanRequest> = {}, times = 5): PlanRequest => ({
  ...GET,
  followRedirects: times,
  ...request,
});

describe('a redirect', () => {
  it('is an answer like any other where none is followed', async () => {
    const target = await server((socket) => socket.write(to('/there')));
    const { send, recorder } = poolRig(target.url);
    await send(2);
    expect(recorder.totals()).toMatchObject({ ok: 2, sent: 2 });
    expect(target.heads).toHaveLength(2);
  });

  it('that is followed is one request: its hops lie in the first byte', async () => {
    const target = await server((socket, head) => {
      if (pathOf(head) === '/') setTimeout(() => socket.write(to('a')), 30);
      else if (pathOf(head) === '/a') setTimeout(() => socket.write(to('/b?c=d')), 30);
      else socket.write(answer());
    });
    const { send, recorder, content } = poolRig(target.url, {
      requests: [follow()],
      ceiling: 1,
    });
    await send(1);
    expect(recorder.totals()).toMatchObject({ scheduled: 1, ok: 1, sent: 1, answered: 1 });
    expect(recorder.totals().redirects).toBe(2);
    expect(target.heads.map(pathOf)).toEqual(['/', '/a', '/b?c=d']);
    expect(target.accepted()).toBe(1);
    const sum = (metric: string) =>
      content1.histograms
        .filter((entry) => entry.metric === metric && entry.span !== 'window')
        .reduce((total, entry) => total + entry.histogram.sumUs, 0);
    const content1 = content();
    expect(sum('firstByte')).toBeGreaterThan(55_000);
    expect(sum('service')).toBe(sum('firstByte') + sum('body'));
    // Of several round trips it cannot be said what was processing.
    expect(content1.histograms.some(({ metric }) => metric === 'processing')).toBe(false);
  });

  it('is judged by where it ends', async () => {
    const target = await server((socket, head) =>
      socket.write(pathOf(head) === '/' ? to('/gone') : answer('nothing', 404)),
    );
    const { send, content } = poolRig(target.url, { requests: [follow()] });
    await send(1);
    expect(content().errors).toMatchObject([{ code: 1404, sample: 'nothing' }]);
  });

  it('in a circle fails once as many were followed as may be', async () => {
    const target = await server((socket, head) =>
      socket.write(to(pathOf(head) === '/' ? '/back' : '/')),
    );
    const { send, recorder, content } = poolRig(target.url, { requests: [follow({}, 3)] });
    await send(2);
    expect(recorder.totals()).toMatchObject({ failed: 2, sent: 2, redirects: 6 });
    // What the target counts itself: no more than all that went out.
    expect(target.heads).toHaveLength(2 + 6);
    expect(content().errors).toMatchObject([
      {
        code: 1235,
        count: 2,
        sample: '/',
        message: expect.stringMatching(/after 3 were followed/),
      },
    ]);
  });

  it.each([
    ['http://', /no address/],
    ['ftp://example.com/', /ftp:/],
    ['javascript:alert(1)', /javascript:/],
    ['//[::bad/', /no address/],
  ])('to %s fails, as nothing there speaks HTTP', async (location, what) => {
    const target = await server((socket) => socket.write(to(location)));
    const { send, content } = poolRig(target.url, { requests: [follow()] });
    await send(1);
    expect(content().errors).toMatchObject([{ code: 1236, message: expect.stringMatching(what) }]);
  });

  it('goes to another origin on connections of its own, and without what was meant for the first', async () => {
    const other = await server((socket) => socket.write(answer()));
    const target = await server((socket) => socket.write(to(`${other.url}/in#top`)));
    const headers = [
      ['authorization', 'Bearer abc'],
      ['x-key', '${secret:KEY}'],
      ['x-open', 'yes'],
      ['cookie', 'a=b'],
    ] as const;
    const { send, recorder } = poolRig(target.url, {
      requests: [follow({ headers })],
      secrets: { KEY: 'sesame' },
    });
    await send(3);
    expect(recorder.totals()).toMatchObject({ ok: 3, sent: 3 });
    expect(target.heads[0]).toMatch(/x-key: sesame/);
    expect(other.heads).toHaveLength(3);
    expect(other.heads[0]).toMatch(/^GET \/in HTTP/);
    expect(other.heads[0]).toMatch(new RegExp(`host: 127.0.0.1:${other.port}`));
    expect(other.heads[0]).toMatch(/x-open: yes/);
    expect(other.heads[0]).not.toMatch(/sesame|abc|a=b/);
  });

  it('leaves nothing behind for the request that comes next on its connection', async () => {
    const target = await server((socket, head) =>
      socket.write(pathOf(head) === '/' ? to('/in') : answer()),
    );
    const { send, recorder } = poolRig(target.url, {
      requests: [follow(), { ...GET, name: 'b', path: '/plain' }],
      ceiling: 1,
    });
    for (const request of [0, 1, 1, 0, 1]) await send(1, request);
    expect(recorder.totals()).toMatchObject({ ok: 5 });
    expect(target.heads.map(pathOf)).toEqual([
      '/',
      '/in',
      '/plain',
      '/plain',
      '/',
      '/in',
      '/plain',
    ]);
  });

  it('that ends elsewhere gives its job back', async () => {
    const other = await server((socket) => socket.write(answer()));
    const target = await server((socket) => socket.write(to(other.url)));
    const { pool, send } = poolRig(target.url, { requests: [follow()] });
    await send(1);
    const job = pool.spare();
    pool.spare();
    expect(job.hops).toBe(1);
  });

  it('comes back from elsewhere on the connections of the target', async () => {
    const other = await server((socket) =>
      socket.write(to(`http://127.0.0.1:${target.port}/home`)),
    );
    const target = await server((socket, head) =>
      socket.write(pathOf(head) === '/' ? to(`${other.url}/in`) : answer()),
    );
    const { send, recorder } = poolRig(target.url, { requests: [follow()], ceiling: 1 });
    await send(4);
    expect(recorder.totals()).toMatchObject({ ok: 4 });
    expect(target.accepted()).toBe(1);
  });

  it('to where nobody listens fails as a connection does', async () => {
    const other = await server(() => {});
    await other.close();
    const target = await server((socket) => socket.write(to(other.url)));
    const { send, recorder, content } = poolRig(target.url, { requests: [follow()] });
    await send(2);
    expect(recorder.totals()).toMatchObject({ failed: 2, sent: 2, unsent: 0 });
    expect(content().errors).toMatchObject([{ code: 1212 }]);
  });

  it('over and over to new origins is given up', async () => {
    let nth = 0;
    const target = await server((socket) => socket.write(to(`http://h${nth++}.test:1/`)));
    const resolve = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`h${i}.test`, '127.0.0.1']),
    );
    const { send, content } = poolRig(target.url, { requests: [follow()], resolve });
    await send(40);
    const { errors } = content();
    expect(errors.map(({ code }) => code).toSorted()).toEqual([1212, 1235]);
    expect(errors.reduce((sum, { count }) => sum + count, 0)).toBe(40);
  });

  it('shares the time that its request may take', async () => {
    const target = await server((socket) => setTimeout(() => socket.write(to('/again')), 60));
    const { send, content } = poolRig(target.url, {
      requests: [follow({ timeoutUs: 150_000 }, 1_000)],
    });
    await send(1);
    expect(content().errors).toMatchObject([{ code: 1050 }]);
    expect(target.heads.length).toBeLessThan(5);
  });

  it('that waits for its next connection when time runs out is cut, not dropped', async () => {
    const other = await server(() => {});
    const target = await server((socket) => socket.write(to(other.url)));
    const { pool, send, recorder } = poolRig(target.url, {
      requests: [follow({ timeoutUs: 9e9 })],
      ceiling: 1,
    });
    void send(3);
    while (target.heads.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 20));
    pool.cut('deadline');
    expect(recorder.totals()).toMatchObject({ cutDeadline: 3, droppedTarget: 0 });
    expect(recorder.inFlight).toBe(0);
  });

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [302, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
    [303, 'HEAD', 'HEAD'],
  ])('of status %i after a %s is followed with %s', async (status, method, then) => {
    const bodies: string[] = [];
    const target = await server((socket, head, _nth, body) => {
      bodies.push(body.toString());
      const bare = head.startsWith('HEAD') ? '' : 'ok';
      socket.write(pathOf(head) === '/' ? to('/next', status) : answer(bare));
    });
    const body = method === 'HEAD' ? null : { encoding: 'utf8' as const, data: 'hello' };
    const headers = [['content-type', 'text/x']] as const;
    const { send, recorder } = poolRig(target.url, {
      requests: [follow({ method, body, headers })],
    });
    await send(1);
    expect(recorder.totals().ok).toBe(1);
    expect(target.heads[1]!.split(' ')[0]).toBe(then);
    const kept = then === method && body !== null;
    expect(bodies[1]).toBe(kept ? 'hello' : '');
    expect(/content-type/.test(target.heads[1]!)).toBe(kept || method === 'HEAD');
  });
});

describe('where a deployment says who may be loaded', () => {
  const guard = new LoadGuard({
    allowedHosts: ['127.0.0.1', 'inside.test'],
    allowedNetworks: ['127.0.0.1/32'],
    run: 'r',
  });

  it.each([
    ['a host that is not on the list', 'http://evil.test/', 1111],
    ['an address that is not on the list', 'http://169.254.169.254/latest/', 1111],
    ['the same in other words', 'http://0xa9fea9fe/', 1111],
    ['a listed name pinned to where nobody may go', 'http://inside.test/', 1111],
    ['a listed name that turns out to be there', 'http://127.0.0.1:1/', 1212],
  ])('a redirect to %s leads nowhere', async (_what, location, code) => {
    const target = await server((socket) => socket.write(to(location)));
    const { send, content } = poolRig(target.url, {
      requests: [follow()],
      guard,
      resolve: { 'evil.test': '127.0.0.1', 'inside.test': '10.0.0.1' },
    });
    await send(2);
    expect(content().errors).toMatchObject([{ code, count: 2 }]);
    expect(target.heads).toHaveLength(2);
  });

  it('a redirect within the list is followed, and says of which run it is', async () => {
    const other = await server((socket) => socket.write(answer()));
    const target = await server((socket) => socket.write(to(`http://inside.test:${other.port}/`)));
    const { send, recorder } = poolRig(target.url, {
      requests: [follow()],
      guard,
      resolve: { 'inside.test': '127.0.0.1' },
    });
    await send(1);
    expect(recorder.totals().ok).toBe(1);
    expect(other.heads[0]).toMatch(/x-isochrone-run: r/);
    expect(other.heads[0]).toMatch(new RegExp(`host: inside.test:${other.port}`));
  });
});

describe('a visitor', () => {
  it('has cookies kept from every hop, and sent where they belong', async () => {
    const target = await server((socket, head) =>
      socket.write(pathOf(head) === '/' ? to('/home', 303, 'set-cookie: session=1\r\n') : answer()),
    );
    const { pool, clock, recorder } = poolRig(target.url, { requests: [follow()] });
    const jar = new Map<string, string>();
    const visitor = {
      lane: null,
      cookies: {
        keep: (head: string) => {
          for (const [, name, value] of head.matchAll(/set-cookie: (\w+)=(\w+)/g)) {
            jar.set(name!, value!);
          }
        },
        header: () => [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    };
    await new Promise<void>((resolve) => {
      const job = pool.spare();
      const nowUs = clock.nowUs();
      job.begin(0, 0, nowUs, nowUs, { ended: () => resolve() });
      job.visitor = visitor;
      recorder.scheduled(0, 0);
      pool.submit(job);
    });
    expect(recorder.totals().ok).toBe(1);
    expect(target.heads[0]).not.toMatch(/cookie/);
    expect(target.heads[1]).toMatch(/\r\ncookie: session=1(\r\n|$)/);
  });
});

describe('the request that follows', () => {
  const [template] = requestTemplates(
    { target: 'http://shop.test/api', requests: [follow()] } as unknown as Plan,
    'test',
    new SecretText({}),
  );

  it('keeps the host that the plan gives the target, as long as it stays there', () => {
    const [named] = requestTemplates(
      {
        target: 'http://10.1.2.3:8080',
        requests: [follow({ headers: [['Host', 'shop.test']] })],
      } as unknown as Plan,
      'test',
      new SecretText({}),
    );
    expect(redirected(named!, 302, 'http://shop.test/in', null)).toMatchObject({
      parts: { origin: 'http://10.1.2.3:8080', path: '/in' },
    });
    expect(redirected(named!, 302, 'http://shop.test:81/in', null)).toMatchObject({
      parts: { origin: 'http://shop.test:81', path: '/in' },
    });
  });

  it.each([
    ['x', '/api/x'],
    ['../x', '/x'],
    ['?q=1', '/api/?q=1'],
    ['//shop.test/x y', '/x%20y'],
    ['/\r\nhost: evil', '/host:%20evil'],
    [Buffer.from('/größe').toString('latin1'), '/gr%C3%B6%C3%9Fe'],
  ])('of %j goes to %s', (location, path) => {
    expect(redirected(template!, 302, location, null)).toMatchObject({ parts: { path } });
  });

  it('has its answer read as that of the first would have been', () => {
    const reader = { needs: 'head' as const, hides: false, read: () => null };
    const next = redirected(withReader(template!, reader), 302, '/x', null);
    expect(next).toMatchObject({ handling: { reader, followRedirects: 5 } });
  });
});
