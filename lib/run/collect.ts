import { createHash } from 'node:crypto';
import { runTimeline } from '../load/run-timeline.js';
import { COUNTERS } from '../measure/counters.js';
import { Fold } from '../measure/fold.js';
import { decodeFragment } from '../measure/fragment.js';
import type { FragmentContent } from '../measure/fragment-content.js';
import type { Manifest } from '../measure/manifest.js';
import { Timeline } from '../measure/timeline.js';
import { plannedCounts } from '../plan/forecast.js';
import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import { shardRefs } from '../plan/split.js';
import type { FragmentFate, RunRecord, ShardFate, ShardTally } from '../report/run-record.js';
import type { Control, RunEnd } from '../store/control.js';
import { type FragmentRef, fragmentId, type RunFiles } from '../store/run-files.js';

/** A shard without a manifest is counted to this long after a stop. */
const STOP_REACH_US = 10_000_000;

export interface Collected {
  readonly record: RunRecord;
  /** One merged content for each region of the plan, in its order. */
  readonly regions: readonly FragmentContent[];
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
  for (const ref of await files.manifests.list()) {
    const manifest = await files.manifests.read(ref);
    if (manifest) manifests.set(shardName(ref), manifest);
  }
  const measured = await foldFragments(files, frozen, control);
  const refs = frozen.legs.flatMap((leg) => shardRefs(frozen, leg.index));
  const claims = await files.claims.list();
  return {
    record: {
      frozen,
      startAtMs: control.startAtMs,
      endedAtMs,
      end,
      shards: refs.map((ref) => shardFate(ref, frozen, control, manifests, claims, measured)),
      fragments: measured.fates,
    },
    regions: measured.regions,
  };
}

interface Measured {
  readonly regions: readonly FragmentContent[];
  readonly fates: readonly FragmentFate[];
  readonly shards: ReadonlyMap<string, { lastUs: number; tallies: Map<string, Tally> }>;
}

interface Tally {
  readonly stage: number;
  readonly request: number;
  readonly values: number[];
}

async function foldFragments(
  files: RunFiles,
  frozen: FrozenPlan,
  control: Control,
): Promise<Measured> {
  const timeline = new Timeline(runTimeline(frozen));
  const folds = new Map(frozen.regions.map(({ name }) => [name, new Fold()]));
  const shards = new Map<string, { lastUs: number; tallies: Map<string, Tally> }>();
  const fates: FragmentFate[] = [];
  for (const ref of await files.fragments.list()) {
    const bytes = await files.fragments.read(ref);
    const fold = folds.get(ref.region);
    if (!bytes || !fold) continue;
    const id = fragmentId(ref, ref.seq);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (isVoid(ref, control)) {
      fates.push({ id, sha256, outcome: 'void' });
      continue;
    }
    const content = readable(bytes, ref);
    if (!content) {
      fates.push({ id, sha256, outcome: 'unreadable' });
      continue;
    }
    const outcome = fold.add(content);
    fates.push({ id, sha256, outcome });
    if (outcome === 'merged') tally(shards, ref, content, timeline);
  }
  // A region of which nothing arrived still has a name, and the run's time line.
  const silent = new Set(frozen.regions.map(({ name }) => name));
  for (const { id, outcome } of fates) if (outcome === 'merged') silent.delete(regionOf(id));
  const regions = frozen.regions.map(({ name }) =>
    silent.has(name) ? emptyContent(frozen, name) : folds.get(name)!.toContent(name),
  );
  return { regions, fates, shards };
}

function regionOf(fragment: string): string {
  return fragment.slice(0, fragment.indexOf('/'));
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

/** Null when it is damaged, or is not what its key says. */
function readable(bytes: Uint8Array, ref: FragmentRef): FragmentContent | null {
  try {
    const content = decodeFragment(bytes);
    const id = fragmentId(ref, ref.seq);
    return content.run === ref.run && content.covers.includes(id) ? content : null;
  } catch {
    return null;
  }
}

function tally(
  shards: Map<string, { lastUs: number; tallies: Map<string, Tally> }>,
  ref: ShardRef,
  content: FragmentContent,
  timeline: Timeline,
): void {
  const name = shardName(ref);
  const shard = shards.get(name) ?? { lastUs: 0, tallies: new Map<string, Tally>() };
  shards.set(name, shard);
  shard.lastUs = Math.max(shard.lastUs, content.cutAtUs);
  for (const { window, request, values } of content.rows) {
    const stage = timeline.stageOfWindow[window] ?? -1;
    const key = `${stage}/${request}`;
    const into = shard.tallies.get(key) ?? { stage, request, values: COUNTERS.map(() => 0) };
    shard.tallies.set(key, into);
    values.forEach((value, index) => {
      into.values[index]! += value;
    });
  }
}

function shardFate(
  ref: ShardRef,
  frozen: FrozenPlan,
  control: Control,
  manifests: ReadonlyMap<string, Manifest>,
  claims: readonly ShardRef[],
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
  const tallies: ShardTally[] = [...(seen?.tallies.values() ?? [])];
  return {
    region: ref.region,
    leg: ref.leg,
    n: ref.n,
    attempt,
    manifest,
    lastFragmentUs: seen?.lastUs ?? null,
    cause: manifest ? null : attempts.length === 0 ? 'it never started' : 'it fell silent',
    planned: plannedCounts(frozen, counted, reachUs(frozen, ref, control, manifest)),
    tallies,
  };
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
  return Math.min(endUs, (control.stop.atMs - control.startAtMs) * 1000 + STOP_REACH_US);
}

function isVoid(ref: ShardRef, control: Control): boolean {
  const voided = control.legs[ref.leg]?.void ?? [];
  return voided.includes(`${ref.region}/${ref.n}.${ref.attempt}`);
}

function shardName(ref: ShardRef): string {
  return `${ref.region}/${ref.leg}/${ref.n}.${ref.attempt}`;
}
