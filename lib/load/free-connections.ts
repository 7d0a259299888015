import type { Connection, ConnectionEvents } from './connection.js';
import type { Visitor } from './visitor.js';

/** Taken slots are dropped in batches: moving the rest at each taking would cost more than they do. */
const BATCH = 512;

/**
 * Connections that wait for a request, the one that has waited longest first. Those of a visitor
 * lie in its lane, and wait for its requests alone.
 */
export class FreeConnections {
  #ring: Connection[] = [];
  #head = 0;

  get length(): number {
    return this.#ring.length - this.#head;
  }

  push(connection: Connection): void {
    const { lane } = connection;
    if (lane === null || lane.closed) this.#ring.push(connection);
    else lane.give(connection);
  }

  /** One of the visitor's own, if it has any; else one that is nobody's. */
  takeFor(visitor: Visitor | null, pool: ConnectionEvents): Connection | null {
    return visitor?.lane?.take(pool) ?? this.take();
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
    if (connection.lane?.remove(connection)) return true;
    const at = this.#ring.indexOf(connection, this.#head);
    if (at >= 0) this.#ring.splice(at, 1);
    return at >= 0;
  }
}
