import { worldMap } from '../../charts/world-map.js';
import { coordinatesOf } from '../../regions/place.js';
import { titleOf } from '../render/distribution-cells.js';
import type { Distribution, PercentileKey } from '../report-schema.js';
import { html, type Markup } from './markup.js';
import {
  details,
  duringHeadline,
  FULL_WIDTHS,
  type Page,
  plot,
  regionName,
  regionSlices,
  section,
} from './page.js';
import { table } from './table.js';

/** The first of these that every region supports is the one on the map. */
const STATISTICS: readonly PercentileKey[] = ['p99', 'p95', 'p90', 'p50'];
const HALF = [625, 686, 336] as const;

/** Each region with its value, and the target; null where no place is known of any. */
export function mapSection(page: Page, beside: boolean): Markup | null {
  const { report, trace } = page;
  const { run } = report;
  const found = regionSlices(page);
  const at = run.targetAt === null ? null : coordinatesOf(run.targetAt);
  const statistic = statisticFor(found.map(({ slice }) => slice.latency));
  const regions = found.map(({ region, slice }) => ({
    name: region,
    at: coordinatesOf(region),
    ms: isGiven(slice.latency, statistic) ? slice.latency[statistic] : null,
  }));
  if (regions.every((region) => region.at === null)) return null;
  const title = titleOf(statistic);
  const data = {
    statistic: `${title} latency`,
    regions,
    target: at === null || run.targetAt === null ? null : { name: run.targetAt, at },
  };
  let landId: string | undefined;
  return section({
    id: 'map',
    title: 'Where it was measured from',
    aside: `${title} latency ${duringHeadline(page)}`.trim(),
    look: 'map',
    body: html`${plot(
      'map',
      beside ? HALF : FULL_WIDTHS,
      (options) => {
        const svg = worldMap(data, landId === undefined ? options : { ...options, landId });
        landId ??= `${options.id}-land`;
        return svg;
      },
      details(
        'The map as a table',
        table(trace, {
          caption: `${title} latency by region`,
          heads: 'Region',
          columns: [
            { title, of: `latency/${statistic}`, as: 'time' },
            { title: 'Answers', of: 'latency/count', as: 'count' },
          ],
          rows: found.map(({ region, slice, at }) => ({
            item: slice,
            head: regionName(region),
            at,
          })),
        }),
      ),
    )}`,
  });
}

function statisticFor(distributions: readonly Distribution[]): PercentileKey {
  const told = distributions.filter(({ count }) => count > 0);
  const good = STATISTICS.find((key) => told.every((one) => isGiven(one, key)));
  return good ?? STATISTICS.find((key) => told.some((one) => isGiven(one, key))) ?? 'p50';
}

export function isGiven(distribution: Distribution, key: PercentileKey): boolean {
  return distribution[key] !== null && !distribution.masked?.includes(key);
}
