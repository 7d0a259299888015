const KEEP_US = 60_000_000;

interface Seen {
  readonly atUs: number;
  readonly us: number;
}

/**
 * The round trip to each address: the least TCP connect time seen there in the last 60 s. The
 * least, because everything that disturbs a connect makes it longer. Instants are of the monotonic
 * clock: much is seen before the run's start is known.
 */
export class RoundTrips {
  readonly #seen = new Map<string, Seen[]>();

  saw(address: string, connectUs: number, atUs: number): void {
    let recent = this.#seen.get(address);
    if (!recent) {
      recent = [];
      this.#seen.set(address, recent);
    }
    // A monotonic queue: what is both older and larger than a newcomer can never be the least again.
    while (recent.length > 0 && recent[recent.length - 1]!.us >= connectUs) recent.pop();
    recent.push({ atUs, us: connectUs });
    forget(recent, atUs);
  }

  /** µs; -1 when none was ever seen. */
  of(address: string, atUs: number): number {
    const recent = this.#seen.get(address);
    if (!recent) return -1;
    forget(recent, atUs);
    return recent[0]!.us;
  }
}

/** The newest is kept however old: it is the best that is known. */
function forget(recent: Seen[], atUs: number): void {
  while (recent.length > 1 && recent[0]!.atUs < atUs - KEEP_US) recent.shift();
}
