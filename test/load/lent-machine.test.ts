import { afterEach, describe, expect, it } from 'vitest';
import { LoadGuard } from '../../lib/load/load-guard.js';
import { measuredBy, step } from '../support/flow-run.js';
import { constantRate, frozenFor, planFor, requestOf } from '../support/load-plans.js';
import { answer, type ScriptedServer, scriptedServer } from '../support/scripted-server.js';
import { runShards } from '../support/shard-run.js';

// What holds a worker that measures on behalf of others, whatever is put into its requests.
const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(...args: Parameters<typeof scriptedServer>): Promise<ScriptedServer> {
  const server = await scriptedServer(...args);
  servers.push(server);
  return server;
}

const guard = new LoadGuard({
  allowedHosts: ['127.0.0.1', '*.example.com'],
  allowedNetworks: ['127.0.0.0/8'],
  run: 'lent',
});

describe('a host that is filled in', () => {
  it('is judged each time, and a request for another one is never sent', async () => {
    const names = ['shop', 'evil.test/', 'shop:80@evil.test:443/', 'a.b', 'evil.test, x'];
    const server = await serve((socket) => socket.write(answer()));
    const plan = planFor(server.url, constantRate(50, 0.2), {
      requests: [
        requestOf('GET /', {
          headers: [['Host', '{{ hosts.name }}.example.com']],
          templated: true,
        }),
        step('GET /x'),
      ],
      data: [
        {
          ...{ name: 'hosts', pick: 'sequential', columns: ['name'] },
          ...{ count: names.length, rows: names.map((name) => [name]) },
        },
      ],
    });
    const bounds = { guard, maxRate: 1_000, secrets: {} };
    const run = measuredBy(await runShards(frozenFor(plan), () => {}, bounds), plan);
    expect(run.of('GET /')).toMatchObject({ scheduled: 10, ok: 4, failed: 6, unsent: 6, sent: 4 });
    const hosts = server.heads.map((head) => /^host: (.*)$/im.exec(head)![1]);
    expect(new Set(hosts)).toEqual(new Set(['shop.example.com', 'a.b.example.com']));
    expect(server.heads.every((head) => /^x-isochrone-run: lent/m.test(head))).toBe(true);
    const { errors } = run.content;
    expect(errors.reduce((sum, { code, count }) => sum + (code === 1111 ? count : 0), 0)).toBe(6);
    expect(errors.map(({ sample }) => sample).join()).toContain('evil.test');
  });
});
