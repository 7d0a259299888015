/** What is to be done at which instant, earliest first: a binary heap. */
export class Agenda<Item> {
  readonly #atUs: number[] = [];
  readonly #items: Item[] = [];

  get nextUs(): number {
    return this.#atUs[0] ?? Number.POSITIVE_INFINITY;
  }

  add(atUs: number, item: Item): void {
    const times = this.#atUs;
    const items = this.#items;
    let at = times.length;
    times.push(atUs);
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[parent]! <= atUs) break;
      times[at] = times[parent]!;
      items[at] = items[parent]!;
      at = parent;
    }
    times[at] = atUs;
    items[at] = item;
  }

  take(): Item | undefined {
    const times = this.#atUs;
    const items = this.#items;
    const first = items[0];
    const lastUs = times.pop();
    const last = items.pop();
    if (times.length === 0 || lastUs === undefined || last === undefined) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= times.length) break;
      if (child + 1 < times.length && times[child + 1]! < times[child]!) child++;
      if (times[child]! >= lastUs) break;
      times[at] = times[child]!;
      items[at] = items[child]!;
      at = child;
    }
    times[at] = lastUs;
    items[at] = last;
    return first;
  }
}
