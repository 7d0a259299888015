import type { RunRecord, ShardFate } from './run-record.js';

/** Which of the pieces that workers sent arrived, and which shards are therefore known whole. */
export interface Collection {
  readonly expected: number;
  readonly merged: number;
  readonly duplicate: number;
  readonly missing: number;
  readonly unreadable: number;
  readonly shards: readonly CollectedShard[];
}

export interface CollectedShard {
  readonly fate: ShardFate;
  /** It ended with a manifest, and every fragment that the manifest names is in the result. */
  readonly whole: boolean;
  /** Fragments that it is known to have sent and that are not in the result. */
  readonly absent: number;
}

export function collect(record: RunRecord): Collection {
  const fates = fatesByShard(record);
  const total = { expected: 0, merged: 0, missing: 0, unreadable: 0 };
  const shards = record.shards.map((fate): CollectedShard => {
    const found = fates.get(shardKey(fate)) ?? new Map<number, FoundFragment>();
    // Without a manifest nobody knows how many there were: only those that were found count.
    const named =
      fate.manifest?.fragments ?? [...found].map(([seq, { sha256 }]) => ({ seq, sha256 }));
    let absent = 0;
    for (const { seq, sha256 } of named) {
      const fragment = found.get(seq);
      total.expected++;
      if (fragment?.outcome === 'merged' && fragment.sha256 === sha256) {
        total.merged++;
        continue;
      }
      absent++;
      if (fragment?.outcome === 'unreadable') total.unreadable++;
      else total.missing++;
    }
    return { fate, whole: fate.manifest !== null && absent === 0, absent };
  });
  const duplicate = record.fragments.filter(({ outcome }) => outcome === 'duplicate').length;
  return { ...total, duplicate, shards };
}

interface FoundFragment {
  readonly sha256: string;
  readonly outcome: 'merged' | 'unreadable';
}

function fatesByShard(record: RunRecord): Map<string, Map<number, FoundFragment>> {
  const shards = new Map<string, Map<number, FoundFragment>>();
  for (const { id, sha256, outcome } of record.fragments) {
    if (outcome === 'void' || outcome === 'duplicate') continue;
    const cut = id.lastIndexOf('/');
    const key = id.slice(0, cut);
    const found = shards.get(key) ?? new Map<number, FoundFragment>();
    shards.set(key, found);
    const seq = Number(id.slice(cut + 1));
    // Where one copy was readable, the other does not matter.
    if (found.get(seq)?.outcome !== 'merged') found.set(seq, { sha256, outcome });
  }
  return shards;
}

function shardKey({ region, leg, n, attempt }: ShardFate): string {
  return `${region}/${leg}/${n}.${attempt}`;
}
