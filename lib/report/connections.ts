import type { HistogramMetric } from '../measure/fragment-content.js';
import type { Histogram } from '../measure/histogram.js';
import { distribution, msOf } from './distribution.js';
import { type EdgeFound, edges } from './edges.js';
import type { Evidence } from './evidence.js';
import type { Report } from './report-schema.js';

/** What it took to open connections, per region and remote address, over the whole run. */
export function connections(evidence: Evidence): Report['connections'] {
  const { measured, schedule } = evidence;
  const found = edges(evidence);
  return schedule.regions.flatMap((region) => {
    const addresses = measured.content(region)?.addresses ?? [];
    return addresses.map((address, subject) => {
      const of = (metric: HistogramMetric) =>
        distribution(measured.histogram(metric, [region], [subject], schedule.stages));
      return {
        region,
        address,
        opened: { dns: of('dns'), tcp: of('tcp'), tls: of('tls') },
        ahead: { dns: of('dnsAhead'), tcp: of('tcpAhead'), tls: of('tlsAhead') },
        roundTrip: of('roundTrip'),
        edge: edgeAt(found, region, address),
      };
    });
  });
}

function edgeAt(
  found: readonly EdgeFound[],
  region: string,
  address: string,
): Report['connections'][number]['edge'] {
  const edge = found.find((one) => one.region === region && one.address === address);
  return edge ? { name: edge.name, sign: edge.sign } : null;
}

/**
 * What somebody who comes for the first time waits for a first byte: medians over the connections
 * that requests or the plan opened. Few of them are told as they are: there may never be more.
 */
export function firstVisits(evidence: Evidence): Report['firstVisits'] {
  return evidence.schedule.regions.map((region) => {
    const scope = { ...evidence.schedule, regions: [region] };
    const both = (metric: 'dns' | 'tcp' | 'tls', ahead: HistogramMetric): Histogram => {
      const all = evidence.connections(metric, scope);
      all.add(evidence.connections(ahead, scope));
      return all;
    };
    const dns = both('dns', 'dnsAhead');
    const tcp = both('tcp', 'tcpAhead');
    const tls = both('tls', 'tlsAhead');
    const firstByte = evidence.connections('firstAnswer', scope);
    // An address needs no look-up and plain HTTP no handshake: what no connection took is no time.
    const steps = [dns, tls].filter(({ count }) => count > 0);
    const times = [...steps, tcp, firstByte].map(medianUs);
    const total = times.reduce((sum, us) => (sum === null || us === null ? null : sum + us), 0);
    return {
      region,
      connections: tcp.count,
      dns: medianMs(dns),
      tcp: medianMs(tcp),
      tls: medianMs(tls),
      firstByte: medianMs(firstByte),
      total: total === null ? null : msOf(total),
    };
  });
}

function medianUs(histogram: Histogram): number | null {
  return histogram.count > 0 ? histogram.percentileUs(5000) : null;
}

function medianMs(histogram: Histogram): number | null {
  const us = medianUs(histogram);
  return us === null ? null : msOf(us);
}
