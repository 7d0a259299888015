// The two runs that bound what measurements may take in the store, and what one shard of them writes.
import { encodeFragment } from '../lib/measure/fragment.js';
import { Timeline, timelineOf } from '../lib/measure/timeline.js';
import { synthetic } from './synthetic-shard.js';

const SECOND_US = 1_000_000;
const LEG_US = 540 * SECOND_US;
const TAIL_US = 130 * SECOND_US;
/** Manifest, claim and ready: what a shard writes beside its fragments. */
const OBJECTS_BESIDE = 3;

export interface BudgetRun {
  readonly name: string;
  readonly seconds: number;
  readonly regions: number;
  /** Of each region. */
  readonly workers: number;
  readonly requests: number;
  /** Of each worker. */
  readonly perSecond: number;
  readonly limits: Written;
}

export interface Written {
  readonly histograms: number;
  readonly bytes: number;
  readonly objects: number;
}

export const BUDGET_RUNS: readonly BudgetRun[] = [
  {
    name: '10 h × 30 regions × 1 worker × 100 requests, 100/s each',
    seconds: 36_000,
    regions: 30,
    workers: 1,
    requests: 100,
    perSecond: 100,
    limits: { histograms: 2_500_000, bytes: 3_000_000_000, objects: 44_000 },
  },
  {
    name: '15 min × 1,000 workers × 20 requests, 50/s each',
    seconds: 900,
    regions: 1,
    workers: 1_000,
    requests: 20,
    perSecond: 50,
    limits: { histograms: 7_500_000, bytes: 1_200_000_000, objects: 190_000 },
  },
];

/** Every leg of a worker: its place in the run. */
export function legsOf(run: BudgetRun): { index: number; startUs: number; endUs: number }[] {
  const endUs = run.seconds * SECOND_US;
  return Array.from({ length: Math.ceil(endUs / LEG_US) }, (_, index) => ({
    index,
    startUs: index * LEG_US,
    endUs: Math.min(endUs, (index + 1) * LEG_US),
  }));
}

/** Drives one worker through one leg; `keep` gets each fragment as it is cut. */
export function writeShard(
  run: BudgetRun,
  leg: { readonly index: number; readonly startUs: number; readonly endUs: number },
  n: number,
  keep: (name: string, bytes: Uint8Array) => void = () => {},
): Written {
  const stage = { startUs: 0, endUs: run.seconds * SECOND_US, warmup: false };
  const shard = {
    region: `region-${n}`,
    leg: leg.index,
    n,
    timeline: new Timeline(timelineOf([stage], TAIL_US, LEG_US)),
    startUs: leg.startUs,
    endUs: leg.endUs,
    perSecond: run.perSecond,
    requests: run.requests,
    fragmentUs: (run.seconds <= 900 ? 5 : 30) * SECOND_US,
  };
  let histograms = 0;
  let bytes = 0;
  let objects = OBJECTS_BESIDE;
  for (const content of synthetic(shard)) {
    const fragment = encodeFragment(content);
    keep(`${leg.index}-${n}-${content.shard?.seq}.frag`, fragment);
    histograms += content.histograms.length;
    bytes += fragment.length;
    objects += 1;
  }
  return { histograms, bytes, objects };
}

export function sumOf(parts: readonly Written[]): Written {
  let [histograms, bytes, objects] = [0, 0, 0];
  for (const part of parts) {
    histograms += part.histograms;
    bytes += part.bytes;
    objects += part.objects;
  }
  return { histograms, bytes, objects };
}
