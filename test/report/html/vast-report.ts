import { Random } from '../../../bench/random.js';
import {
  type Distribution,
  PERCENTILE_KEYS,
  PERCENTILES,
  type Report,
  type Slice,
} from '../../../lib/report/report-schema.js';
import { samplesToShow } from '../../../lib/stats/binomial.js';
import { slice, times } from '../../support/sample-report.js';
import { shopReport, thirtyRegions } from './page-reports.js';

type Cut = readonly [region: number | null, request: number | null, stage: number | null];

const HOURS = 10;
const STAGES = [
  { name: null, title: '20/s', warmup: true, seconds: 600 },
  { name: 'rise', title: 'rise', warmup: false, seconds: 3_000 },
  { name: 'morning', title: 'morning', warmup: false, seconds: 9_000 },
  { name: 'noon', title: 'noon', warmup: false, seconds: 14_400 },
  { name: 'evening', title: 'evening', warmup: false, seconds: 9_000 },
];

/**
 * What a run of ten hours from thirty regions with a hundred requests comes to: as large as any
 * report is meant to be. Its accounts add up.
 */
export function vastReport(): Report {
  const base = thirtyRegions();
  const random = new Random(17);
  const { regions } = base.run;
  const requests = Array.from(
    { length: 100 },
    (_, i) => `${['GET', 'POST', 'PUT'][i % 3]} /api/v2/resources/${i}/items?page=${i * 7}`,
  );
  const counts = regions.map(() =>
    requests.map(() => STAGES.map(({ seconds }) => Math.round(seconds * (0.5 + random.next())))),
  );
  let start = 0;
  const stages = STAGES.map(({ seconds, ...stage }) => {
    const end = start + seconds;
    const span = { ...stage, constant: stage.name !== 'rise', start, end };
    start = end;
    return span;
  });
  const measured = [...STAGES.keys()].filter((i) => !STAGES[i]!.warmup);
  const total = ([region, request, stage]: Cut) => {
    let sum = 0;
    for (const r of region === null ? regions.keys() : [region]) {
      for (const q of request === null ? requests.keys() : [request]) {
        for (const s of stage === null ? measured : [stage]) sum += counts[r]![q]![s]!;
      }
    }
    return sum;
  };
  const cut = (at: Cut): Slice => {
    const [region, request, stage] = at;
    const scheduled = total(at);
    const failed = failures(at, counts, measured);
    const median = 8 + (region ?? 15) * 7.313 + (request ?? 50) * 0.917;
    const ok = scheduled - failed;
    const made = slice(median, stage === null ? 35_400 : STAGES[stage]!.seconds, {
      region: region === null ? null : regions[region]!,
      request: request === null ? null : requests[request]!,
      stage: stage === null ? null : STAGES[stage]!.title,
      warmup: stage !== null && STAGES[stage]!.warmup,
      requests: { ...base.completeness.requests, ...accountsOf(scheduled, failed) },
      iterations: accountsOf(scheduled, failed),
      latency: supported(ok, median * 1.0213),
      service: supported(ok, median),
      processing: supported(ok, median / 3),
      distance: request === null ? supported(9_000, median / 2) : null,
      cutAtZero: 0.001,
    });
    return { ...made, phases: { ...made.phases, firstByte: supported(ok, median * 0.91) } };
  };
  const r = [...regions.keys()];
  const q = [...requests.keys()];
  const s = [...stages.keys()];
  const slices = [
    cut([null, null, null]),
    ...r.map((i) => cut([i, null, null])),
    ...q.map((i) => cut([null, i, null])),
    ...s.map((i) => cut([null, null, i])),
    ...r.flatMap((i) => q.map((j) => cut([i, j, null]))),
    ...r.flatMap((i) => s.map((j) => cut([i, null, j]))),
    ...q.flatMap((i) => s.map((j) => cut([null, i, j]))),
  ];
  // Flows of one step each, so that their accounts are those of their requests.
  const flows = new Map(requests.slice(0, 20).map((request, i) => [request, `flow visit ${i}`]));
  const ofFlows = slices.flatMap((one): Slice[] => {
    const flow = flows.get(one.request ?? '');
    return flow === undefined ? [] : [{ ...one, request: flow, iteration: one.latency }];
  });
  const scheduled = slices[0]!.requests.scheduled + total([null, null, 0]);
  const failed = slices[0]!.requests.failed + failures([null, null, 0], counts, measured);
  const legs = Array.from({ length: 67 }, (_, i) => ({
    start: i * 540,
    end: Math.min(HOURS * 3600, (i + 1) * 540),
  }));
  const shop = shopReport();
  return {
    ...base,
    run: {
      ...base.run,
      name: 'the whole day',
      seconds: HOURS * 3600,
      requests,
      flows: [...flows.values()],
      stages,
      legs,
      headline: { stage: 'noon', sentence: 'The longest stage of constant load.' },
    },
    completeness: {
      ...base.completeness,
      requests: { ...base.completeness.requests, ...accountsOf(scheduled, failed) },
      iterations: accountsOf(scheduled, failed),
    },
    slices: [...slices, ...ofFlows],
    checks: Array.from({ length: 1_000 }, (_, i) => ({
      request: requests[i % requests.length]!,
      text: `$.items[${i}].state is "open"`,
      passed: 90_000 + random.below(9_000),
      failed: random.below(3),
    })),
    curves: base.curves.map(({ region }, i) => ({
      region,
      points: shop.curves[0]!.points.map(({ percentile, latency, service }) => ({
        percentile,
        latency: latency === null ? null : latency + 5.113 * i,
        service: service === null ? null : service + 4.817 * i,
      })),
    })),
    series: [null, ...regions].map((region, i) => ({
      region,
      spanSeconds: 150,
      edges: Array.from({ length: 25 }, (_, band) => Math.round(1_000 * 1.6 ** band) / 1_000),
      points: Array.from({ length: 240 }, (_, j) => {
        const p50 = Math.round((20 + 8 * i + 5 * random.next()) * 1e3) / 1e3;
        return {
          start: j * 150,
          scheduled: 11_000 + random.below(900),
          ok: 10_900,
          failed: random.below(12),
          cut: 0,
          dropped: 0,
          ended: 10_950,
          endedFailed: 4,
          p50,
          p99: Math.round(p50 * (3 + random.next()) * 1e3) / 1e3,
          max: Math.round(p50 * (9 + random.next()) * 1e3) / 1e3,
          heat: Array.from({ length: 24 }, (_, band) => Math.max(0, 900 - 90 * Math.abs(band - 8))),
        };
      }),
    })),
    errors: regions.flatMap((region) =>
      requests.map((request, i) => ({
        class: 'http 5xx',
        code: 1500 + (i % 5),
        message: `HTTP 50${i % 5}: the target is overloaded, restarting or not ready`,
        count: 1 + random.below(60),
        first: i * 11,
        last: 30_000 + i,
        region,
        request,
        sample: `{"error":"nothing is left of the pool of ${i} connections","trace":"${'f3a9'.repeat(60)}"}`,
      })),
    ),
    workers: legs.flatMap((_, leg) =>
      base.workers.map((worker, i) => ({
        ...worker,
        leg,
        health: { ...worker.health, busy: { share: 0.2 + ((leg * i) % 70) / 100, from: 12 } },
      })),
    ),
  };
}

