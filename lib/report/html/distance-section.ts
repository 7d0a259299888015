import { distanceBars } from '../../charts/distance-bars.js';
import type { Slice } from '../report-schema.js';
import { isSeparable, typicalDistance } from '../separable.js';
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

const HALF = [435, 686, 336] as const;

/** How much of the time is the way there and back, region by region. */
export function distanceSection(page: Page, beside: boolean): Markup | null {
  const { trace } = page;
  const found = regionSlices(page).filter(({ slice }) => slice.phases.firstByte.count > 0);
  if (found.length === 0) return null;
  const bars = found.map(({ region, slice }) => {
    const apart = toldApart(slice);
    return {
      region,
      distanceMs: apart ? typicalDistance(slice) : null,
      processingMs: apart ? (slice.processing?.p50 ?? null) : null,
      togetherMs: apart ? null : slice.phases.firstByte.p50,
      note: noteOf(page, region),
    };
  });
  return section({
    id: 'distance',
    title: 'Distance and processing',
    aside: `typical answer ${duringHeadline(page)}`.trim(),
    look: 'distance',
    body: html`${plot(
      'distance',
      beside ? HALF : FULL_WIDTHS,
      (options) => distanceBars({ bars }, options),
      null,
    )}
<p class="faint">Distance is one round trip; processing is what is left of the time to the first byte: the server and what lies behind. Both are medians.</p>
${details(
  'The bars as a table',
  table(trace, {
    caption: 'Distance and processing by region',
    heads: 'Region',
    columns: [
      { title: 'least', of: 'distance/min', as: 'time', group: 'Distance' },
      { title: 'p50', of: 'distance/p50', as: 'time', group: 'Distance' },
      { title: 'p50', of: 'processing/p50', as: 'time', group: 'Processing' },
      { title: 'p99', of: 'processing/p99', as: 'time', group: 'Processing' },
      { title: 'p50', of: 'phases/firstByte/p50', as: 'time', group: 'First byte' },
      { title: 'Sooner than a round trip', of: 'cutAtZero', as: 'percent' },
      {
        title: 'To',
        left: true,
        cell: (slice: Slice) => noteOf(page, slice.region ?? '') ?? 'the target',
      },
    ],
    rows: found.map(({ region, slice, at }) => ({ item: slice, head: regionName(region), at })),
  }),
)}`,
  });
}

export function toldApart(slice: Slice): boolean {
  return slice.distance !== null && slice.processing !== null && isSeparable(slice);
}

function noteOf({ report }: Page, region: string): string | null {
  const edges = report.connections.filter((one) => one.region === region && one.edge !== null);
  const edge = edges[0]?.edge;
  if (edge) return `to the edge (${edge.name})`;
  // Where all of them are, the top of the page says so.
  const { emulated, regions } = report.run;
  if (emulated.length === regions.length) return null;
  return emulated.some((one) => one.region === region) ? 'emulated' : null;
}
