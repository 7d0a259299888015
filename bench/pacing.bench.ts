// How late is a request taken up at 1,000 a second? Our pacer, against a chain of timers as most
// load generators have it, and beside a loop that does nothing but look at the clock.
import { Pacer } from '../lib/load/pacer.js';
import type { RunClock } from '../lib/load/run-clock.js';
import { judge, median, say } from './figures.js';

const LIMIT = 0.2;
const GAP_US = 1_000;
const smoke = process.argv.includes('--smoke');
const rounds = smoke ? 2 : 9;
/** Instants of each way in each round. */
const instants = smoke ? 300 : 1_000;

/** Calls back at each instant with how late it is; resolves after the last. */
type Way = (clock: RunClock, count: number, late: (us: number) => void) => Promise<void>;

const ours: Way = (clock, count, late) =>
  new Promise((resolve) => {
    const pacer = new Pacer('spin', clock);
    const firstUs = clock.nowUs() + GAP_US;
    let next = 0;
    const source = {
      get nextUs() {
        return next < count ? firstUs + next * GAP_US : Number.POSITIVE_INFINITY;
      },
      fire() {
        for (; source.nextUs <= clock.nowUs(); next++) late(clock.nowUs() - source.nextUs);
        if (next < count) return;
        pacer.remove(source);
        resolve();
      },
    };
    pacer.add(source);
  });

/** On the same absolute schedule: only how it waits differs. */
const timers: Way = (clock, count, late) =>
  new Promise((resolve) => {
    const firstUs = clock.nowUs() + GAP_US;
    let next = 0;
    const nextUs = () => firstUs + next * GAP_US;
    const wake = () => {
      for (; next < count && nextUs() <= clock.nowUs(); next++) late(clock.nowUs() - nextUs());
      if (next === count) resolve();
      else setTimeout(wake, (nextUs() - clock.nowUs()) / 1_000);
    };
    wake();
  });

/** What the machine itself takes away: nobody can be earlier than this. */
const bareLoop: Way = async (clock, count, late) => {
  const firstUs = clock.nowUs() + GAP_US;
  for (let next = 0; next < count; next++) {
    const dueUs = firstUs + next * GAP_US;
    let nowUs = clock.nowUs();
    while (nowUs < dueUs) nowUs = clock.nowUs();
    late(nowUs - dueUs);
  }
};

const WAYS = { 'our pacer': ours, 'a chain of timers': timers, 'a bare loop': bareLoop } as const;
const NAMES = Object.keys(WAYS) as (keyof typeof WAYS)[];

// A run counts whole microseconds; here parts of one matter.
const clock = { nowUs: () => performance.now() * 1_000 } as unknown as RunClock;
for (const name of NAMES) await WAYS[name](clock, 200, () => {});

const latenesses = Object.fromEntries(NAMES.map((name) => [name, [] as number[]])) as Record<
  keyof typeof WAYS,
  number[]
>;
const us = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} µs`;
const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  const medians = {} as Record<keyof typeof WAYS, number>;
  for (const name of NAMES) {
    const seen: number[] = [];
    await WAYS[name](clock, instants, (us) => seen.push(us));
    latenesses[name].push(...seen);
    medians[name] = median(seen);
  }
  ratios.push(medians['our pacer'] / medians['a chain of timers']);
}

say(`Lateness at ${1e6 / GAP_US}/s, ${rounds} interleaved rounds of ${instants} instants each:`);
for (const name of NAMES) {
  const sorted = latenesses[name].sort((a, b) => a - b);
  const at = (p: number) => sorted[Math.ceil(p * sorted.length) - 1]!;
  say(`  ${name.padEnd(18)} p50 ${us(at(0.5))}, p99 ${us(at(0.99))}, max ${us(at(1))}`);
}
const ratio = median(ratios);
say(`median of the rounds' ratios of medians: ${ratio.toFixed(4)} (at most ${LIMIT})`);
process.exitCode = judge([
  [
    'every instant was met once, and none early',
    NAMES.every(
      (name) => latenesses[name].length === rounds * instants && latenesses[name][0]! >= 0,
    ),
  ],
  ...(smoke
    ? []
    : ([
        [`our pacer's median lateness is at most ${LIMIT} of the timers'`, ratio <= LIMIT],
      ] as const)),
]);
