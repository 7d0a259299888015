// One client of the emulation benchmark, alone in its process: a steady rate over a fixed number of
// connections, from here or from far away. Prints what a request cost and took as JSON.
import { Pacer } from '../lib/load/pacer.js';
import { RunClock } from '../lib/load/run-clock.js';
import { runTimeline } from '../lib/load/run-timeline.js';
import { Shard } from '../lib/load/shard.js';
import { Histogram } from '../lib/measure/histogram.js';
import { freezePlan } from '../lib/plan/freeze.js';
import { planFromFlags } from '../lib/plan/from-flags.js';

const [url = '', rttMs = '0', pacerKind, perSecond, warmArg, measureArg] = process.argv.slice(2);
const warmMs = Number(warmArg);
const measureMs = Number(measureArg);
const far = Number(rttMs) > 0;

const seconds = Math.ceil((warmMs + measureMs) / 1000) + 2;
const flags = { url, rate: `${perSecond}/s`, for: `${seconds}s`, connections: '256' };
const plan = planFromFlags(flags, { env: {}, readFile: () => new Uint8Array() });
const emulation = { rttUs: Number(rttMs) * 1000, jitterUs: 0, loss: 0 };
const region = { name: 'far-away', share: 1, workers: 1, emulation };
const frozen = freezePlan(far ? { ...plan, regions: [region] } : plan, {
  run: 'bench',
  label: null,
  createdAtMs: 0,
  seed: 1,
  where: far ? 'emulated' : 'local',
  workers: 1,
  legUs: null,
  allowUndecided: true,
});
const clock = new RunClock();
const shard = new Shard({
  frozen,
  ref: { run: 'bench', region: frozen.regions[0]!.name, leg: 0, n: 0, attempt: 1 },
  timeline: runTimeline(frozen),
  clock,
  pacer: new Pacer(pacerKind === 'spin' ? 'spin' : 'timer', clock),
  env: {},
  userAgent: 'isochrone',
});
await shard.arm();
clock.startAt(clock.wallMs());
const running = shard.run();
await pause(warmMs);
shard.flush(false);
const before = { ok: shard.recorder.totals().ok, cpu: process.cpuUsage() };
await pause(measureMs);
const spent = process.cpuUsage(before.cpu);
const requests = shard.recorder.totals().ok - before.ok;
const service = new Histogram();
for (const { metric, span, histogram } of shard.flush(false).histograms) {
  if (metric === 'service' && span === 'window') service.add(histogram);
}
shard.stop();
await running;
process.stdout.write(
  JSON.stringify({
    requests,
    cpuUs: spent.user + spent.system,
    minUs: service.minUs,
    p50Us: service.percentileUs(5_000),
    p99Us: service.percentileUs(9_900),
  }),
);
process.exit(0);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
