import { PRICE_NOTES, PRICE_TABLE, type PriceColumn } from './price-table.js';

/** What AWS charges for, of all that a run takes; each is counted in the unit that its name says. */
export const CHARGED = [
  'gbSeconds',
  'invocations',
  'operations',
  's3Writes',
  's3Lists',
  's3Reads',
  'bytesToTarget',
  'bytesBetweenRegions',
  'bytesThroughNat',
  'bytesLogged',
] as const;
export type Charged = (typeof CHARGED)[number];

/** Where a price stands in the table. A listing costs what a write does. */
const COLUMN: Readonly<Record<Charged, PriceColumn>> = {
  gbSeconds: 'lambdaTime',
  invocations: 'lambdaRequests',
  operations: 'durableOperations',
  s3Writes: 's3Writes',
  s3Lists: 's3Writes',
  s3Reads: 's3Reads',
  bytesToTarget: 'internet',
  bytesBetweenRegions: 'otherRegions',
  bytesThroughNat: 'nat',
  bytesLogged: 'logs',
};

/** US dollars for one, in a region; null: this version does not know the price. */
export function priceOf(region: string, what: Charged): number | null {
  const column = COLUMN[what];
  const row = Object.hasOwn(PRICE_TABLE, region) ? PRICE_TABLE[region] : undefined;
  const price = row?.[column];
  return price === undefined ? null : price / PRICE_NOTES[column].per;
}

/** The day of the oldest price that is used for these, as `2025-01-31`. */
export function pricesAsOf(what: readonly Charged[] = CHARGED): string {
  return what.map((one) => PRICE_NOTES[COLUMN[one]].asOf).sort()[0]!;
}

/** Where it is not said in which region a target stands. */
const SOME_REGION = 'us-east-1';

/** US dollars that a byte of an answer costs the owner of a target: in its region of AWS, or as if. */
export function answerPrice(at: string = SOME_REGION): number {
  return priceOf(at, 'bytesToTarget') ?? priceOf(SOME_REGION, 'bytesToTarget')!;
}
