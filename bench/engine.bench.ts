// CPU time per request, everything recorded, against autocannon on the same server.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { judge, median, say } from './figures.js';

const LIMIT = 0.65;
const smoke = process.argv.includes('--smoke');
const rounds = smoke ? 1 : 9;
const [warmMs, measureMs] = smoke ? [500, 1_000] : [1_500, 3_000];

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const server = fork(here('./target-process.js'), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
const [line] = (await once(server.stdout!, 'data')) as [Buffer];
const url = line.toString().trim();

function perRequestUs(client: 'ours' | 'autocannon'): { us: number; requests: number } {
  const out = execFileSync(process.execPath, [
    here('./engine-client.js'),
    client,
    url,
    String(warmMs),
    String(measureMs),
  ]);
  const { requests, cpuUs } = JSON.parse(out.toString()) as { requests: number; cpuUs: number };
  return { us: cpuUs / requests, requests };
}

const ours: number[] = [];
const theirs: number[] = [];
for (let round = 0; round < rounds; round++) {
  const a = perRequestUs('ours');
  const b = perRequestUs('autocannon');
  ours.push(a.us);
  theirs.push(b.us);
  say(
    `round ${round + 1}: ours ${a.us.toFixed(1)} µs (${a.requests} requests), ` +
      `autocannon ${b.us.toFixed(1)} µs (${b.requests}), ratio ${(a.us / b.us).toFixed(3)}`,
  );
}
server.disconnect();
server.kill();

const ratio = median(ours.map((us, round) => us / theirs[round]!));
say(
  `median CPU per request: ours ${median(ours).toFixed(1)} µs, autocannon ${median(theirs).toFixed(1)} µs`,
);
say(`median of the rounds' ratios: ${ratio.toFixed(3)} (at most ${LIMIT})`);
process.exitCode = smoke
  ? judge([
      ['both clients made requests', ours.every(Number.isFinite) && theirs.every(Number.isFinite)],
    ])
  : judge([[`CPU per request is at most ${LIMIT} of autocannon's`, ratio <= LIMIT]]);
