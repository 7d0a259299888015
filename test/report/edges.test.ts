import { describe, expect, it, test } from 'vitest';
import { soonerThanLight } from '../../lib/report/edges.js';
import { renderText } from '../../lib/report/render/text.js';
import { MS, SimulatedRun, sliceOf } from './simulated-run.js';

const ADDRESS = '198.51.100.7';

/** A hundred good answers from each region over connections whose round trip was seen. */
function run(roundTripUs: number, regions: readonly string[] = ['local']): SimulatedRun {
  const made = new SimulatedRun({ regions });
  for (const { recorder } of made.workers) {
    recorder.connection(
      { address: ADDRESS, ahead: true, dnsUs: -1, tcpUs: roundTripUs, tlsUs: 40 * MS },
      0,
    );
    recorder.roundTrip(ADDRESS, roundTripUs, 0);
    recorder.firstAnswer(ADDRESS, 30 * MS, 0);
  }
  return made.fill(100, () => ({ roundTripUs }));
}

const textOf = (made: SimulatedRun) => renderText(made.report(), { width: 100, color: false });

describe('an edge', () => {
  it('that headers give away is named with its address, and distance is said to be to it', () => {
    const made = run(2 * MS);
    expect(textOf(made)).toMatch(
      /of it: one round trip\n.* {2}distance is told by few connects; the least is 2.00 ms\n/s,
    );
    made.only.edges = [{ address: ADDRESS, name: 'Cloudflare', sign: 'cf-ray' }];
    const { connections, findings } = made.report();
    expect(connections).toMatchObject([
      { address: ADDRESS, edge: { name: 'Cloudflare', sign: 'cf-ray' } },
    ]);
    expect(findings.filter(({ id }) => id === 'edge').map(({ text }) => text)).toEqual([
      'Connections from local end at Cloudflare, not at the target: its answers say so in `cf-ray`. Distance is to that edge; the way from there to the target is in processing.',
    ]);
    expect(textOf(made)).toContain('of it: one round trip to the edge\n');
  });

  it('that only some regions have is said to be there in part', () => {
    const made = run(2 * MS, ['eu-west-1', 'us-east-1']);
    made.only.edges = [{ address: ADDRESS, name: 'a proxy', sign: 'via' }];
    expect(textOf(made)).toContain('round trip, some to an edge\n');
    const [finding] = made.report().findings.filter(({ id }) => id === 'edge');
    expect(finding?.evidence).toMatchObject({ regions: 'eu-west-1', addresses: 1 });
  });

  it('gives itself away by answering sooner than light could come from the target', () => {
    const from = ['eu-central-1', 'ap-northeast-1'];
    const made = run(8 * MS, from);
    Object.assign(made.frozen.plan, { targetAt: 'eu-central-1' });
    const { connections, findings } = made.report();
    expect(connections.map(({ region, edge }) => [region, edge?.sign ?? null])).toEqual([
      ['eu-central-1', null],
      ['ap-northeast-1', 'round trip'],
    ]);
    expect(findings.find(({ id }) => id === 'edge')?.text).toMatch(
      /^Connections from ap-northeast-1 end at something nearer than the target, .* light itself/,
    );
  });
});

test.each([
  [61_000, 9_350, true],
  [62_000, 9_350, false],
  [1, 150, false],
  [0, 0, false],
])('%i µs over %i km is sooner than light: %s', (roundTripUs, kilometres, sooner) => {
  expect(soonerThanLight(roundTripUs, kilometres)).toBe(sooner);
});

describe('distance and processing', () => {
  const quick = (share: number) =>
    new SimulatedRun().fill(100, (i) => ({ roundTripUs: i < share * 100 ? 90 * MS : 2 * MS }));
  const withTrip = (made: SimulatedRun) => {
    made.only.recorder.roundTrip(ADDRESS, 2 * MS, 0);
    return made;
  };

  it('are shown as not separable where more than 5 % of the answers came sooner', () => {
    const made = withTrip(quick(0.06));
    const report = made.report();
    expect(sliceOf(report).cutAtZero).toBeCloseTo(0.06);
    const rows = renderText(report, { width: 100, color: false }).split('\n');
    for (const name of ['distance', 'processing']) {
      expect(rows.find((row) => row.trim().startsWith(name))).toMatch(
        /^ +\w+( +–){3} {2}not separable$/,
      );
    }
    expect(report.findings.map(({ id }) => id)).toContain('not-separable');
  });

  it('are shown as numbers up to there', () => {
    const text = textOf(withTrip(quick(0.05)));
    expect(text).not.toContain('not separable');
    expect(text).toMatch(/distance +– +– +2\.00 ms/);
  });
});

describe('a first visit', () => {
  it('is told of few connections too, and then says of how many', () => {
    const made = run(2 * MS);
    expect(made.report().firstVisits).toEqual([
      { region: 'local', connections: 1, dns: null, tcp: 2, tls: 40, firstByte: 30, total: 72 },
    ]);
    expect(textOf(made)).toContain('of few connections: 1\n');
  });

  it('is about connections that requests or the plan opened, not about probes', () => {
    const made = run(2 * MS);
    for (let i = 0; i < 50; i++) made.only.recorder.roundTrip(ADDRESS, 1 * MS, i);
    const { firstVisits, connections } = made.report();
    expect(firstVisits[0]).toMatchObject({ connections: 1, tcp: 2 });
    expect(connections[0]?.roundTrip.count).toBe(51);
  });

  it('is unknown where none was opened', () => {
    expect(new SimulatedRun().fill(10).report().firstVisits).toEqual([
      {
        region: 'local',
        connections: 0,
        dns: null,
        tcp: null,
        tls: null,
        firstByte: null,
        total: null,
      },
    ]);
  });
});
