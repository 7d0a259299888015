import { type BarPart, type BarRow, barRows } from './bar-rows.js';
import { type ChartFigures, type ChartOptions, NOTHING } from './chart.js';

interface DistanceBar {
  readonly region: string;
  /** Median round trip. */
  readonly distanceMs: number | null;
  /** Median of first byte less round trip. */
  readonly processingMs: number | null;
  /** Set where the two cannot be told apart: the median of both together (first byte). */
  readonly togetherMs: number | null;
  /** Said behind the bar: `to the edge (cloudflare)`, `emulated`. */
  readonly note: string | null;
}

interface DistanceData {
  readonly bars: readonly DistanceBar[];
}

const PARTS: readonly BarPart[] = [
  { kind: 'distance', title: 'distance: round trip', hatch: 'plain' },
  { kind: 'processing', title: 'processing: first byte less round trip', hatch: 'rising' },
  { kind: 'firstByte', title: 'first byte: the two cannot be told apart', hatch: 'falling' },
];

/** How much of a median answer is the way, and how much the server. */
export function distanceBars(data: DistanceData, options: ChartOptions): string {
  const rows = data.bars.map((bar) => rowOf(bar, options.figures));
  return barRows(
    { rows, parts: PARTS },
    {
      name: 'distance-bars',
      title: options.title ?? 'Distance and processing by region',
      description: `Medians. ${rows.map(({ name, value }) => `${name}: ${value}`).join('; ')}.`,
    },
    options,
  );
}

function rowOf(bar: DistanceBar, figures: ChartFigures): BarRow {
  const { region, distanceMs, processingMs, togetherMs, note } = bar;
  if (togetherMs !== null) {
    return {
      name: region,
      ms: [0, 0, togetherMs],
      value: `${figures.time(togetherMs)} together`,
      note,
    };
  }
  const known = distanceMs !== null || processingMs !== null;
  const told = (ms: number | null) => (ms === null ? NOTHING : figures.time(ms));
  const value = `${told(distanceMs)} + ${told(processingMs)}`;
  return {
    name: region,
    ms: [distanceMs ?? 0, processingMs ?? 0, 0],
    value: known ? value : NOTHING,
    note,
  };
}
