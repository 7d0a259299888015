import type { Report } from '../report-schema.js';
import { WITHHELD } from './distribution-cells.js';
import { bytes, count, counted, percent, time } from './figures.js';
import { healthText, worstHealth } from './health-text.js';
import { plain } from './plain.js';
import type { Paper } from './sheet.js';
import type { Cell } from './table.js';

type Workers = Report['workers'];

/** Who made the load, and how they fared: in lines, or of several regions by region. */
export function workersText(paper: Paper, { run, workers }: Report): void {
  if (workers.length === 0) return;
  const { faint } = paper.ink;
  paper.section('Workers', workers.length > 1 ? 'at worst; loop late: p99' : '');
  if (run.regions.length > 1) regionsTable(paper, run.regions, workers);
  const sum = (pick: (connections: Workers[number]['connections']) => number) =>
    workers.reduce((total, { connections }) => total + pick(connections), 0);
  const failed = sum(({ failed }) => failed);
  const replaced = sum(({ replaced }) => replaced);
  const probes = sum(({ probes }) => probes);
  const lines = [
    `connections: ${count(sum(({ opened }) => opened))} opened, at most ${count(sum(({ peak }) => peak))} at once` +
      (replaced > 0 ? `, ${count(replaced)} replaced after idling` : '') +
      (failed > 0 ? `, ${count(failed)} could not be opened` : '') +
      (probes > 0 ? `; ${counted(probes, 'probe')} of the round trip` : ''),
  ];
  const lags = workers.flatMap(({ firstLag }) => firstLag ?? []);
  if (lags.length > 0) {
    const late = time(Math.max(...lags));
    lines.push(
      `begun at most ${late} late, by the ${lags.length === 1 ? "worker's own clock" : "workers' own clocks"}`,
    );
  }
  if (run.regions.length < 2) lines.push(`load threads: ${healthText(workers)}`);
  for (const line of lines) paper.text(line, { paint: faint });
}

function regionsTable(paper: Paper, regions: readonly string[], workers: Workers): void {
  const unknown = { text: WITHHELD, paint: paper.ink.faint };
  const figure = (value: number | null, text: (value: number) => string): Cell =>
    value === null ? unknown : text(value);
  paper.table(
    [
      { title: '', align: 'left' },
      { title: 'workers' },
      { title: 'busy' },
      { title: 'loop late' },
      { title: 'collection', optional: 2 },
      { title: 'CPU stolen', optional: 3 },
      { title: 'memory', optional: 4 },
      { title: 'clock off' },
    ],
    regions.map((region): Cell[] => {
      const own = workers.filter((worker) => worker.region === region);
      if (own.length === 0) return [plain(region), '0'];
      const worst = worstHealth(own);
      return [
        plain(region),
        count(own.length),
        figure(worst.busy, percent),
        figure(worst.delayMs, time),
        figure(worst.pauseMs, time),
        figure(worst.steal, percent),
        bytes(worst.memoryBytes),
        // What is uncertain of it is no offset.
        figure(worst.clockOffMs, (ms) => (ms > 0 ? time(ms) : '0 µs')),
      ];
    }),
  );
}
