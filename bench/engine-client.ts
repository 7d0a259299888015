// One client of the engine benchmark, alone in its process: prints its CPU time per request as JSON.
import { createRequire } from 'node:module';
import { Pacer } from '../lib/load/pacer.js';
import { RunClock } from '../lib/load/run-clock.js';
import { runTimeline } from '../lib/load/run-timeline.js';
import { Shard } from '../lib/load/shard.js';
import { encodeFragment } from '../lib/measure/fragment.js';
import { freezePlan } from '../lib/plan/freeze.js';
import { planFromFlags } from '../lib/plan/from-flags.js';

const CONNECTIONS = 64;
const [client = '', url = '', warmArg, measureArg] = process.argv.slice(2);
const warmMs = Number(warmArg);
const measureMs = Number(measureArg);

interface Cost {
  readonly requests: number;
  readonly cpuUs: number;
}

async function ours(): Promise<Cost> {
  const seconds = Math.ceil((warmMs + measureMs) / 1000) + 2;
  const plan = planFromFlags(
    { url, users: String(CONNECTIONS), for: `${seconds}s` },
    { env: {}, readFile: () => new Uint8Array() },
  );
  const frozen = freezePlan(plan, {
    run: 'bench',
    label: null,
    createdAtMs: 0,
    seed: 1,
    where: 'local',
    workers: null,
    legUs: null,
    allowUndecided: true,
  });
  const clock = new RunClock();
  const shard = new Shard({
    frozen,
    ref: { run: 'bench', region: 'local', leg: 0, n: 0, attempt: 1 },
    timeline: runTimeline(frozen),
    clock,
    pacer: new Pacer('timer', clock),
    env: {},
    userAgent: 'isochrone',
  });
  await shard.arm();
  clock.startAt(clock.wallMs());
  const running = shard.run();
  // Fragments are cut and encoded as in a run, five times as often.
  const cutting = setInterval(() => encodeFragment(shard.flush(false)), 1_000);
  await pause(warmMs);
  const before = { ok: shard.recorder.totals().ok, cpu: process.cpuUsage() };
  await pause(measureMs);
  const spent = process.cpuUsage(before.cpu);
  const requests = shard.recorder.totals().ok - before.ok;
  clearInterval(cutting);
  shard.stop();
  await running;
  return { requests, cpuUs: spent.user + spent.system };
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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const cost = client === 'ours' ? await ours() : await autocannon();
process.stdout.write(JSON.stringify(cost));
process.exit(0);
