import { type BarPart, barRows, sum } from './bar-rows.js';
import { type ChartOptions, NOTHING } from './chart.js';

/** In the order in which a request goes through them. */
export const PHASES = [
  'lag',
  'blocked',
  'setup',
  'distance',
  'processing',
  'firstByte',
  'body',
] as const;
type Phase = (typeof PHASES)[number];

export interface PhaseBar {
  readonly region: string;
  /**
   * Mean milliseconds per request, over all requests, so that they add up. `firstByte` stands in
   * place of distance and processing where these cannot be told apart. Absent: none.
   */
  readonly ms: Partial<Readonly<Record<Phase, number>>>;
}

interface PhaseData {
  readonly bars: readonly PhaseBar[];
}

const LOOKS: Readonly<Record<Phase, Omit<BarPart, 'kind'>>> = {
  lag: { title: 'lag: the generator was late', hatch: 'plain' },
  blocked: { title: 'blocked: no connection was free', hatch: 'level' },
  setup: { title: 'set-up of a connection', hatch: 'falling' },
  distance: { title: 'first byte: distance', hatch: 'plain' },
  processing: { title: 'first byte: processing', hatch: 'rising' },
  firstByte: { title: 'first byte, not to be told apart', hatch: 'falling' },
  body: { title: 'body', hatch: 'upright' },
};
const PARTS: readonly BarPart[] = PHASES.map((kind) => ({ kind, ...LOOKS[kind] }));

/** What the mean request spent its time on, from the scheduled instant to the last byte. */
export function phaseBars(data: PhaseData, options: ChartOptions): string {
  const { figures } = options;
  const rows = data.bars.map((bar) => {
    const ms = PHASES.map((phase) => bar.ms[phase] ?? 0);
    const all = sum(ms);
    return { name: bar.region, ms, value: all > 0 ? figures.time(all) : NOTHING, note: null };
  });
  return barRows(
    { rows, parts: PARTS },
    {
      name: 'phase-bars',
      title: options.title ?? 'Where the time went, by region',
      description: `Means. ${rows
        .map(({ name, ms, value }) => `${name}: ${value}${mostOf(ms)}`)
        .join('; ')}.`,
    },
    options,
  );
}

function mostOf(ms: readonly number[]): string {
  const most = Math.max(...ms);
  return most > 0 ? `, most of it ${LOOKS[PHASES[ms.indexOf(most)]!].title}` : '';
}
