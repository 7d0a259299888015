import type { Connection, ConnectionEvents } from './connection.js';

/** The connections of one visitor, which nobody else uses. They are closed when it leaves. */
export class Lane {
  readonly #free: Connection[] = [];
  #closed = false;
  /** Requests of this visitor that wait for a connection. */
  waiting = 0;

  get closed(): boolean {
    return this.#closed;
  }

  /** One of this pool's that is free, the one used last first: as browsers do. */
  take(pool: ConnectionEvents): Connection | null {
    for (let at = this.#free.length - 1; at >= 0; at--) {
      const connection = this.#free[at]!;
      if (connection.events !== pool) continue;
      this.#free.splice(at, 1);
      if (!connection.spent) return connection;
    }
    return null;
  }

  give(connection: Connection): void {
    this.#free.push(connection);
  }

  /** Whether it was free. */
  remove(connection: Connection): boolean {
    const at = this.#free.indexOf(connection);
    if (at >= 0) this.#free.splice(at, 1);
    return at >= 0;
  }

  /** Those that were free; what is still in use is closed by its pool when it comes free. */
  close(): Connection[] {
    this.#closed = true;
    return this.#free.splice(0);
  }
}
