import type { Timekeeper } from '../../lib/run/ports.js';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly happen: () => void;
}

/** Time that passes only while somebody sleeps; what is to happen meanwhile happens in its order. */
export class SimulatedTime implements Timekeeper {
  #nowMs: number;
  #count = 0;
  /** A heap: each event is before those at twice its place and after. */
  readonly #events: Event[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.pass(ms);
  }

  after(ms: number, happen: () => void): void {
    const events = this.#events;
    let at = events.push({ atMs: this.#nowMs + ms, order: this.#count++, happen }) - 1;
    for (let up = (at - 1) >> 1; at > 0 && before(events[at]!, events[up]!); up = (at - 1) >> 1) {
      [events[at], events[up]] = [events[up]!, events[at]!];
      at = up;
    }
  }

  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#events[0]; next && next.atMs <= untilMs; next = this.#events[0]) {
      this.#drop();
      this.#nowMs = next.atMs;
      next.happen();
    }
    this.#nowMs = untilMs;
  }

  #drop(): void {
    const events = this.#events;
    const last = events.pop()!;
    if (events.length === 0) return;
    events[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < events.length && before(events[child]!, events[least]!)) least = child;
      }
      if (least === at) return;
      [events[at], events[least]] = [events[least]!, events[at]!];
      at = least;
    }
  }
}

function before(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
