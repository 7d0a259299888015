import { describe, expect, it } from 'vitest';
import { Random } from '../../bench/random.js';
import { COUNTER_INDEX } from '../../lib/measure/counter-table.js';
import { COUNTERS, type Counter } from '../../lib/measure/counters.js';
import type {
  FragmentContent,
  HistogramMetric,
  SpanKind,
} from '../../lib/measure/fragment-content.js';
import { Recorder } from '../../lib/measure/recorder.js';
import type { Sample } from '../../lib/measure/sample.js';
import { Timeline, timelineOf } from '../../lib/measure/timeline.js';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

/** Five minutes: windows of 1 s, blocks of 5 s, long blocks of 60 s. */
function recorder(maxErrors?: number): { recorder: Recorder; timeline: Timeline } {
  const timeline = new Timeline(
    timelineOf([{ startUs: 0, endUs: 5 * MINUTE, warmup: false }], 30 * SECOND),
  );
  const options = {
    identity: { run: 'run', region: 'eu', leg: 0, n: 2, attempt: 1 },
    timeline,
    requests: ['GET /', 'POST /cart'],
    ...(maxErrors === undefined ? {} : { maxErrors }),
  };
  return { recorder: new Recorder(options), timeline };
}

function sample(timeline: Timeline, dueUs: number, changes: Partial<Sample> = {}): Sample {
  return {
    request: 0,
    window: timeline.windowAt(dueUs),
    dueUs,
    takenUs: dueUs + 10,
    connectUs: -1,
    writtenUs: dueUs + 30,
    sentUs: -1,
    firstByteUs: dueUs + 5_030,
    endUs: dueUs + 6_000,
    bytesIn: 700,
    bytesOut: 90,
    roundTripUs: 1_000,
    serverTimeUs: -1,
    resent: false,
    hops: 0,
    ...changes,
  };
}

function counts(content: FragmentContent): Partial<Record<Counter, number>> {
  const sums: Partial<Record<Counter, number>> = {};
  for (const { values } of content.rows) {
    COUNTERS.forEach((counter, i) => {
      if (values[i] !== 0) sums[counter] = (sums[counter] ?? 0) + values[i]!;
    });
  }
  return sums;
}

function sums(
  content: FragmentContent,
  span: SpanKind,
): Partial<Record<HistogramMetric, number[]>> {
  const found: Partial<Record<HistogramMetric, number[]>> = {};
  for (const { span: kind, metric, histogram } of content.histograms) {
    if (kind !== span) continue;
    const [count, sumUs] = found[metric] ?? [0, 0];
    found[metric] = [count! + histogram.count, sumUs! + histogram.sumUs];
  }
  return found;
}

