const KEEP_US = 60_000_000;

/**
 * The round trip to each address: the least TCP connect time seen there in the last 60 s. The
 * least, because everything that disturbs a connect makes it longer.
 */
export class RoundTrips {
  readonly #seen = new Map<string, { atUs: number; us: number }[]>();

  saw(address: string, connectUs: number, atUs: number): void {
    let recent = this.#seen.get(address);
    if (!recent) {
      recent = [];
      this.#seen.set(address, recent);
    }
    // A monotonic queue: what is both older and larger than a newcomer can never be the least again.
    while (recent.length > 0 && recent[recent.length - 1]!.us >= connectUs) recent.pop();
    recent.push({ atUs, us: connectUs });
    // The newest is kept however old: it is the best that is known.
    while (recent.length > 1 && recent[0]!.atUs < atUs - KEEP_US) recent.shift();
  }

  of(address: string): number {
    return this.#seen.get(address)?.[0]?.us ?? -1;
  }
}
