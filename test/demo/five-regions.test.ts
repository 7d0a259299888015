import { afterAll, expect, it } from 'vitest';
import { startOwnThread } from '../../lib/demo/own-thread.js';
import { tourPlan } from '../../lib/demo/tour-plan.js';
import type { FrozenPlan } from '../../lib/plan/frozen-plan.js';
import { readPlan } from '../../lib/plan/read-plan.js';
import type { Report } from '../../lib/report/report-schema.js';
import { runLocally } from '../../lib/run/local-run.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { frozenFor } from '../support/load-plans.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const SERVICE = new URL('../../dist/lib/demo/service-thread.js', import.meta.url);
const entry = new URL('../../dist/lib/run/load-thread.js', import.meta.url);
const ROUNDS = 5;
const TRIES = 10;

const folder = temporaryFolder();
const store = FolderStore.open(folder);
// The shop without its moods: what differs between the regions is then their distance.
const starting = startOwnThread(
  {
    seed: 1,
    slowStart: { forMs: 1, extraMs: 0 },
    stall: { everyMs: 3_600_000, forMs: 0 },
  },
  0,
  SERVICE,
);
afterAll(async () => (await starting).close());

/** Shorter, and with more of each region in less time. */
const SHORT = [
  ...['load.0.for=300ms', 'load.1.for=200ms'],
  ...['load.2.for=2500ms', 'load.2.rate=500/s', 'http.connections=250'],
];

function frozen(target: string, round: number): FrozenPlan {
  const plan = readPlan(tourPlan(), {
    env: {},
    readFile: () => new Uint8Array(),
    emulate: true,
    overrides: { target, set: SHORT },
  });
  const change = { where: 'emulated', seed: round, createdAtMs: Date.now() } as const;
  return frozenFor(plan, { ...change, run: `round-${round}` });
}

/** A round in which the generator itself was late tells nothing about distance. */
function quiet({ verdict, slices }: Report): boolean {
  const loop = verdict.validity.find(({ check }) => check === 'event-loop');
  const lag = slices[0]!.phases.wait.lag.p99;
  return loop?.level === 'good' && lag !== null && lag <= 5;
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

it('the medians of the five regions differ as their distances do', async () => {
  const { url } = await starting;
  const beyondNearest: number[][] = [];
  let regions: FrozenPlan['regions'] = [];
  for (let round = 0; beyondNearest.length < ROUNDS; round++) {
    if (round === TRIES) throw new Error('machine too noisy');
    const plan = frozen(url, round);
    ({ regions } = plan);
    const report = await runLocally(plan, { store, folder, entry });
    if (!quiet(report)) continue;
    const medians = regions.map(({ name }) => {
      const slice = report.slices.find(
        ({ region, request, stage }) => region === name && request === null && stage === 'peak',
      );
      return slice!.latency.p50!;
    });
    beyondNearest.push(medians.map((median) => median - medians[0]!));
  }
  const roundTrips = regions.map(({ emulated }) => emulated!.roundTripUs / 1000);
  expect(roundTrips.length).toBe(5);
  for (const [i, roundTrip] of roundTrips.entries()) {
    const expected = roundTrip - roundTrips[0]!;
    const measured = medianOf(beyondNearest.map((round) => round[i]!));
    const tolerance = Math.max(3, 0.1 * expected);
    expect(Math.abs(measured - expected), `${regions[i]!.name}: ${measured}`).toBeLessThanOrEqual(
      tolerance,
    );
  }
}, 120_000);