describe('the accounts', () => {
  it('of a good answer', () => {
    const { recorder: seen, timeline } = recorder();
    const good = sample(timeline, 100, { resent: true, hops: 2 });
    seen.scheduled(good.window, good.request);
    expect(seen.inFlight).toBe(1);
    seen.ok(good);
    expect(seen.inFlight).toBe(0);
    expect(counts(seen.flush(SECOND, true))).toEqual({
      scheduled: 1,
      ok: 1,
      sent: 1,
      answered: 1,
      resent: 1,
      redirects: 2,
      bytesIn: 700,
      bytesOut: 90,
      ended: 1,
      iterationsScheduled: 1,
      iterationsOk: 1,
    });
  });

  const silent = { writtenUs: -1, firstByteUs: -1, bytesIn: 0, bytesOut: 0 };
  const ended = { ended: 1, endedFailed: 1, failed: 1, iterationsFailed: 1 };
  const cases: [string, (r: Recorder, s: Sample) => void, Partial<Sample>, object][] = [
    [
      'a failure after its first byte was written',
      (r, s) => r.failed(s, 1050, 'timeout', null),
      { firstByteUs: -1, bytesIn: 0 },
      { ...ended, sent: 1, bytesOut: 90 },
    ],
    [
      'a failure that was answered',
      (r, s) => r.failed(s, 1503, 'status 503', null),
      {},
      { ...ended, sent: 1, answered: 1, bytesIn: 700, bytesOut: 90 },
    ],
    [
      'a failure before a byte was written',
      (r, s) => r.failed(s, 1212, 'refused', null),
      silent,
      { ...ended, unsent: 1 },
    ],
    [
      'one cut by the deadline',
      (r, s) => r.cut(s, 'deadline'),
      { firstByteUs: -1, bytesIn: 0 },
      { cutDeadline: 1, iterationsCutDeadline: 1, sent: 1, bytesOut: 90 },
    ],
    [
      'one cut by a stop before it was begun',
      (r, s) => r.cut(s, 'stop'),
      silent,
      { cutStop: 1, iterationsCutStop: 1 },
    ],
    [
      'one dropped by the generator',
      (r, s) => r.dropped(s, 'generator'),
      silent,
      { droppedGenerator: 1, iterationsDroppedGenerator: 1 },
    ],
    [
      'one dropped by the target',
      (r, s) => r.dropped(s, 'target'),
      silent,
      { droppedTarget: 1, iterationsDroppedTarget: 1 },
    ],
  ];
  it.each(cases)('of %s', (_what, end, changes, expected) => {
    const { recorder: seen, timeline } = recorder();
    const bad = sample(timeline, 100, changes);
    seen.scheduled(bad.window, bad.request);
    end(seen, bad);
    expect(counts(seen.flush(SECOND, true))).toEqual({
      scheduled: 1,
      iterationsScheduled: 1,
      ...expected,
    });
    expect(seen.inFlight).toBe(0);
  });

  it('come out even, and the totals equal the sum of the fragments', () => {
    const { recorder: seen, timeline } = recorder();
    const random = new Random(1);
    const open: Sample[] = [];
    const contents: FragmentContent[] = [];
    for (let dueUs = 0; dueUs < 5 * MINUTE; dueUs += 50_000) {
      const one = sample(timeline, dueUs, { request: random.below(2) });
      seen.scheduled(one.window, one.request);
      open.push(one);
      if (random.below(3) > 0) end(seen, open.splice(random.below(open.length), 1)[0]!, random);
      if (random.below(100) === 0) contents.push(seen.flush(dueUs, false));
    }
    for (const one of open) end(seen, one, random);
    contents.push(seen.flush(6 * MINUTE, true));
    const totals = seen.totals();
    for (const counter of COUNTERS) {
      const told = contents.reduce((sum, content) => sum + (counts(content)[counter] ?? 0), 0);
      expect([counter, told]).toEqual([counter, totals[counter]]);
    }
    const outcomes = ['ok', 'failed', 'cutDeadline', 'cutStop'] as const;
    const dropped = totals.droppedGenerator + totals.droppedTarget;
    expect(outcomes.reduce((sum, name) => sum + totals[name], dropped)).toBe(totals.scheduled);
    expect(totals.scheduled).toBe(6_000);
  });

  function end(seen: Recorder, one: Sample, random: Random): void {
    const ways = [
      () => seen.failed(one, 1050, 'timeout', null),
      () => seen.cut(one, 'stop'),
      () => seen.cut(one, 'deadline'),
      () => seen.dropped({ ...one, writtenUs: -1 }, random.below(2) ? 'target' : 'generator'),
      () => seen.ok(one),
      () => seen.ok(one),
    ];
    ways[random.below(ways.length)]!();
  }

  it('keep requests and iterations apart for flows', () => {
    const { recorder: seen, timeline } = recorder();
    seen.iterationScheduled(0, 1);
    for (const request of [0, 1]) {
      seen.requestScheduled(0, request);
      seen.requestOk(sample(timeline, 0, { request }));
    }
    seen.iterationEnded(0, 1, 'ok');
    const { ok, scheduled, iterationsOk, iterationsScheduled } = seen.totals();
    expect([ok, scheduled, iterationsOk, iterationsScheduled]).toEqual([2, 2, 1, 1]);
  });

  it('count an end in the window in which it happens, all else in that of the due instant', () => {
    const { recorder: seen, timeline } = recorder();
    const late = sample(timeline, 500_000, { endUs: 3_200_000 });
    seen.scheduled(late.window, late.request);
    seen.failed(late, 1050, 'timeout', null);
    const rows = seen.flush(4 * SECOND, true).rows;
    expect(rows.map(({ window }) => window)).toEqual([0, 3]);
    expect(rows[0]!.values[COUNTER_INDEX.failed]).toBe(1);
    expect(rows[0]!.values[COUNTER_INDEX.ended]).toBe(0);
    expect(rows[1]!.values[COUNTER_INDEX.endedFailed]).toBe(1);
  });
});

