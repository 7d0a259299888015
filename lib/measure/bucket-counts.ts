/** How many samples each bucket holds; wide where their total may need more than 32 bits. */
export type Counts = Uint32Array | Float64Array;

// A merge is made of little else: no call a bucket, no list is sorted for it, and each loop knows
// arrays of one kind only, which is what makes it quick.

export function addCounts(to: Counts, added: Counts, from: number, last: number): void {
  if (to instanceof Uint32Array && added instanceof Uint32Array) {
    for (let index = from; index <= last; index++) to[index]! += added[index]!;
    return;
  }
  for (let index = from; index <= last; index++) to[index]! += added[index]!;
}

/** Of samples kept one by one, each the index of its bucket. */
export function addList(to: Counts, indexes: Uint16Array, length: number): void {
  for (let i = 0; i < length; i++) to[indexes[i]!]! += 1;
}
