// Does the latency tell what clients felt? Against servers whose stalls are known to the instant.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openSchedule } from '../lib/load/schedule.js';
import type { FrozenPlan } from '../lib/plan/frozen-plan.js';
import { shardRefs } from '../lib/plan/split.js';
import type { Report } from '../lib/report/report-schema.js';
import { judge, median, say } from './figures.js';
import { startTarget, type Target } from './target-server.js';

const STALL = { everyMs: 2_000, forMs: 200 };
const HOLD = { oneIn: 500, forMs: 500 };
const RATE = 1_000;
const TOLERANCE = 0.05;
const smoke = process.argv.includes('--smoke');
const rounds = smoke ? 1 : 5;
/** Whole cycles of the server, and enough of them for p99.9. */
const seconds = smoke ? 4 : 12;
const TRIES = 10;

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../bin/isochrone.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'isochrone-omission-'));

interface Measured {
  readonly report: Report;
  readonly frozen: FrozenPlan;
}

async function measure(url: string, args: readonly string[]): Promise<Measured> {
  const command = [cli, 'run', url, '--rate', `${RATE}/s`, '--for', `${seconds}s`];
  const { stdout } = await run(
    process.execPath,
    [...command, '--json', '--quiet', '--store', folder, ...args],
    { maxBuffer: 1 << 28 },
  ).catch((error: { code?: number; stdout?: string }) => {
    // A measurement that calls itself invalid has a report all the same.
    if (error.code === 4 && error.stdout) return { stdout: error.stdout };
    throw error;
  });
  const report = JSON.parse(stdout) as Report;
  const plan = readFileSync(join(folder, 'runs', report.run.id, 'plan.json'), 'utf8');
  return { report, frozen: JSON.parse(plan) as FrozenPlan };
}

/** What each scheduled request had to wait, ms: until the end of the stall that it fell into. */
function truth({ report, frozen }: Measured, target: Target): number[] {
  const startMs = Date.parse(report.run.startedAt!);
  const waits: number[] = [];
  for (const ref of shardRefs(frozen, 0)) {
    const cursor = openSchedule(frozen, ref);
    while (cursor.advance()) {
      const dueMs = startMs + cursor.dueUs / 1000;
      const stall = target.stalls().find(([from, to]) => dueMs >= from && dueMs < to);
      waits.push(stall ? stall[1] - dueMs : 0);
    }
  }
  return waits.sort((a, b) => a - b);
}

function percentile(sorted: readonly number[], p: number): number {
  return sorted[Math.ceil((p / 100) * sorted.length) - 1]!;
}

/** A round in which the generator itself was late tells nothing about the method. */
function quiet(report: Report): boolean {
  return report.verdict.validity.find(({ check }) => check === 'lag')?.level === 'good';
}

async function quietly(measureOnce: () => Promise<Measured>): Promise<Measured> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const measured = await measureOnce();
    if (quiet(measured.report)) return measured;
    say('  (a round in which the generator was late: again)');
  }
  throw new Error(`machine too noisy: ${TRIES} rounds in a row in which the generator was late`);
}

const claims: [string, boolean][] = [];
const near = (measured: number, true_: number) => Math.abs(measured / true_ - 1) <= TOLERANCE;
const ms = (value: number | null | undefined) => (value == null ? '–' : `${value.toFixed(1)} ms`);

say(
  `A server that stops for ${STALL.forMs} ms every ${STALL.everyMs} ms; ${RATE}/s for ${seconds} s`,
);
for (const arrivals of ['even', 'poisson']) {
  for (const connections of ['auto', '10']) {
    const errors: Record<'p99' | 'p999', number[]> = { p99: [], p999: [] };
    for (let round = 0; round < rounds; round++) {
      const target = await startTarget({ stall: STALL });
      const measured = await quietly(() =>
        measure(target.url, [
          ...['--arrivals', arrivals, '--connections', connections, '--seed', String(round + 1)],
        ]),
      );
      const waits = truth(measured, target);
      await target.close();
      const { latency, service } = measured.report.slices[0]!;
      const true99 = percentile(waits, 99);
      const true999 = percentile(waits, 99.9);
      // Too few requests to show a percentile in a smoke: the reading is then not judged.
      errors.p99.push((latency.p99 ?? true99) / true99);
      errors.p999.push((latency.p999 ?? true999) / true999);
      say(
        `  ${arrivals}, connections ${connections}: truth p99 ${ms(true99)} p99.9 ${ms(true999)} | ` +
          `latency ${ms(latency.p99)} ${ms(latency.p999)} | service ${ms(service.p99)} ${ms(service.p999)}`,
      );
    }
    const p99 = median(errors.p99);
    const p999 = median(errors.p999);
    claims.push(
      [`${arrivals}, ${connections}: p99 is ${p99.toFixed(3)} of the truth`, near(p99, 1)],
      [`${arrivals}, ${connections}: p99.9 is ${p999.toFixed(3)} of the truth`, near(p999, 1)],
    );
  }
}

say(`A server that holds one request in ${HOLD.oneIn} for ${HOLD.forMs} ms, 64 connections`);
const held: Record<'p99' | 'p999', number[]> = { p99: [], p999: [] };
for (let round = 0; round < rounds; round++) {
  const target = await startTarget({ hold: HOLD });
  const { report } = await quietly(() =>
    measure(target.url, ['--connections', '64', '--seed', String(round + 1)]),
  );
  await target.close();
  const { latency } = report.slices[0]!;
  held.p99.push(latency.p99 ?? 0);
  held.p999.push(latency.p999 ?? HOLD.forMs);
  say(`  latency p99 ${ms(latency.p99)} p99.9 ${ms(latency.p999)}`);
}
claims.push(
  [
    `held: p99 ${ms(median(held.p99))} is under ${HOLD.forMs / 10} ms`,
    median(held.p99) < HOLD.forMs / 10,
  ],
  [`held: p99.9 ${ms(median(held.p999))} is ${HOLD.forMs} ms`, near(median(held.p999), HOLD.forMs)],
);

say('What peers say of the stalling server (truth about 180 and 198 ms):');
await peers();
rmSync(folder, { recursive: true, force: true });
process.exitCode = judge(claims);

async function peers(): Promise<void> {
  const target = await startTarget({ stall: STALL });
  const cannon = fileURLToPath(new URL('../../node_modules/.bin/autocannon', import.meta.url));
  const { stdout } = await run(cannon, [
    ...['-j', '-R', String(RATE), '-c', '10', '-d', String(seconds), target.url],
  ]);
  const { latency } = JSON.parse(stdout) as { latency: Record<string, number> };
  say(`  autocannon -R${RATE} -c10: p99 ${latency.p99} ms, p99.9 ${latency.p99_9} ms`);
  if (hasWrk()) {
    const wrk = await run('wrk', ['-t1', '-c10', `-d${seconds}s`, '--latency', target.url]);
    const p99 = /99%\s+(\S+)/.exec(wrk.stdout)?.[1];
    say(`  wrk -c10: p99 ${p99} (a closed loop: it does not send at ${RATE}/s)`);
  } else {
    say('  wrk: not installed here');
  }
  await target.close();
}

function hasWrk(): boolean {
  try {
    execFileSync('which', ['wrk'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
