import { CHARGED, type Charged, priceOf } from '../regions/prices.js';

/** What was taken in one region, by what AWS charges for. */
export type Usage = Readonly<Partial<Record<Charged, number>>>;

/** One line of an estimate or of what a run came to: the same in both. */
export interface BillLine {
  readonly item: Charged;
  /** GB-seconds, bytes, or how many. */
  readonly quantity: number;
  /** null: a price is missing. */
  readonly usd: number | null;
}

export interface Bill {
  /** All, in their order. */
  readonly lines: readonly BillLine[];
  /** null: a price is missing. */
  readonly usd: number | null;
  /** What could not be reckoned: `bytesLogged in mx-central-1`. */
  readonly missing: readonly string[];
}

/** Adds up what is taken, region by region: each has prices of its own. */
export class UsageTally {
  readonly #regions = new Map<string, Partial<Record<Charged, number>>>();

  add(region: string, item: Charged, quantity: number): void {
    const usage = this.#regions.get(region) ?? {};
    this.#regions.set(region, usage);
    usage[item] = (usage[item] ?? 0) + quantity;
  }

  /** In all regions together. */
  of(item: Charged): number {
    return this.regions.reduce((sum, [, usage]) => sum + (usage[item] ?? 0), 0);
  }

  get regions(): readonly (readonly [region: string, usage: Usage])[] {
    return [...this.#regions];
  }

  /** A price that is not known is named, and nothing is put in its place. */
  bill(): Bill {
    const missing: string[] = [];
    const lines = CHARGED.map((item): BillLine => {
      let usd: number | null = 0;
      for (const [region, usage] of this.#regions) {
        const quantity = usage[item] ?? 0;
        if (quantity === 0) continue;
        const price = priceOf(region, item);
        if (price === null) missing.push(`${TITLES[item]} in ${region}`);
        usd = usd === null || price === null ? null : usd + price * quantity;
      }
      return { item, quantity: this.of(item), usd };
    });
    const usd = lines.reduce<number | null>(
      (sum, line) => (sum === null || line.usd === null ? null : sum + line.usd),
      0,
    );
    return { lines, usd, missing };
  }
}

/** What bills call it. */
export const TITLES: Readonly<Record<Charged, string>> = {
  gbSeconds: 'Lambda time',
  invocations: 'Lambda invocations',
  operations: 'durable operations',
  s3Writes: 'S3 writes',
  s3Lists: 'S3 listings',
  s3Reads: 'S3 reads',
  bytesToTarget: 'data sent to the target',
  bytesBetweenRegions: 'data between regions',
  bytesThroughNat: 'data through NAT',
  bytesLogged: 'logs',
};
