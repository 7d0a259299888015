import type { Connection } from './connection.js';

/** Taken slots are dropped in batches: moving the rest at each taking would cost more than they do. */
const BATCH = 512;

/** Connections that wait for a request, the one that has waited longest first. */
export class FreeConnections {
  #ring: Connection[] = [];
  #head = 0;

  get length(): number {
    return this.#ring.length - this.#head;
  }

  push(connection: Connection): void {
    this.#ring.push(connection);
  }

  take(): Connection | null {
    while (this.#head < this.#ring.length) {
      const connection = this.#ring[this.#head++]!;
      if (this.#head > BATCH) {
        this.#ring = this.#ring.slice(this.#head);
        this.#head = 0;
      }
      if (!connection.spent) return connection;
    }
    return null;
  }

  /** Whether it was among them. */
  remove(connection: Connection): boolean {
    const at = this.#ring.indexOf(connection, this.#head);
    if (at >= 0) this.#ring.splice(at, 1);
    return at >= 0;
  }
}
