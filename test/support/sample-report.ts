import {
  CHECKS,
  type Distribution,
  type Report,
  type RequestAccounts,
  type Slice,
} from '../../lib/report/report-schema.js';

/** Times around a median, ms, as a server under some load would give them. */
export function times(
  count: number,
  median: number,
  over: Partial<Distribution> = {},
): Distribution {
  if (count === 0) {
    const none = { min: null, mean: null, stdev: null, max: null };
    const percentiles = { p50: null, p75: null, p90: null, p95: null, p99: null };
    return { count, ...none, ...percentiles, p999: null, p9999: null, ...over };
  }
  return {
    count,
    min: median / 4,
    mean: median * 1.1,
    stdev: median / 2,
    p50: median,
    p75: median * 1.3,
    p90: median * 1.9,
    p95: median * 2.6,
    p99: median * 5.5,
    p999: median * 11,
    p9999: median * 20,
    max: median * 24,
    ...over,
  };
}

export function accounts(scheduled: number, failed = 0): RequestAccounts {
  return {
    scheduled,
    ok: scheduled - failed,
    failed,
    cut: { deadline: 0, stop: 0 },
    dropped: { generator: 0, target: 0 },
    lost: 0,
    sent: scheduled,
    unsent: 0,
    resent: 0,
    redirects: 0,
    answered: scheduled,
  };
}

/** Each iteration is one request. */
function iterations(requests: RequestAccounts): Report['completeness']['iterations'] {
  const { scheduled, ok, failed, cut, dropped, lost } = requests;
  return { scheduled, ok, failed, cut, dropped, lost };
}

export function slice(median: number, seconds: number, over: Partial<Slice> = {}): Slice {
  const requests = over.requests ?? accounts(600 * seconds);
  const { ok, failed, scheduled } = requests;
  return {
    region: null,
    request: null,
    stage: null,
    warmup: false,
    seconds,
    iterations: iterations(requests),
    errorRate: scheduled === 0 ? null : failed / scheduled,
    rate: seconds === 0 ? null : ok / seconds,
    rateWhy: null,
    bytesIn: ok * 2_300,
    bytesOut: scheduled * 180,
    latency: times(ok, median * 1.02),
    service: times(ok, median),
    ttfb: times(ok, median * 0.96),
    phases: {
      wait: { mean: 0.412, lag: times(ok, 0.031), blocked: times(ok, 0.002), setup: times(0, 1) },
      firstByte: times(ok, median * 0.94),
      body: times(ok, median * 0.06),
      sending: null,
    },
    distance: null,
    processing: null,
    cutAtZero: null,
    serverTime: null,
    estimate: null,
    iteration: null,
    failed: times(failed, median * 3),
    ...over,
    requests,
  };
}

/** A passed run of one region, one request and one stage: nothing to break down. */
export function smallReport(): Report {
  const total = slice(1.42, 30, { requests: accounts(6_000) });
  return {
    schema: 'isochrone.report/1',
    run: {
      id: '20261121-141503-shop-7f3a',
      name: 'shop',
      label: null,
      target: 'http://127.0.0.1:8080/',
      targetAt: null,
      startedAt: '2026-11-21T14:15:03.000Z',
      endedAt: '2026-11-21T14:15:33.412Z',
      seconds: 30,
      where: 'local',
      seed: 2_718_281_828,
      model: 'open',
      arrivals: 'even',
      latencyFrom: 'schedule',
      regions: ['local'],
      emulated: [],
      requests: ['GET /'],
      stages: [{ name: null, title: '200/s', warmup: false, constant: true, start: 0, end: 30 }],
      legs: [{ start: 0, end: 30 }],
      headline: { stage: '200/s', sentence: 'The longest stage of constant load.' },
    },
    verdict: {
      status: 'passed',
      cause: null,
      exitCode: 0,
      level: 'good',
      objectives: [],
      validity: CHECKS.map((check) => ({
        check,
        level: 'good',
        lowered: null,
        measured: 0,
        unit: 'share',
        limit: { doubtful: 0.01, invalid: 0.1 },
        region: null,
        meaning: 'Requests that the generator took up late.',
        remedy: null,
      })),
    },
    completeness: {
      workers: { planned: 1, reported: 1, missing: [], refused: [] },
      iterations: total.iterations,
      requests: total.requests,
      fragments: { expected: 7, merged: 7, duplicate: 0, missing: 0, unreadable: 0 },
    },
    slices: [total, { ...total, stage: '200/s' }],
    connections: [],
    firstVisits: [],
    curves: [],
    series: [],
    errors: [],
    checks: [],
    workers: [
      {
        region: 'local',
        leg: 0,
        n: 0,
        attempt: 1,
        node: 'v20.20.2',
        arch: 'x64',
        cores: 8,
        threads: 7,
        thread: 0,
        pacer: 'spin',
        engine: 'HTTP/1.1 of isochrone 0.1.0',
        armedAt: '2026-11-21T14:15:01.000Z',
        startedAt: '2026-11-21T14:15:03.000Z',
        endedAt: '2026-11-21T14:15:33.002Z',
        stopped: null,
        lapsed: null,
        firstLag: 0.1,
        backlogAtStart: 0,
        connections: {
          peak: 30,
          ceiling: 900,
          opened: 30,
          failed: 0,
          ceilingReached: false,
          replaced: 0,
          probes: 5,
        },
        health: {
          delay: { p99: 1.31, from: 12 },
          busy: { share: 0.214, from: 12 },
          gc: { count: 41, total: 30.2, longest: 2.14 },
          steal: 0,
          throttled: { count: 0, total: 0 },
          memory: { rss: 104_857_600, heap: 14_680_064 },
        },
        clock: { offset: 0.2, uncertainty: 5.1, drift: -0.1 },
      },
    ],
    findings: [],
    cost: null,
    plan: 'name: shop\ntarget: https://shop.example.com\n',
  };
}