describe('the spans of a good answer', () => {
  it('add up to its latency, to the microsecond', () => {
    const random = new Random(2);
    for (let round = 0; round < 500; round++) {
      const { recorder: seen, timeline } = recorder();
      const dueUs = random.below(4 * MINUTE);
      const takenUs = dueUs + random.below(500);
      const writtenUs = takenUs + random.below(300_000);
      // A connection that was begun before the request came, or after, or none.
      const connectUs =
        random.below(3) === 0
          ? -1
          : Math.min(writtenUs, Math.max(0, takenUs - 50_000 + random.below(200_000)));
      const firstByteUs = writtenUs + random.below(2_000_000);
      const endUs = firstByteUs + random.below(100_000);
      const one = sample(timeline, dueUs, { takenUs, connectUs, writtenUs, firstByteUs, endUs });
      seen.scheduled(one.window, one.request);
      seen.ok(one);
      const content = seen.flush(5 * MINUTE, true);
      const { lag, blocked, setup, firstByte, body, ttfb } = sums(content, 'long');
      const block = sums(content, 'block');
      const wait = lag![1]! + blocked![1]! + (setup?.[1] ?? 0);
      const service = firstByte![1]! + body![1]!;
      expect(block.latency).toEqual([1, wait + service]);
      expect(block.latency).toEqual([1, endUs - dueUs]);
      expect(block.service).toEqual([1, service]);
      expect(ttfb).toEqual([1, wait + firstByte![1]!]);
      expect(setup === undefined).toBe(connectUs < 0);
      expect(sums(content, 'window')).toEqual(block);
    }
  });

  it.each([
    ['longer than the round trip', {}, [1, 4_000]],
    ['shorter than the round trip', { roundTripUs: 9_000 }, [1, 0]],
    ['without a known round trip', { roundTripUs: -1 }, undefined],
    ['of 14 kB sent', { bytesOut: 14_000 }, [1, 4_000]],
    ['of more than 14 kB sent', { bytesOut: 14_001 }, undefined],
    ['of a request that was sent again', { resent: true }, undefined],
  ])('tell the processing of an answer %s', (_what, changes, expected) => {
    const { recorder: seen, timeline } = recorder();
    seen.scheduled(0, 0);
    seen.ok(sample(timeline, 0, changes));
    expect(sums(seen.flush(SECOND, true), 'long').processing).toEqual(expected);
  });

  it('tell the sending where it took more than one write', () => {
    const { recorder: seen, timeline } = recorder();
    seen.scheduled(0, 0);
    seen.ok(sample(timeline, 0, { sentUs: 430 }));
    expect(sums(seen.flush(SECOND, true), 'long').sending).toEqual([1, 400]);
  });
});

