import { describe, expect, test } from 'vitest';
import { AWS_REGIONS } from '../../lib/regions/aws-regions.js';
import { PRICE_NOTES, PRICE_TABLE, UNPRICED } from '../../lib/regions/price-table.js';
import { answerPrice, CHARGED, priceOf, pricesAsOf } from '../../lib/regions/prices.js';

interface Prices {
  readonly notes: object;
  readonly table: object;
  readonly unpriced: readonly string[];
  readonly regions: readonly string[];
  readonly today: string;
}
const SCRIPT: string = '../../scripts/check-prices.mjs';
const { priceMistakes } = (await import(SCRIPT)) as {
  priceMistakes: (prices: Prices) => string[];
};

const OURS: Prices = {
  notes: PRICE_NOTES,
  table: PRICE_TABLE,
  unpriced: UNPRICED,
  regions: Object.keys(AWS_REGIONS),
  today: new Date().toISOString().slice(0, 10),
};

test('every region has every price, or is named as having none', () => {
  expect(priceMistakes(OURS)).toEqual([]);
});

describe('a table is found out that', () => {
  const dublin = PRICE_TABLE['eu-west-1']!;
  const { logs: _, ...lacking } = dublin;
  test.each<[string, Partial<Prices>, string]>([
    [
      'says nothing of a region',
      { regions: [...OURS.regions, 'eu-west-9'] },
      'eu-west-9 has no price and is not named as having none',
    ],
    [
      'knows a region that is none',
      { table: { ...PRICE_TABLE, atlantis: dublin } },
      'atlantis is no region that Isochrone knows',
    ],
    ['lacks a price', { table: { ...PRICE_TABLE, 'eu-west-1': lacking } }, 'eu-west-1 lacks logs'],
    [
      'gives something away',
      { table: { ...PRICE_TABLE, 'eu-west-1': { ...dublin, nat: 0 } } },
      'eu-west-1: nat is 0',
    ],
    [
      'has a slip of the pen',
      { table: { ...PRICE_TABLE, 'eu-west-1': { ...dublin, internet: 0.9 } } },
      'eu-west-1: internet is 0.9, and half are below 0.1093',
    ],
    [
      'is of tomorrow',
      { notes: { ...PRICE_NOTES, nat: { ...PRICE_NOTES.nat, asOf: '2999-01-01' } } },
      'nat: 2999-01-01 is yet to come',
    ],
    [
      'names a region as having no price that has some',
      { unpriced: [...UNPRICED, 'eu-west-1'] },
      'eu-west-1 is named as having no price and has some',
    ],
  ])('%s', (_, change, mistake) => {
    expect(priceMistakes({ ...OURS, ...change })).toContain(mistake);
  });
});

test('prices are of one request, one GB-second, one byte', () => {
  expect(priceOf('us-east-1', 'gbSeconds')).toBeCloseTo(0.0000133334, 12);
  expect(priceOf('us-east-1', 's3Writes')).toBeCloseTo(0.000005, 12);
  expect(priceOf('us-east-1', 's3Lists')).toBe(priceOf('us-east-1', 's3Writes'));
  expect(priceOf('sa-east-1', 'bytesToTarget')).toBeCloseTo(0.15e-9, 15);
  expect(priceOf('af-south-1', 'gbSeconds')).toBeCloseTo(0.00001768, 12);
});

test('a price that is not known is none, and nothing stands in for it', () => {
  for (const region of [...UNPRICED, 'us-gov-west-1', 'tokyo', 'constructor']) {
    for (const what of CHARGED) expect(priceOf(region, what), region).toBeNull();
  }
});

test('the day that is told is that of the oldest price', () => {
  expect(pricesAsOf(['operations'])).toBe(PRICE_NOTES.durableOperations.asOf);
  expect(pricesAsOf()).toBe(
    Object.values(PRICE_NOTES)
      .map(({ asOf }) => asOf)
      .sort()[0],
  );
});

test('answers cost what data costs in the region of the target, or as if it stood in some', () => {
  expect(answerPrice('sa-east-1')).toBe(priceOf('sa-east-1', 'bytesToTarget'));
  for (const at of [undefined, 'tokyo', 'mx-central-1']) {
    expect(answerPrice(at)).toBe(priceOf('us-east-1', 'bytesToTarget'));
  }
});
