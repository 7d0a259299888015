import type { Report } from '../report-schema.js';
import { WITHHELD } from './distribution-cells.js';
import { counted, percent, time } from './figures.js';
import { plain } from './plain.js';

/** For the verdict's line: `emulated, 21.4 ms to 142 ms away`; empty where nothing is emulated. */
export function emulatedInShort({ run }: Report): string {
  const trips = run.emulated.map(({ roundTrip }) => roundTrip);
  if (trips.length === 0) return '';
  const [least, most] = [time(Math.min(...trips)), time(Math.max(...trips))];
  const away = least === most ? least : `${least} to ${most}`;
  const some = trips.length < run.regions.length ? `${counted(trips.length, 'region')} ` : '';
  return `${some}emulated, ${away} away`;
}

/** For a table of regions: the round trip that was emulated. */
export function emulatedCell({ run }: Report, region: string | null): string {
  const found = run.emulated.find((one) => one.region === region);
  return found ? time(found.roundTrip) : WITHHELD;
}

/** For how it was measured: what was emulated, and what was not. */
export function emulationLines({ run }: Report): readonly string[] {
  if (run.emulated.length === 0) return [];
  const places = run.emulated.map(
    ({ region, roundTrip, jitter, loss }) =>
      `${plain(region)} ${time(roundTrip)}` +
      (jitter > 0 ? ` + up to ${time(jitter)}` : '') +
      (loss > 0 ? ` with ${percent(loss)} lost` : ''),
  );
  return [
    `distance emulated on one machine: ${places.join(', ')}`,
    'connects, TLS handshakes and requests waited their round trips; TCP slow start was not emulated',
  ];
}