describe('what did not end well', () => {
  it('has a lag and the time until it failed, and no other span', () => {
    const { recorder: seen, timeline } = recorder();
    seen.scheduled(0, 0);
    seen.failed(sample(timeline, 0), 1503, 'status 503', null);
    const content = seen.flush(SECOND, true);
    expect(sums(content, 'long')).toEqual({ lag: [1, 10] });
    expect(sums(content, 'block')).toEqual({ failed: [1, 6_000] });
    expect(sums(content, 'window')).toEqual({});
  });

  it('has a lag where it was cut, none where it was never begun', () => {
    const { recorder: seen, timeline } = recorder();
    for (let i = 0; i < 3; i++) seen.scheduled(0, 0);
    seen.cut(sample(timeline, 0), 'deadline');
    seen.cut(sample(timeline, 0, { takenUs: -1, writtenUs: -1 }), 'stop');
    seen.dropped(sample(timeline, 0, { writtenUs: -1 }), 'generator');
    expect(sums(seen.flush(SECOND, true), 'long')).toEqual({ lag: [1, 10] });
  });

  it('is told by code, message and request, with the first sample, cut to 500 characters', () => {
    const { recorder: seen, timeline } = recorder();
    const fail = (endUs: number, request: number, message: string, detail: string | null): void => {
      seen.scheduled(0, request);
      seen.failed(sample(timeline, 0, { endUs, request }), 1503, message, detail);
    };
    fail(9_000, 0, 'status 503', `${'x'.repeat(499)}😀`);
    fail(8_000, 0, 'status 503', 'second');
    fail(7_000, 1, 'status 503', null);
    fail(6_000, 0, 'other text', null);
    seen.scheduled(0, 1);
    seen.dropped(sample(timeline, 0, { request: 1, writtenUs: -1, endUs: 5_000 }), 'target');
    const row = { code: 1503, message: 'status 503', request: 0 };
    expect(seen.flush(SECOND, false).errors).toEqual([
      { ...row, count: 2, firstUs: 8_000, lastUs: 9_000, sample: 'x'.repeat(499) },
      { ...row, message: 'other text', count: 1, firstUs: 6_000, lastUs: 6_000, sample: null },
      { ...row, request: 1, count: 1, firstUs: 7_000, lastUs: 7_000, sample: null },
      {
        code: 1051,
        message: expect.stringMatching(/^never sent, as no connection came free: /),
        request: 1,
        count: 1,
        firstUs: 5_000,
        lastUs: 5_000,
        sample: null,
      },
    ]);
    // The next fragment tells only what is new, and the sample not again.
    fail(2 * SECOND, 0, 'status 503', 'third');
    expect(seen.flush(3 * SECOND, true).errors).toEqual([
      { ...row, count: 1, firstUs: 2 * SECOND, lastUs: 2 * SECOND, sample: null },
    ]);
  });

  it('is told in a bounded number of ways, whatever a target answers', () => {
    const { recorder: seen, timeline } = recorder(10);
    for (let i = 0; i < 1_000; i++) {
      seen.scheduled(0, 0);
      seen.failed(sample(timeline, 0), 1600 + (i % 2), `request ${i} failed`, null);
    }
    const { errors } = seen.flush(SECOND, true);
    expect(errors.length).toBe(12);
    expect(errors.reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
    expect(errors.filter(({ message }) => message === 'other').map(({ count }) => count)).toEqual([
      495, 495,
    ]);
  });
});

describe('connections', () => {
  it('are told by address and long block, those opened ahead apart', () => {
    const { recorder: seen } = recorder();
    const one = { address: '10.0.0.1', ahead: true, dnsUs: -1, tcpUs: 300, tlsUs: 900 };
    seen.connection(one, -2 * SECOND);
    seen.connection({ ...one, ahead: false, dnsUs: 50 }, 61 * SECOND);
    seen.connection({ ...one, address: '10.0.0.2', tlsUs: -1 }, 0);
    seen.roundTrip('10.0.0.2', 290, 0);
    const { addresses, histograms } = seen.flush(5 * MINUTE, true);
    expect(addresses).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(
      histograms.map(({ span, index, subject, metric, histogram }) => [
        span,
        index,
        addresses[subject],
        metric,
        histogram.sumUs,
      ]),
    ).toEqual([
      ['long', 0, '10.0.0.1', 'tcpAhead', 300],
      ['long', 0, '10.0.0.1', 'tlsAhead', 900],
      ['long', 0, '10.0.0.2', 'tcpAhead', 300],
      ['long', 0, '10.0.0.2', 'roundTrip', 290],
      ['long', 1, '10.0.0.1', 'dns', 50],
      ['long', 1, '10.0.0.1', 'tcp', 300],
      ['long', 1, '10.0.0.1', 'tls', 900],
    ]);
  });

  it('to more than 64 addresses are told together from there on', () => {
    const { recorder: seen } = recorder();
    for (let i = 0; i < 100; i++) {
      const address = `10.0.0.${i}`;
      seen.connection({ address, ahead: false, dnsUs: -1, tcpUs: 100, tlsUs: -1 }, 0);
    }
    const { addresses, histograms } = seen.flush(SECOND, true);
    expect(addresses.length).toBe(65);
    expect(addresses[64]).toBe('other');
    expect(histograms.find(({ subject }) => subject === 64)?.histogram.count).toBe(36);
  });
});

describe('a flush', () => {
  it('tells counters and windows at once, a block when it is over and nothing in it is in flight', () => {
    const { recorder: seen, timeline } = recorder();
    const [first, second] = [sample(timeline, 0), sample(timeline, 1_000)];
    seen.scheduled(0, 0);
    seen.scheduled(0, 0);
    seen.ok(first);
    const kinds = (nowUs: number, final = false): string[] => [
      ...new Set(seen.flush(nowUs, final).histograms.map(({ span }) => span)),
    ];
    expect(kinds(2 * SECOND)).toEqual(['window']);
    // Block 0 is over, but the second request is still under way.
    expect(kinds(6 * SECOND)).toEqual([]);
    seen.ok({ ...second, endUs: 7 * SECOND });
    expect(kinds(8 * SECOND)).toEqual(['window', 'block']);
    expect(kinds(59 * SECOND)).toEqual([]);
    expect(kinds(60 * SECOND)).toEqual(['long']);
    expect(kinds(5 * MINUTE, true)).toEqual([]);
  });

  it('tells everything at the end, in flight or not', () => {
    const { recorder: seen, timeline } = recorder();
    seen.scheduled(0, 0);
    seen.scheduled(0, 0);
    seen.ok(sample(timeline, 0));
    const spans = seen.flush(SECOND, true).histograms.map(({ span }) => span);
    expect(new Set(spans)).toEqual(new Set(['window', 'block', 'long']));
  });

  it('names itself, and counts its fragments from 0', () => {
    const { recorder: seen, timeline } = recorder();
    expect(seen.flush(5, false)).toEqual({
      run: 'run',
      region: 'eu',
      shard: { leg: 0, n: 2, attempt: 1, seq: 0, final: false },
      covers: ['eu/0/2.1/0'],
      cutAtUs: 5,
      timeline: timeline.spec,
      requests: ['GET /', 'POST /cart'],
      addresses: [],
      rows: [],
      histograms: [],
      errors: [],
    });
    expect(seen.flush(9, true)).toMatchObject({
      shard: { seq: 1, final: true },
      covers: ['eu/0/2.1/1'],
    });
  });

  it('hands its measurements over: what comes later does not change them', () => {
    const { recorder: seen, timeline } = recorder();
    seen.scheduled(0, 0);
    seen.scheduled(0, 0);
    seen.ok(sample(timeline, 0));
    const content = seen.flush(SECOND, false);
    const before = JSON.stringify(counts(content));
    seen.ok(sample(timeline, 0));
    expect(JSON.stringify(counts(content))).toBe(before);
    expect(sums(content, 'window').latency).toEqual([1, 6_000]);
  });

  it('tells a window twice where an answer came after it had been told', () => {
    const { recorder: seen, timeline } = recorder();
    seen.scheduled(0, 0);
    seen.scheduled(0, 0);
    seen.ok(sample(timeline, 0));
    const first = seen.flush(SECOND, false);
    seen.ok(sample(timeline, 0, { endUs: 2 * SECOND }));
    const second = seen.flush(3 * SECOND, false);
    for (const { histograms } of [first, second]) {
      const windows = histograms.filter(({ span }) => span === 'window');
      expect(
        windows.map(({ index, metric, histogram }) => [index, metric, histogram.count]),
      ).toEqual([
        [0, 'latency', 1],
        [0, 'service', 1],
      ]);
    }
  });
});