/** A failed and doubtful run of several of everything, with hostile answers and small samples. */
export function largeReport(): Report {
  const small = smallReport();
  const regions = ['us-east-1', 'eu-west-1', 'ap-northeast-1'];
  const requests = [
    'GET /',
    'POST /hospital',
    'GET /patients/search?name=a-rather-long-query-string',
  ];
  const stages = [
    { name: null, title: '50/s', warmup: true, constant: true, start: 0, end: 10 },
    { name: null, title: '50..600/s', warmup: false, constant: false, start: 10, end: 310 },
    { name: 'peak', title: 'peak', warmup: false, constant: true, start: 310, end: 490 },
    { name: null, title: '600..0/s', warmup: false, constant: false, start: 490, end: 610 },
  ];
  const few = (count: number, median: number) =>
    times(count, median, { p999: null, p9999: null, needs: { p999: 10_000, p9999: 100_000 } });
  const failing = accounts(21_600, 2_592);
  const peak = slice(118, 180, {
    stage: 'peak',
    requests: accounts(108_000, 2_764),
    phases: {
      wait: {
        mean: 3.41,
        lag: times(105_236, 0.04),
        blocked: times(105_236, 0.9),
        setup: times(212, 84),
      },
      firstByte: times(105_236, 112),
      body: times(105_236, 6.1),
      sending: null,
    },
    latency: times(105_236, 120, { masked: ['p99', 'p999', 'p9999'], max: 9_876 }),
    service: times(105_236, 117, { masked: ['p99', 'p999', 'p9999'], max: 4_120 }),
  });
  const total: RequestAccounts = {
    ...accounts(243_500, 2_764),
    ok: 240_411,
    cut: { deadline: 2, stop: 0 },
    dropped: { generator: 11, target: 312 },
    resent: 3,
  };
  return {
    ...small,
    run: {
      ...small.run,
      id: '20261121-141503-checkout-7f3a',
      name: 'checkout',
      label: '4 workers',
      target: 'https://shop.example.com',
      seconds: 610,
      arrivals: 'poisson',
      regions,
      requests,
      stages,
      headline: { stage: 'peak', sentence: 'The longest stage of constant load.' },
    },
    verdict: {
      status: 'failed',
      cause: '2 of 4 objectives were missed',
      exitCode: 99,
      level: 'doubtful',
      objectives: [
        {
          text: 'p95 < 500ms',
          ok: true,
          state: 'held',
          unit: 'ms',
          comparison: '<',
          limit: 500,
          measured: 312,
          request: null,
          region: null,
          stage: null,
          worst: null,
          sentence: 'p95 was 312 ms, below 500 ms.',
        },
        {
          text: 'p90 < 1s in every region during peak',
          ok: false,
          state: 'missed',
          unit: 'ms',
          comparison: '<',
          limit: 1000,
          measured: 1_342,
          request: null,
          region: 'every',
          stage: 'peak',
          worst: 'ap-northeast-1',
          sentence: 'p90 was 1.34 s in ap-northeast-1.',
        },
        {
          text: 'errors < 1%',
          ok: false,
          state: 'missed',
          unit: 'share',
          comparison: '<',
          limit: 0.01,
          measured: 0.01263,
          request: null,
          region: null,
          stage: null,
          worst: null,
          sentence: '1.26 % failed.',
        },
        {
          text: 'p99.9 < 2s of "POST /hospital" in eu-west-1',
          ok: null,
          state: 'not judged',
          unit: 'ms',
          comparison: '<',
          limit: 2000,
          measured: null,
          request: 'POST /hospital',
          region: 'eu-west-1',
          stage: null,
          worst: null,
          sentence:
            '7,200 requests cannot decide a p99.9: it takes 10,000, or 4,603 with none above the limit.',
        },
      ],
      validity: small.verdict.validity.map((check) =>
        check.check === 'busy'
          ? {
              ...check,
              level: 'doubtful',
              lowered: 'invalid',
              measured: 0.994,
              limit: { doubtful: 0.9, invalid: 0.98 },
              region: 'eu-west-1',
              meaning: 'A load thread was hardly ever idle.',
              remedy: 'Give it less to do.',
            }
          : check.check === 'offered'
            ? {
                ...check,
                level: 'doubtful',
                measured: 0.000045,
                limit: { doubtful: 0, invalid: 0.001 },
                region: 'us-east-1',
                meaning: 'A part of the schedule was never begun because the generator was late.',
                remedy: 'Give it more cores or more workers, or ask for less load.',
              }
            : check,
      ),
    },
    completeness: {
      workers: {
        planned: 6,
        reported: 5,
        missing: [
          {
            region: 'us-east-1',
            leg: 0,
            n: 1,
            attempt: 1,
            lastSeen: '2026-11-21T14:25:00.000Z',
            lastSeenSeconds: 597,
            why: 'the process was killed',
            lost: 0,
          },
        ],
        refused: [0, 1].map((n) => ({
          region: 'eu-west-1',
          leg: 0,
          n,
          attempt: 1,
          at: '2026-11-21T14:15:00.250Z',
          why: 'this attempt is claimed already: a second delivery',
        })),
      },
      iterations: iterations(total),
      requests: total,
      fragments: { expected: 732, merged: 731, duplicate: 4, missing: 1, unreadable: 0 },
    },
    slices: [
      slice(96, 600, { requests: accounts(243_000, 2_764) }),
      slice(22, 10, {
        stage: '50/s',
        warmup: true,
        requests: accounts(500),
        latency: few(500, 22),
      }),
      slice(64, 300, { stage: '50..600/s', requests: accounts(97_500) }),
      peak,
      slice(71, 120, { stage: '600..0/s', requests: accounts(36_000) }),
      slice(21, 180, { stage: 'peak', region: 'us-east-1', requests: accounts(54_000, 12) }),
      slice(98, 180, { stage: 'peak', region: 'eu-west-1', requests: accounts(32_400, 160) }),
      slice(243, 180, {
        stage: 'peak',
        region: 'ap-northeast-1',
        requests: failing,
        latency: times(failing.ok, 243, { masked: ['p90', 'p95', 'p99', 'p999', 'p9999'] }),
        rate: null,
        rateWhy: 'no window in which every worker was alive',
      }),
      slice(90, 180, { stage: 'peak', request: 'GET /', requests: accounts(54_000) }),
      slice(190, 180, {
        stage: 'peak',
        request: 'POST /hospital',
        requests: accounts(53_100, 2_764),
      }),
      slice(80, 180, {
        stage: 'peak',
        request: requests[2] ?? '',
        requests: accounts(900),
        latency: times(900, 80, {
          p99: null,
          p999: null,
          p9999: null,
          needs: { p99: 1_000, p999: 10_000, p9999: 100_000 },
        }),
      }),
    ],
    firstVisits: [
      {
        region: 'us-east-1',
        connections: 90,
        dns: 1.1,
        tcp: 2.4,
        tls: 5.2,
        firstByte: 20,
        total: 28.7,
      },
      {
        region: 'eu-west-1',
        connections: 64,
        dns: 1.9,
        tcp: 81,
        tls: 165,
        firstByte: 96,
        total: 343.9,
      },
      {
        region: 'ap-northeast-1',
        connections: 4,
        dns: 2.2,
        tcp: 152,
        tls: 310,
        firstByte: 240,
        total: 704.2,
      },
    ],
    workers: regions.flatMap((region) => small.workers.map((worker) => ({ ...worker, region }))),
    errors: [
      {
        class: 'status',
        code: 1503,
        message: 'status 503',
        count: 2_592,
        first: 311.2,
        last: 489.9,
        region: 'ap-northeast-1',
        request: 'POST /hospital',
        sample:
          '\u001b[31m{"error":"pool exhausted"}\u001b[0m\r\n\u001b]0;owned\u0007 try again later, all 40 connections of the pool are taken',
      },
      {
        class: 'timeout',
        code: 1050,
        message: 'no complete answer within 10 s',
        count: 172,
        first: 402,
        last: 402,
        region: 'eu-west-1',
        request: 'POST /hospital',
        sample: null,
      },
    ],
    findings: [
      {
        id: 'queue',
        severity: 'serious',
        text: 'From 6m 41s the target answered fewer requests than were asked for: the queue in front of it grew to 4,210 requests.',
        evidence: { queue: 4210 },
      },
      {
        id: 'held',
        severity: 'info',
        text: 'Latency rose with the load and came back.',
        evidence: {},
      },
    ],
  };
}
