import { createHash } from 'node:crypto';
import { runTimeline } from '../load/run-timeline.js';
import { COUNTERS } from '../measure/counters.js';
import { Fold } from '../measure/fold.js';
import { decodeFragment, encodeFragment } from '../measure/fragment.js';
import type { FragmentContent } from '../measure/fragment-content.js';
import type { FunctionUse } from '../measure/function-use.js';
import { Timeline } from '../measure/timeline.js';
import type { FrozenPlan, ShardRef } from '../plan/frozen-plan.js';
import type { FragmentFate, ShardTally } from '../report/run-record.js';
import type { Control } from '../store/control.js';
import { type FragmentRef, fragmentId, type Place, type RunFiles } from '../store/run-files.js';
import { atMostAtOnce } from './at-most-at-once.js';

/** All that the workers of one place told, added up. */
interface PlaceSum {
  /** null: nothing of theirs could be merged. */
  readonly content: FragmentContent | null;
  /** Of every fragment that was found, in the order of their keys. */
  readonly fates: readonly FragmentFate[];
  readonly shards: readonly ShardSum[];
  /** What it took to make it, where somebody charges for that. */
  readonly used?: FunctionUse;
}

/** What one attempt told by itself. */
export interface ShardSum {
  readonly name: string;
  /** When its last fragment was cut, µs from the run's start. */
  readonly lastUs: number;
  readonly tallies: readonly ShardTally[];
}

const READ_AT_ONCE = 16;

/** Reads the fragments of a place, a few at a time, and adds them up. */
export async function sumOfPlace(
  files: RunFiles,
  frozen: FrozenPlan,
  control: Control,
  refs: readonly FragmentRef[],
): Promise<PlaceSum> {
  const timeline = new Timeline(runTimeline(frozen));
  const fold = new Fold();
  const fates: FragmentFate[] = [];
  const shards = new Map<string, Tallying>();
  let merged = false;
  for (let from = 0; from < refs.length; from += READ_AT_ONCE) {
    const batch = refs.slice(from, from + READ_AT_ONCE);
    const read = new Map<FragmentRef, Uint8Array | null>();
    await atMostAtOnce(READ_AT_ONCE, batch, async (ref) => {
      read.set(ref, await files.fragments.read(ref));
    });
    for (const ref of batch) {
      const bytes = read.get(ref);
      if (!bytes || !frozen.regions.some(({ name }) => name === ref.region)) continue;
      const id = fragmentId(ref, ref.seq);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const content = isVoid(ref, control) ? 'void' : (readable(bytes, ref) ?? 'unreadable');
      if (typeof content === 'string') {
        fates.push({ id, sha256, outcome: content });
        continue;
      }
      const outcome = fold.add(content);
      fates.push({ id, sha256, outcome });
      if (outcome !== 'merged') continue;
      merged = true;
      tally(shards, ref, content, timeline);
    }
  }
  return {
    content: merged ? fold.toContent(refs[0]!.region) : null,
    fates,
    shards: [...shards].map(([name, { lastUs, tallies }]) => ({
      name,
      lastUs,
      tallies: [...tallies.values()],
    })),
  };
}

/** Keeps a place's sum, so that it need not be made again. */
export async function keepSum(files: RunFiles, place: Place, sum: PlaceSum): Promise<void> {
  const { content, ...rest } = sum;
  if (content) await files.partials.write(`${partialName(place)}.frag`, encodeFragment(content));
  // Last, as it says that the other is there.
  await files.partials.write(
    `${partialName(place)}.json`,
    JSON.stringify({ merged: content !== null, ...rest }),
  );
}

/** Which places have a sum that was kept. */
export async function keptPlaces(files: RunFiles): Promise<number> {
  return (await files.partials.list()).filter((name) => name.endsWith('.json')).length;
}

/** The sum that was kept; null: there is none, or it is not about just these fragments. */
export async function keptSum(
  files: RunFiles,
  place: Place,
  refs: readonly FragmentRef[],
): Promise<PlaceSum | null> {
  const bytes = await files.partials.read(`${partialName(place)}.json`);
  if (!bytes) return null;
  try {
    const kept = JSON.parse(Buffer.from(bytes).toString()) as Omit<PlaceSum, 'content'> & {
      readonly merged: boolean;
    };
    const ids = new Set(kept.fates.map(({ id }) => id));
    if (ids.size !== refs.length || !refs.every((ref) => ids.has(fragmentId(ref, ref.seq)))) {
      return null;
    }
    const frag = kept.merged ? await files.partials.read(`${partialName(place)}.frag`) : null;
    if (kept.merged && !frag) return null;
    const { fates, shards, used } = kept;
    return { content: frag && decodeFragment(frag), fates, shards, ...(used && { used }) };
  } catch {
    // Damaged, or of another version: the fragments themselves are still there.
    return null;
  }
}

export function placeName({ region, leg }: Place): string {
  return `${region}/${leg}`;
}

export function shardName(ref: ShardRef): string {
  return `${ref.region}/${ref.leg}/${ref.n}.${ref.attempt}`;
}

export function isVoid(ref: ShardRef, control: Control): boolean {
  const voided = control.legs[ref.leg]?.void ?? [];
  return voided.includes(`${ref.region}/${ref.n}.${ref.attempt}`);
}

function partialName({ region, leg }: Place): string {
  return `${region}.${leg}`;
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

interface Tallying {
  lastUs: number;
  readonly tallies: Map<string, { stage: number; request: number; values: number[] }>;
}

function tally(
  shards: Map<string, Tallying>,
  ref: ShardRef,
  content: FragmentContent,
  timeline: Timeline,
): void {
  const name = shardName(ref);
  const shard = shards.get(name) ?? { lastUs: 0, tallies: new Map() };
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
