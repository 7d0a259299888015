import type { FrozenPlan } from '../plan/frozen-plan.js';
import { CLOUD_TIMING } from './cloud-timing.js';
import { PAUSE_MS, type Timing } from './timing.js';

/** How long things take: as they mostly do, or the longest that they are waited for. */
export type Expectation = 'likely' | 'most';

/** The life of the workers of one leg, s. */
export interface LegTimes {
  /** Loading the code, before the worker begins. */
  readonly initS: number;
  /** From there to the leg's first instant: getting ready, and waiting for it. */
  readonly aheadS: number;
  /** Of that, from the go on: workers tell what they measured from then on. */
  readonly goS: number;
  readonly loadS: number;
  /** From its last instant to the worker's end: the last answers, the last words. */
  readonly endingS: number;
}

/** When things happen in a run, as far as that can be known before. */
export interface RunTimes {
  readonly legs: readonly LegTimes[];
  /** Until all workers of a leg are ready, s. */
  readonly readyS: number;
  /** From the first worker's start to the last one's report, s. */
  readonly watchS: number;
  /** Slices that this takes. */
  readonly slices: number;
  /** Of the orchestrator, waiting for merge, s. */
  readonly mergeWaitS: number;
}

/** Loading our code, s. */
export const INIT_S = { likely: 0.4, most: 10 } as const;
const READY_S = 2;
/** A worker that waits for slower ones is paid for, too: so much is reckoned with. */
const SLOWEST_READY_S = 8;
/** From a worker's start to its go, where the leg's instant is far. */
const GO_S = 4;
/** The clock of the store is looked at once more, and the last fragment goes out, s. */
const ENDING_S = 1;
const MERGE_WAIT_S = { likely: 3, most: 240 } as const;

export function expectedTimes(
  frozen: FrozenPlan,
  how: Expectation,
  timing: Timing = CLOUD_TIMING,
): RunTimes {
  const { legs, graceUs, durationUs } = frozen;
  const likely = how === 'likely';
  const leadS = timing.leadMs / 1000;
  const mostAheadS = timing.armMs / 1000;
  const readyS = likely ? READY_S : mostAheadS - leadS;
  const endingS = likely ? ENDING_S : graceUs / 1e6 + timing.uploadMs / 1000;
  const lives = legs.map(({ startUs, endUs }, index): LegTimes => {
    const before = legs[index - 1];
    // Later legs are armed long before their time, and wait for it.
    const waitS = before ? Math.min(mostAheadS, (before.endUs - before.startUs) / 1e6) : null;
    const firstS = likely ? SLOWEST_READY_S + leadS : mostAheadS;
    return {
      initS: INIT_S[how],
      aheadS: waitS ?? firstS,
      goS: waitS === null ? leadS : Math.max(0, waitS - GO_S),
      loadS: (endUs - startUs) / 1e6,
      endingS,
    };
  });
  const watchS = readyS + leadS + durationUs / 1e6 + endingS + timing.tickMs / 2000;
  return {
    legs: lives,
    readyS,
    watchS,
    slices: slicesOf(frozen, lives, {
      startS: readyS + leadS,
      watchS,
      sliceS: timing.sliceMs / 1000,
    }),
    mergeWaitS: MERGE_WAIT_S[how],
  };
}

/** A slice lasts as long as it may, or until the next leg is due to be armed. */
function slicesOf(
  { legs }: FrozenPlan,
  lives: readonly LegTimes[],
  { startS, watchS, sliceS }: { startS: number; watchS: number; sliceS: number },
): number {
  const dues = legs.slice(1).map(({ startUs }, i) => startS + startUs / 1e6 - lives[i + 1]!.aheadS);
  let slices = 0;
  for (let atS = 0; atS < watchS; slices++) {
    const nextS = Math.min(atS + sliceS, ...dues.filter((dueS) => dueS > atS));
    atS = nextS + PAUSE_MS / 1000;
  }
  return slices;
}
