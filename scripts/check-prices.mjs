// Looks whether the table of prices is whole: every region that Isochrone knows has every price, or
// is named as having none, and no price is of another order than its fellows. Whether they are
// still AWS's is not looked at: the page to compare with stands beside each.
// Run it after a build: node scripts/check-prices.mjs
import { fileURLToPath } from 'node:url';

/** Beyond this many times the median a price is taken for a slip of the pen. */
const FAR = 8;

/** What is wrong with a table, as texts. */
export function priceMistakes({ notes, table, unpriced, regions, today }) {
  const columns = Object.keys(notes);
  return [
    ...columns.flatMap((column) => noteMistakes(column, notes[column], today)),
    ...regions
      .filter((region) => !Object.hasOwn(table, region) && !unpriced.includes(region))
      .map((region) => `${region} has no price and is not named as having none`),
    ...[...Object.keys(table), ...unpriced]
      .filter((region) => !regions.includes(region))
      .map((region) => `${region} is no region that Isochrone knows`),
    ...unpriced
      .filter((region) => Object.hasOwn(table, region))
      .map((region) => `${region} is named as having no price and has some`),
    ...Object.entries(table).flatMap(([region, row]) => rowMistakes(region, row, columns)),
    ...columns.flatMap((column) => farOff(column, table)),
  ];
}

function noteMistakes(column, { per, of, asOf, page, from }, today) {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(asOf) && !Number.isNaN(Date.parse(asOf));
  return [
    ...(Number.isFinite(per) && per > 0 ? [] : [`${column}: for ${per} of them`]),
    ...(of ? [] : [`${column} does not say of what`]),
    ...(isDay ? [] : [`${column}: ${asOf} is no day`]),
    ...(isDay && asOf > today ? [`${column}: ${asOf} is yet to come`] : []),
    ...(/^https:\/\/aws\.amazon\.com\//.test(page) ? [] : [`${column}: ${page} is no page of AWS`]),
    ...(from ? [] : [`${column} does not say where its prices are from`]),
  ];
}

function rowMistakes(region, row, columns) {
  return [
    ...columns.filter((column) => !(column in row)).map((column) => `${region} lacks ${column}`),
    ...Object.keys(row)
      .filter((column) => !columns.includes(column))
      .map((column) => `${region}: there is no ${column}`),
    ...Object.entries(row)
      .filter(([, price]) => !(Number.isFinite(price) && price > 0))
      .map(([column, price]) => `${region}: ${column} is ${price}`),
  ];
}

function farOff(column, table) {
  const prices = Object.values(table)
    .map((row) => row[column])
    .filter((price) => price > 0)
    .sort((a, b) => a - b);
  const median = prices[Math.floor(prices.length / 2)];
  return Object.entries(table)
    .filter(([, row]) => row[column] > median * FAR || row[column] < median / FAR)
    .map(([region, row]) => `${region}: ${column} is ${row[column]}, and half are below ${median}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { PRICE_NOTES, PRICE_TABLE, UNPRICED } = await import('../dist/lib/regions/price-table.js');
  const { AWS_REGIONS } = await import('../dist/lib/regions/aws-regions.js');
  const mistakes = priceMistakes({
    notes: PRICE_NOTES,
    table: PRICE_TABLE,
    unpriced: UNPRICED,
    regions: Object.keys(AWS_REGIONS),
    today: new Date().toISOString().slice(0, 10),
  });
  for (const mistake of mistakes) process.stderr.write(`${mistake}\n`);
  process.stdout.write(
    `${Object.keys(PRICE_TABLE).length} regions with prices, without: ${UNPRICED.join(', ')}\n`,
  );
  for (const [column, { of, asOf, page }] of Object.entries(PRICE_NOTES)) {
    process.stdout.write(`${column.padEnd(18)}as of ${asOf}  ${of}  ${page}\n`);
  }
  process.exitCode = mistakes.length > 0 ? 1 : 0;
}
