// What emulated distance costs, and how exact it is: the same rate from here and from 80 ms away.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { judge, median, say } from './figures.js';

const RTT_MS = 80;
const MOST_CPU_RATIO = 2;
const smoke = process.argv.includes('--smoke');
const rounds = smoke ? 1 : 7;
const [perSecond, warmMs, measureMs] = smoke ? [500, 500, 1_000] : [2_000, 1_500, 3_000];

interface Outcome {
  readonly requests: number;
  readonly cpuUs: number;
  readonly minUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const server = fork(here('./target-process.js'), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
const [line] = (await once(server.stdout!, 'data')) as [Buffer];
const url = line.toString().trim();

function client(rttMs: number, pacer: 'spin' | 'timer'): Outcome {
  const args = [here('./emulation-client.js'), url, rttMs, pacer, perSecond, warmMs, measureMs];
  return JSON.parse(execFileSync(process.execPath, args.map(String)).toString()) as Outcome;
}

const each = { near: [] as number[], far: [] as number[] };
const exact = { minUs: [] as number[], p50Us: [] as number[], p99Us: [] as number[] };
const us = ({ cpuUs, requests }: Outcome) => cpuUs / requests;
const ms = (value: number) => (value / 1_000).toFixed(2);

say(`${perSecond}/s over 256 connections; CPU with a timer pacer, exactness with a spinning one`);
for (let round = 0; round < rounds; round++) {
  // A spinning pacer's CPU time is not that of requests.
  const near = client(0, 'timer');
  const far = client(RTT_MS, 'timer');
  const spun = client(RTT_MS, 'spin');
  each.near.push(us(near));
  each.far.push(us(far));
  for (const key of ['minUs', 'p50Us', 'p99Us'] as const) exact[key].push(spun[key]);
  say(
    `round ${round + 1}: CPU per request ${us(near).toFixed(1)} µs, emulated ${us(far).toFixed(1)} µs; ` +
      `exchange of ${RTT_MS} ms: p50 ${ms(spun.p50Us)}, p99 ${ms(spun.p99Us)} (timer: ${ms(far.p50Us)}, ${ms(far.p99Us)})`,
  );
}
server.disconnect();
server.kill();

const ratio = median(each.far.map((cost, round) => cost / each.near[round]!));
const p50Ms = median(exact.p50Us) / 1_000;
const leastMs = Math.min(...exact.minUs) / 1_000;
say(
  `medians: CPU per request ${median(each.near).toFixed(1)} µs, emulated ${median(each.far).toFixed(1)} µs, ratio ${ratio.toFixed(2)}; ` +
    `exchange p50 ${p50Ms.toFixed(2)} ms, p99 ${ms(median(exact.p99Us))} ms`,
);
const never: readonly [string, boolean] = [
  'no exchange is shorter than its round trip',
  leastMs >= RTT_MS,
];
process.exitCode = smoke
  ? judge([never])
  : judge([
      never,
      [`an exchange of ${RTT_MS} ms takes at most 1.5 ms more (p50)`, p50Ms <= RTT_MS + 1.5],
      [
        `CPU per request is at most ${MOST_CPU_RATIO} times that without emulation`,
        ratio <= MOST_CPU_RATIO,
      ],
    ]);