function failures(
  [region, request, stage]: Cut,
  counts: readonly (readonly (readonly number[])[])[],
  measured: readonly number[],
): number {
  let sum = 0;
  for (const [r, ofRegion] of counts.entries()) {
    if (region !== null && region !== r) continue;
    for (const [q, ofRequest] of ofRegion.entries()) {
      if (request !== null && request !== q) continue;
      for (const s of stage === null ? measured : [stage]) sum += Math.floor(ofRequest[s]! / 5_000);
    }
  }
  return sum;
}

function accountsOf(scheduled: number, failed: number) {
  return {
    scheduled,
    ok: scheduled - failed,
    failed,
    cut: { deadline: 0, stop: 0 },
    dropped: { generator: 0, target: 0 },
    lost: 0,
  };
}

/** With what so many samples support, and no more. */
function supported(count: number, median: number): Distribution {
  const full = times(count, Math.round(median * 1_000) / 1_000);
  const rounded = Object.fromEntries(
    Object.entries(full).map(([key, value]) => [
      key,
      typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value,
    ]),
  ) as unknown as Distribution;
  const short = PERCENTILE_KEYS.filter((key) => count < samplesToShow(PERCENTILES[key]));
  const needs = Object.fromEntries(short.map((key) => [key, samplesToShow(PERCENTILES[key])]));
  const none = Object.fromEntries(short.map((key) => [key, null]));
  return { ...rounded, ...none, ...(short.length > 0 ? { needs } : {}) };
}
