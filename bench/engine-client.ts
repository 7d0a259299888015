// One client of the engine benchmark, alone in its process: prints its CPU time per request as JSON.
import { createRequire } from 'node:module';
import { planFromFlags } from '../lib/plan/from-flags.js';
import { type Cost, shardCost } from './shard-cost.js';

const CONNECTIONS = 64;
const [client = '', url = '', warmArg, measureArg] = process.argv.slice(2);
const warmMs = Number(warmArg);
const measureMs = Number(measureArg);

async function ours(): Promise<Cost> {
  const seconds = Math.ceil((warmMs + measureMs) / 1000) + 2;
  const plan = planFromFlags(
    { url, users: String(CONNECTIONS), for: `${seconds}s` },
    { env: {}, readFile: () => new Uint8Array() },
  );
  return shardCost(plan, warmMs, measureMs);
}

async function autocannon(): Promise<Cost> {
  const fire = createRequire(import.meta.url)('autocannon') as (
    options: object,
  ) => Promise<{ requests: { total: number } }>;
  await fire({ url, connections: CONNECTIONS, duration: warmMs / 1000 });
  const before = process.cpuUsage();
  const { requests } = await fire({ url, connections: CONNECTIONS, duration: measureMs / 1000 });
  const spent = process.cpuUsage(before);
  return { requests: requests.total, cpuUs: spent.user + spent.system };
}

const cost = client === 'ours' ? await ours() : await autocannon();
process.stdout.write(JSON.stringify(cost));
process.exit(0);
