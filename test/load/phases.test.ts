import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { FragmentContent } from '../../lib/measure/fragment-content.js';
import type { HttpOptions } from '../../lib/plan/plan.js';
import { constantRate, frozenFor, planFor, requestOf } from '../support/load-plans.js';
import { merged, quietMedian } from '../support/quiet-rounds.js';
import { type ScriptedServer, scriptedServer } from '../support/scripted-server.js';
import { runShards } from '../support/shard-run.js';

const FIRST_BYTE_MS = 50;
const PIECES = 4;
const PIECE_MS = 10;

/** A server over TLS that answers after 50 ms, sends the body over 30 ms, and knows when it did. */
interface Deliberate {
  readonly server: ScriptedServer;
  /** What it really took, ms, since the last look. */
  taken(): { firstByteMs: number; bodyMs: number };
}

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function deliberate(): Promise<Deliberate> {
  const firstBytes: number[] = [];
  const bodies: number[] = [];
  const server = await scriptedServer(
    (socket) => {
      const readMs = performance.now();
      setTimeout(() => {
        const firstMs = performance.now();
        firstBytes.push(firstMs - readMs);
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${PIECES}\r\n\r\n1`);
        let sent = 1;
        const sending = setInterval(() => {
          socket.write('1');
          if (++sent < PIECES) return;
          clearInterval(sending);
          bodies.push(performance.now() - firstMs);
        }, PIECE_MS);
      }, FIRST_BYTE_MS);
    },
    { tls: true },
  );
  servers.push(server);
  return {
    server,
    taken: () => ({ firstByteMs: median(firstBytes.splice(0)), bodyMs: median(bodies.splice(0)) }),
  };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

const ms = (contents: readonly FragmentContent[], metric: string) =>
  merged(contents, metric, 'long').percentileUs(5_000) / 1_000;

async function round(
  url: string,
  http: Partial<HttpOptions>,
  begin: () => void,
): Promise<FragmentContent[]> {
  const plan = planFor(url, constantRate(200, 0.5), { requests: [requestOf('GET /')] });
  const shards = await runShards(
    frozenFor({ ...plan, http: { ...plan.http, insecure: true, ...http } }),
    begin,
  );
  return shards.map((shard) => shard.flush(true));
}

describe.each([
  ['few connections', { connections: 40 }],
  ['256 connections, opened ahead', { connections: 256 }],
] as const)('against a server over TLS with known delays, with %s', (_name, http) => {
  it('each phase is where it belongs, and distance is what is left of a connect', async () => {
    const { server, taken } = await deliberate();
    const misplacedMs = await quietMedian(async (begin) => {
      const contents = await round(server.url, http, begin);
      const { firstByteMs, bodyMs } = taken();
      const distanceMs = merged(contents, 'roundTrip', 'long').minUs / 1_000;
      // Nothing waited: what a connection took was over before anything was due.
      const waitedMs = ms(contents, 'lag') + ms(contents, 'blocked');
      const misplaced = [
        ms(contents, 'firstByte') - firstByteMs,
        ms(contents, 'body') - bodyMs,
        ms(contents, 'processing') - (firstByteMs - distanceMs),
        ms(contents, 'firstAnswer') - firstByteMs,
        distanceMs,
        waitedMs,
      ];
      expect(merged(contents, 'latency', 'block').count).toBe(100);
      expect(merged(contents, 'setup', 'long').count).toBe(0);
      expect(merged(contents, 'tlsAhead', 'long').count).toBe(http.connections);
      expect(merged(contents, 'tcpAhead', 'long').count).toBe(http.connections);
      expect(merged(contents, 'serverTime', 'long').count).toBe(0);
      return { value: Math.max(...misplaced.map(Math.abs)), contents };
    });
    expect(misplacedMs).toBeLessThan(5);
  }, 120_000);
});

it('a request that waited for its connection has TCP and TLS in set-up, and in nothing else', async () => {
  const { server, taken } = await deliberate();
  const misplacedMs = await quietMedian(async (begin) => {
    const contents = await round(server.url, { connections: 'auto', expectUs: 1_000 }, begin);
    const { firstByteMs } = taken();
    const opened = merged(contents, 'tls', 'long');
    const setup = merged(contents, 'setup', 'long');
    expect(opened.count).toBeGreaterThan(0);
    expect(setup.count).toBeGreaterThan(0);
    expect(setup.maxUs).toBeGreaterThanOrEqual(opened.minUs);
    const firstMs = ms(contents, 'firstByte') - firstByteMs;
    return { value: Math.abs(firstMs), contents };
  });
  expect(misplacedMs).toBeLessThan(5);
}, 120_000);
