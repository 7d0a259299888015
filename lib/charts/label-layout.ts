import { type Box, boxOf, overlap, type TextLabel, within } from './text-label.js';

/**
 * Positions along a line as near as can be to where they are wanted, at least `gap` apart and
 * between `min` and `max`. Their order is kept. Where there is no room for all at that distance,
 * they lie closer: whoever must not let that happen asks for fewer.
 */
export function spread(
  wanted: readonly number[],
  gap: number,
  [min, max]: readonly [number, number],
): number[] {
  const n = wanted.length;
  const step = n > 1 ? Math.min(gap, (max - min) / (n - 1)) : 0;
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]! || a - b);
  // With i steps taken off, "at least a step apart" is "not falling": the nearest such row is the
  // mean of each stretch that falls, joined until none does.
  const groups: { sum: number; size: number }[] = [];
  for (const [rank, i] of order.entries()) {
    let group = { sum: wanted[i]! - rank * step, size: 1 };
    for (let last = groups.at(-1); last !== undefined; last = groups.at(-1)) {
      if (last.sum / last.size <= group.sum / group.size) break;
      group = { sum: last.sum + group.sum, size: last.size + group.size };
      groups.pop();
    }
    groups.push(group);
  }
  const level = groups.flatMap(({ sum, size }) => new Array<number>(size).fill(sum / size));
  const positions = new Array<number>(n);
  for (const [rank, i] of order.entries()) {
    const highest = max - (n - 1) * step;
    positions[i] = Math.min(Math.max(level[rank]!, min), Math.max(min, highest)) + rank * step;
  }
  return positions;
}

/** What belongs together, such as a name and the value below it. */
export type Block = readonly TextLabel[];

/**
 * For each thing the first of its candidates that lies within the bounds and on nothing else, or
 * null. Who comes first chooses first.
 */
export function placed(
  things: readonly (readonly Block[])[],
  bounds: Box,
  obstacles: readonly Box[],
  gap = 5,
): (Block | null)[] {
  const taken = [...obstacles];
  return things.map((candidates) => {
    const free = candidates.find((block) =>
      block.every((label) => {
        const box = boxOf(label);
        return within(box, bounds) && !taken.some((other) => overlap(box, other, gap));
      }),
    );
    if (free === undefined) return null;
    taken.push(...free.map(boxOf));
    return free;
  });
}

/** Labels of an axis: those that would lie on one before them, or out of bounds, are left out. */
export function thinned(labels: readonly TextLabel[], bounds: Box, gap = 6): TextLabel[] {
  return labels.filter((_, i) => {
    const all = placed(
      labels.slice(0, i + 1).map((label) => [[label]]),
      bounds,
      [],
      gap,
    );
    return all[i] !== null;
  });
}
