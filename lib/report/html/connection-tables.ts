import { html, type Markup } from './markup.js';
import { details, type Page, regionName } from './page.js';
import { table } from './table.js';

/** What somebody waits who comes for the first time. */
export function firstVisits({ trace, report: { firstVisits } }: Page): Markup | null {
  const known = [...firstVisits.entries()].filter(([, { total }]) => total !== null);
  if (known.length === 0) return null;
  return details(
    'A first visit: what somebody waits who comes for the first time',
    table(trace, {
      caption: 'A first visit, on a new connection: medians',
      heads: 'Region',
      columns: [
        { title: 'DNS', of: 'dns', as: 'time' },
        { title: 'TCP', of: 'tcp', as: 'time' },
        { title: 'TLS', of: 'tls', as: 'time' },
        { title: 'First byte', of: 'firstByte', as: 'time' },
        { title: 'In all', of: 'total', as: 'time' },
        { title: 'Connections', of: 'connections', as: 'count' },
      ],
      rows: known.map(([i, visit]) => ({
        item: visit,
        head: regionName(visit.region),
        at: `/firstVisits/${i}`,
      })),
    }),
  );
}

/** What it took to connect, address by address, and who ended the connection. */
export function connections({ trace, report: { connections } }: Page): Markup | null {
  if (connections.length === 0) return null;
  return details(
    'Addresses and what it took to connect',
    table(trace, {
      caption: 'Connections by region and address',
      heads: 'Region and address',
      columns: [
        { title: 'least', of: 'roundTrip/min', as: 'time', group: 'Round trip' },
        { title: 'p50', of: 'roundTrip/p50', as: 'time', group: 'Round trip' },
        { title: 'number', of: 'ahead/tcp/count', as: 'count', group: 'Opened ahead' },
        { title: 'TCP', of: 'ahead/tcp/p50', as: 'time', group: 'Opened ahead' },
        { title: 'TLS', of: 'ahead/tls/p50', as: 'time', group: 'Opened ahead' },
        { title: 'number', of: 'opened/tcp/count', as: 'count', group: 'Opened for a request' },
        { title: 'TCP', of: 'opened/tcp/p50', as: 'time', group: 'Opened for a request' },
        { title: 'TLS', of: 'opened/tls/p50', as: 'time', group: 'Opened for a request' },
        {
          title: 'Ended by',
          left: true,
          cell: ({ edge }: (typeof connections)[number]) =>
            edge === null ? 'the target' : `${edge.name} (${edge.sign})`,
        },
      ],
      rows: connections.map((one, i) => ({
        item: one,
        head: html`${regionName(one.region)} <code>${one.address}</code>`,
        at: `/connections/${i}`,
      })),
    }),
  );
}
