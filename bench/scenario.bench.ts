// What a flow of three steps costs: against three plain requests, and against Artillery's.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Artillery, artilleryAtHand } from './artillery.js';
import { judge, median, say } from './figures.js';
import type { Cost } from './shard-cost.js';
import type { Character } from './target-server.js';

const MOST_OF_PLAIN = 2.5;
const LEAST_OF_ARTILLERY = 10;
const smoke = process.argv.includes('--smoke');
const rounds = smoke ? 1 : 7;
const [warmMs, measureMs] = smoke ? [500, 1_000] : [1_500, 3_000];
/** Of Artillery's: what the longer run costs more is what its requests cost, without its start. */
const [few, many] = smoke ? [320, 1_600] : [320, 3_200];

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
// One answer serves all three steps: all clients read the same bytes.
const answer = {
  token: 't-0123456789abcdef',
  users: [{ id: '17', name: 'ada' }],
  state: 'accepted',
};
const character: Character = { body: JSON.stringify(answer) };
const server = fork(here('./target-process.js'), [JSON.stringify(character)], {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
const [line] = (await once(server.stdout!, 'data')) as [Buffer];
const url = line.toString().trim();

async function seen(): Promise<number> {
  server.send('seen');
  const [{ count }] = (await once(server, 'message')) as [{ count: number }];
  return count;
}

function ours(client: 'flow' | 'plain'): number {
  const args = [here('./scenario-client.js'), client, url, String(warmMs), String(measureMs)];
  const cost = JSON.parse(execFileSync(process.execPath, args).toString()) as Cost;
  return cost.cpuUs / cost.requests;
}

async function theirs(artillery: Artillery): Promise<number> {
  const parts: Cost[] = [];
  for (const iterations of [few, many]) {
    const before = await seen();
    const cpuUs = artillery.cpuUs(url, iterations);
    parts.push({ cpuUs, requests: (await seen()) - before });
  }
  const [short, long] = parts as [Cost, Cost];
  return (long.cpuUs - short.cpuUs) / (long.requests - short.requests);
}

const artillery = artilleryAtHand();
if (!artillery) {
  say(`
################################################################################
  ARTILLERY WAS SKIPPED: it, or the Node that it needs, cannot be fetched from npm.
  What is said below is of our own requests alone.
################################################################################
`);
}

const ratios: number[] = [];
const flows: number[] = [];
for (let round = 0; round < rounds; round++) {
  // Whoever goes first has the cooler machine: they take turns.
  const [first, second] =
    round % 2 === 0 ? (['flow', 'plain'] as const) : (['plain', 'flow'] as const);
  const cost = { [first]: ours(first), [second]: ours(second) } as Record<'flow' | 'plain', number>;
  flows.push(cost.flow);
  ratios.push(cost.flow / cost.plain);
  say(
    `round ${round + 1}: a step ${cost.flow.toFixed(1)} µs, a plain request ` +
      `${cost.plain.toFixed(1)} µs, ratio ${ratios.at(-1)!.toFixed(3)}`,
  );
}
const peers: number[] = [];
for (let round = 0; artillery && round < (smoke ? 1 : 3); round++) {
  peers.push(await theirs(artillery));
  say(`Artillery, round ${round + 1}: ${peers.at(-1)!.toFixed(0)} µs a request`);
}
server.disconnect();
server.kill();

const ofPlain = median(ratios);
say(`median CPU per request of a flow: ${median(flows).toFixed(1)} µs`);
say(`against three plain requests: ${ofPlain.toFixed(2)} (at most ${MOST_OF_PLAIN})`);
const ofArtillery = artillery ? median(peers) / median(flows) : null;
if (ofArtillery !== null) {
  say(`Artillery's against ours: ${ofArtillery.toFixed(1)} (at least ${LEAST_OF_ARTILLERY})`);
}
const all = [...ratios, ...flows, ...peers];
process.exitCode = smoke
  ? judge([['all clients made requests', all.every(Number.isFinite)]])
  : judge([
      [`a flow costs at most ${MOST_OF_PLAIN} of its plain requests`, ofPlain <= MOST_OF_PLAIN],
      ...(ofArtillery === null
        ? []
        : ([
            [
              `Artillery costs at least ${LEAST_OF_ARTILLERY} times as much per request`,
              ofArtillery >= LEAST_OF_ARTILLERY,
            ],
          ] as const)),
    ]);
