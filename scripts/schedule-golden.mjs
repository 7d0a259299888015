// Prints golden schedules as JSON, computed by dist/ with the Node that runs this:
//
//     node scripts/schedule-golden.mjs [CASE]
//     node scripts/schedule-golden.mjs --check
//
// `--check` compares all with test/golden/schedule byte for byte, so that any Node version on any
// processor can be held against the one that wrote them. Needs nothing but dist/.
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SECOND_US = 1_000_000;

function plan(load, change = {}) {
  const request = (name, weight) => ({
    name,
    method: 'GET',
    path: '/',
    weight,
    headers: [],
    body: null,
    expect: null,
    timeoutUs: 10 * SECOND_US,
  });
  return {
    name: 'golden',
    target: 'http://127.0.0.1',
    regions: [
      { name: 'us-east-1', share: 50, workers: 2 },
      { name: 'eu-west-1', share: 30, workers: 1 },
      { name: 'ap-northeast-1', share: 20, workers: 1 },
    ],
    load,
    arrivals: 'even',
    requests: [request('GET /', 1), request('POST /hospital', 3), request('pay', 2)],
    objectives: [],
    abort: [],
    http: {
      timeoutUs: 10 * SECOND_US,
      connectTimeoutUs: 10 * SECOND_US,
      connections: 'auto',
      expectUs: null,
      insecure: false,
      resolve: {},
      probe: true,
      serverTime: null,
    },
    ...change,
  };
}

const rate = (fromRate, toRate, seconds) => ({
  name: null,
  warmup: false,
  durationUs: seconds * SECOND_US,
  fromRate,
  toRate,
});

const users = (fromUsers, toUsers, seconds) => ({
  name: null,
  warmup: false,
  durationUs: seconds * SECOND_US,
  fromUsers,
  toUsers,
});

const RAMPS = [
  rate(0, 120, 7),
  rate(120, 120, 5),
  rate(120, 0.3, 6),
  rate(0, 0, 3),
  rate(0.3, 47.1, 9),
];

/** Poisson counts are drawn with logarithms, once; here they are given, as a worker gets them. */
const COUNTS = [3, 31, 40, 58, 71, 106, 108, 127, 125, 102, 119, 133, 110, 92, 68, 41, 31, 12]
  .concat([0, 0, 0])
  .concat([4, 6, 17, 15, 26, 23, 40, 40, 49]);

const CASES = {
  'even-ramps': {
    plan: plan({ kind: 'open', stages: RAMPS }),
    legUs: 10 * SECOND_US,
  },
  'poisson-ramps': {
    plan: plan({ kind: 'open', stages: RAMPS }, { arrivals: 'poisson' }),
    legUs: 10 * SECOND_US,
    arrivalsPerSecond: COUNTS,
  },
  'even-ten-hours': {
    plan: plan({
      kind: 'open',
      stages: [rate(0, 333.3, 600), rate(333.3, 333.3, 34_800), rate(333.3, 0, 600)],
    }),
    legUs: 540 * SECOND_US,
    legs: [0, 33, 66],
  },
  'users-think': {
    plan: plan({
      kind: 'closed',
      stages: [users(0, 40, 7), users(40, 40, 5), users(40, 11, 4), users(11, 30, 6)],
      pace: { kind: 'think', minUs: SECOND_US, maxUs: 3 * SECOND_US },
    }),
    legUs: null,
  },
};

export const cases = Object.keys(CASES);

/** One case as text; `lib` is what freeze, split, schedule and users export. */
export function schedules(name, lib) {
  const { plan, legUs, legs, arrivalsPerSecond = null } = CASES[name];
  const drawn = lib.freezePlan(plan, {
    run: '20260121-141503-golden-7f3a',
    label: null,
    createdAtMs: 0,
    seed: 3_141_592_653,
    where: 'local',
    legUs,
    allowUndecided: false,
  });
  const frozen = { ...drawn, arrivalsPerSecond };
  const refs = frozen.legs
    .filter(({ index }) => legs?.includes(index) ?? true)
    .flatMap(({ index }) => lib.shardRefs(frozen, index));
  const describe = plan.load.kind === 'open' ? openShard : userShard;
  const rows = refs.map((ref) => {
    const shard = `${ref.region}/${ref.leg}/${ref.n}`;
    return `  ${JSON.stringify({ shard, ...describe(frozen, ref, lib) })}`;
  });
  return `[\n${rows.join(',\n')}\n]\n`;
}

/** The first arrivals as [ordinal, µs, request], and a sum over all that any change would change. */
function openShard(frozen, ref, lib) {
  const cursor = lib.openSchedule(frozen, ref);
  const first = [];
  let arrivals = 0;
  let digest = 0x811c9dc5;
  let last = null;
  while (cursor.advance()) {
    last = [cursor.ordinal, cursor.dueUs, cursor.start];
    if (arrivals++ < 12) first.push(last);
    for (const value of [cursor.dueUs, cursor.start]) {
      for (const byte of String(value)) digest = Math.imul(digest ^ byte.charCodeAt(0), 0x01000193);
    }
  }
  return { arrivals, first, last, fnv1a: (digest >>> 0).toString(16) };
}

/** Sessions as [user, comes, leaves], and each user's first pauses. */
function userShard(frozen, ref, lib) {
  const schedule = lib.userSchedule(frozen, ref);
  return {
    sessions: schedule.sessions.map(({ user, comesUs, leavesUs }) => [user, comesUs, leavesUs]),
    think: schedule.sessions
      .slice(0, 5)
      .map(({ user }) => [0, 1, 2].map((i) => schedule.thinkUs(user, i))),
    requests: Array.from({ length: 24 }, (_, i) => schedule.startOf(i)).join(''),
  };
}

async function main(argument) {
  const lib = {
    ...(await import('../dist/lib/plan/freeze.js')),
    ...(await import('../dist/lib/plan/split.js')),
    ...(await import('../dist/lib/load/schedule.js')),
    ...(await import('../dist/lib/load/users.js')),
  };
  if (argument !== '--check') {
    for (const name of argument ? [argument] : cases) process.stdout.write(schedules(name, lib));
    return;
  }
  for (const name of cases) {
    const golden = new URL(`../test/golden/schedule/${name}.json`, import.meta.url);
    const same = schedules(name, lib) === readFileSync(golden, 'utf8');
    process.stdout.write(`${name}: ${same ? 'same' : 'DIFFERS'}\n`);
    if (!same) process.exitCode = 1;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(process.argv[2]);
}
