import { runTimeline } from '../load/run-timeline.js';
import { Fold } from '../measure/fold.js';
import type { FragmentContent } from '../measure/fragment-content.js';
import type { FunctionUse } from '../measure/function-use.js';
import type { Manifest } from '../measure/manifest.js';
import { plannedCounts } from '../plan/forecast.js';
import type { FrozenPlan, Leg, ShardRef } from '../plan/frozen-plan.js';
import { shardRefs } from '../plan/split.js';
import {
  FELL_SILENT,
  type FragmentFate,
  type RunRecord,
  type ShardFate,
} from '../report/run-record.js';
import type { Control, RunEnd, StopOrder } from '../store/control.js';
import type { FragmentRef, RunFiles } from '../store/run-files.js';
import { atMostAtOnce } from './at-most-at-once.js';
import { isVoid, keptSum, placeName, type ShardSum, shardName, sumOfPlace } from './place-sum.js';

/** A shard without a manifest is counted to this long after a stop. */
const STOP_REACH_US = 10_000_000;
const AT_ONCE = 16;

interface Collected {
  readonly record: RunRecord;
  /** One merged content for each region of the plan, in its order. */
  readonly regions: readonly FragmentContent[];
  /** What merge took for those places that were merged before. */
  readonly merges: readonly FunctionUse[];
}

/** Reads everything that a run left in its store. Can be repeated at any time. */
export async function collectRun(
  files: RunFiles,
  frozen: FrozenPlan,
  control: Control,
  end: RunEnd,
  endedAtMs: number,
): Promise<Collected> {
  const manifests = new Map<string, Manifest>();
  const reported = await files.manifests.list();
  await atMostAtOnce(AT_ONCE, reported, async (ref) => {
    const manifest = await files.manifests.read(ref);
    if (manifest) manifests.set(shardName(ref), manifest);
  });
  const measured = await foldPlaces(files, frozen, control);
  const refs = frozen.legs
    .filter((leg) => wasToBegin(control, leg))
    .flatMap(({ index }) => shardRefs(frozen, index));
  const [claims, refused] = await Promise.all([files.claims.list(), files.refused.list()]);
  const ends = new Map(
    refused.flatMap(({ ref, refusal }) =>
      refusal.ended ? [[shardName(ref), refusal.reason] as const] : [],
    ),
  );
  return {
    record: {
      frozen,
      startAtMs: control.startAtMs,
      endedAtMs,
      end,
      shards: refs.map((ref) => shardFate(ref, frozen, control, manifests, claims, ends, measured)),
      fragments: measured.fates,
      refused: refused.map(({ ref, refusal }) => ({
        region: ref.region,
        leg: ref.leg,
        n: ref.n,
        attempt: ref.attempt,
        atMs: refusal.atMs,
        reason: refusal.reason,
        ...(refusal.used && { used: refusal.used }),
        ...(refusal.ended && { ended: true }),
      })),
    },
    regions: measured.regions,
    merges: measured.merges,
  };
}

interface Measured {
  readonly regions: readonly FragmentContent[];
  readonly fates: readonly FragmentFate[];
  readonly shards: ReadonlyMap<string, ShardSum>;
  readonly merges: readonly FunctionUse[];
}

/** Region by region, leg by leg: of places that were merged before, only what they came to is read. */
async function foldPlaces(
  files: RunFiles,
  frozen: FrozenPlan,
  control: Control,
): Promise<Measured> {
  const shards = new Map<string, ShardSum>();
  const fates: FragmentFate[] = [];
  const regions: FragmentContent[] = [];
  const merges: FunctionUse[] = [];
  const found = new Map<string, FragmentRef[]>();
  for (const ref of await files.fragments.list()) {
    const name = placeName(ref);
    const refs = found.get(name);
    if (refs) refs.push(ref);
    else found.set(name, [ref]);
  }
  for (const { name } of frozen.regions) {
    const fold = new Fold();
    let silent = true;
    for (const { index } of frozen.legs) {
      const place = { region: name, leg: index };
      const refs = found.get(placeName(place)) ?? [];
      const sum =
        (await keptSum(files, place, refs)) ?? (await sumOfPlace(files, frozen, control, refs));
      fates.push(...sum.fates);
      for (const shard of sum.shards) shards.set(shard.name, shard);
      if (sum.used) merges.push(sum.used);
      if (!sum.content) continue;
      fold.add(sum.content);
      silent = false;
    }
    // A region of which nothing arrived still has a name, and the run's time line.
    regions.push(silent ? emptyContent(frozen, name) : fold.toContent(name));
  }
  return { regions, fates, shards, merges };
}

function emptyContent(frozen: FrozenPlan, region: string): FragmentContent {
  return {
    run: frozen.run,
    region,
    shard: null,
    covers: [],
    cutAtUs: 0,
    timeline: runTimeline(frozen),
    requests: frozen.plan.requests.map((request) => request.name),
    addresses: [],
    rows: [],
    histograms: [],
    errors: [],
  };
}

function shardFate(
  ref: ShardRef,
  frozen: FrozenPlan,
  control: Control,
  manifests: ReadonlyMap<string, Manifest>,
  claims: readonly ShardRef[],
  ends: ReadonlyMap<string, string>,
  measured: Measured,
): ShardFate {
  const attempts = claims
    .filter((claim) => claim.region === ref.region && claim.leg === ref.leg && claim.n === ref.n)
    .filter((claim) => !isVoid(claim, control))
    .map((claim) => claim.attempt);
  const attempt = Math.max(1, ...attempts);
  const counted = { ...ref, attempt };
  const manifest = manifests.get(shardName(counted)) ?? null;
  const seen = measured.shards.get(shardName(counted));
  const end = ends.get(shardName(counted));
  return {
    region: ref.region,
    leg: ref.leg,
    n: ref.n,
    attempt,
    manifest,
    lastFragmentUs: seen?.lastUs ?? null,
    cause: manifest ? null : attempts.length === 0 ? 'it never started' : (end ?? FELL_SILENT),
    planned: plannedCounts(frozen, counted, reachUs(frozen, ref, control, manifest)),
    tallies: seen?.tallies ?? [],
  };
}

/**
 * Of a leg that a stop left no time to begin, nobody waits for workers. Where nobody was there any
 * more to begin it in time, what was due before the stop is lost.
 */
function wasToBegin({ startAtMs, stop, legs }: Control, { index, startUs }: Leg): boolean {
  if (startAtMs === null || stop === null || legs[index]?.state === 'go') return true;
  return startUs < stoppedUs(stop, startAtMs);
}

function stoppedUs(stop: StopOrder, startAtMs: number): number {
  return (stop.atMs - startAtMs) * 1000;
}

/** How far into its leg a shard's schedule counts. */
function reachUs(
  frozen: FrozenPlan,
  ref: ShardRef,
  control: Control,
  manifest: Manifest | null,
): number {
  const { endUs } = frozen.legs[ref.leg]!;
  if (manifest) return manifest.stoppedAtUs ?? endUs;
  if (!control.stop) return endUs;
  if (control.startAtMs === null) return 0;
  const heardUs = control.legs[ref.leg]?.state === 'go' ? STOP_REACH_US : 0;
  return Math.min(endUs, stoppedUs(control.stop, control.startAtMs) + heardUs);
}
