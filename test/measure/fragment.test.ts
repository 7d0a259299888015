import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it, test } from 'vitest';
import { Random } from '../../bench/random.js';
import { synthetic } from '../../bench/synthetic-shard.js';
import { COUNTERS } from '../../lib/measure/counters.js';
import { DamagedError } from '../../lib/measure/damaged-error.js';
import {
  decodeCounters,
  decodeFragment,
  encodeFragment,
  encodeFragmentAside,
} from '../../lib/measure/fragment.js';
import type { FragmentContent } from '../../lib/measure/fragment-content.js';
import { openFrame, unpackSection } from '../../lib/measure/fragment-frame.js';
import { Histogram } from '../../lib/measure/histogram.js';
import { Timeline, timelineOf } from '../../lib/measure/timeline.js';
import { expectGolden } from '../support/golden.js';

const SECOND = 1_000_000;

function histogramOf(...pairs: [valueUs: number, n: number][]): Histogram {
  const histogram = new Histogram();
  for (const [valueUs, n] of pairs) histogram.recordMany(valueUs, n);
  return histogram;
}

function row(values: Partial<Record<(typeof COUNTERS)[number], number>>): number[] {
  return COUNTERS.map((counter) => values[counter] ?? 0);
}

const timeline = timelineOf(
  [
    { startUs: 0, endUs: 10 * SECOND, warmup: true },
    { startUs: 10 * SECOND, endUs: 70 * SECOND, warmup: false },
  ],
  20 * SECOND,
);

const EMPTY: FragmentContent = {
  run: '20261121-141503-checkout-7f3a',
  region: 'eu-west-1',
  shard: { leg: 0, n: 3, attempt: 1, seq: 0, final: false },
  covers: ['eu-west-1/0/3.1/0'],
  cutAtUs: 5_000_123,
  timeline,
  requests: [],
  addresses: [],
  rows: [],
  histograms: [],
  errors: [],
};

const SHARD: FragmentContent = {
  ...EMPTY,
  shard: { leg: 0, n: 3, attempt: 2, seq: 7, final: true },
  covers: ['eu-west-1/0/3.2/7'],
  requests: ['GET /', 'POST /größe?x=1'],
  addresses: ['203.0.113.10', '2001:db8::1'],
  rows: [
    {
      window: 0,
      request: 0,
      values: row({ scheduled: 3, ok: 2, failed: 1, bytesIn: 2 ** 40 + 1 }),
    },
    { window: 0, request: 1, values: row({}) },
    { window: 12, request: 1, values: row({ iterationsDroppedTarget: 5 }) },
    { window: 300, request: 0, values: COUNTERS.map((_, i) => i * 1000) },
  ],
  histograms: [
    {
      span: 'window',
      index: 0,
      subject: -1,
      metric: 'latency',
      histogram: histogramOf([81_234, 1]),
    },
    { span: 'block', index: 2, subject: 1, metric: 'failed', histogram: new Histogram() },
    {
      span: 'block',
      index: 2,
      subject: 0,
      metric: 'service',
      histogram: histogramOf(
        [0, 2],
        [1, 1],
        [3, 70],
        [2_048, 1],
        [500_000, 9_000],
        [7_200_000_000, 2],
      ),
    },
    {
      span: 'long',
      index: 1,
      subject: 1,
      metric: 'tlsAhead',
      histogram: histogramOf([75_000, 12]),
    },
  ],
  errors: [
    {
      code: 1503,
      message: 'status 503',
      request: 1,
      count: 4,
      firstUs: 12_345,
      lastUs: 4_999_999,
      sample: '<html>"später"\n</html>',
    },
    { code: 1050, message: 'timeout', request: 0, count: 1, firstUs: 1, lastUs: 1, sample: null },
  ],
};

const MERGED: FragmentContent = {
  ...SHARD,
  shard: null,
  covers: ['eu-west-1/0/3.1/0', 'eu-west-1/0/3.2/7'],
  histograms: [
    {
      span: 'stage',
      index: -1,
      subject: 0,
      metric: 'latency',
      histogram: histogramOf([1_000, 2 ** 33], [90_000, 3]),
    },
  ],
};

/** A flow stands among the requests, and what the plan expects of answers is counted. */
const SCENARIO: FragmentContent = {
  ...SHARD,
  requests: ['POST /token', 'GET /users/{{ id }}', 'flow pay'],
  rows: [
    { window: 3, request: 0, values: row({ scheduled: 2, ok: 2, sent: 2, answered: 2 }) },
    { window: 3, request: 2, values: row({ iterationsScheduled: 2, iterationsOk: 1 }) },
  ],
  histograms: [
    {
      span: 'long',
      index: 1,
      subject: 2,
      metric: 'iteration',
      histogram: histogramOf([2_500_000, 1]),
    },
  ],
  errors: [],
  checks: [
    { request: 0, text: '$.access exists', passed: 2, failed: 0 },
    { request: 1, text: 'body contains "später"', passed: 0, failed: 1 },
  ],
};

const GOLDEN = { empty: EMPTY, shard: SHARD, merged: MERGED, scenario: SCENARIO };

/** Histograms compare by what they hold, not by how they hold it. */
function comparable(content: FragmentContent): unknown {
  return {
    ...content,
    histograms: content.histograms.map(({ histogram, ...place }) => {
      const { count, minUs, maxUs, sumUs, clamped } = histogram;
      return { ...place, count, minUs, maxUs, sumUs, clamped, buckets: histogram.buckets() };
    }),
  };
}

/** The bytes before compression, which zlib's versions do not agree on. */
function dump(bytes: Uint8Array): string {
  const { account, histograms } = openFrame(bytes);
  const lines = [`head ${Buffer.from(bytes.subarray(0, 5)).toString('hex')}`];
  for (const [name, section] of Object.entries({ account, histograms })) {
    const hex = Buffer.from(unpackSection(section)).toString('hex');
    lines.push(`${name} ${section.length} bytes`, ...(hex.match(/.{1,96}/g) ?? []));
  }
  return `${lines.join('\n')}\n`;
}

describe.each(Object.entries(GOLDEN))('the fragment "%s"', (name, content) => {
  it('comes back as it was', () => {
    expect(comparable(decodeFragment(encodeFragment(content)))).toEqual(comparable(content));
  });

  it('is written as it always was', () => {
    expectGolden(`fragments/${name}.txt`, dump(encodeFragment(content)));
  });

  it('is read as it was once written', () => {
    const path = fileURLToPath(new URL(`../golden/fragments/${name}.frag`, import.meta.url));
    if (!existsSync(path)) expectGolden(`fragments/${name}.frag`, encodeFragment(content));
    expect(comparable(decodeFragment(readFileSync(path)))).toEqual(comparable(content));
  });

  it('tells its counters without its histograms', () => {
    const { histograms: _, ...account } = content;
    const bytes = encodeFragment(content);
    expect(decodeCounters(bytes)).toEqual(account);
  });

  it('is the same when it is compressed off the event loop', async () => {
    expect(await encodeFragmentAside(content)).toEqual(encodeFragment(content));
  });
});

/** Written from docs/fragment-format.md alone; histograms are left to hdr-histogram-js. */
function readBySpecification(bytes: Buffer): unknown {
  const section = (at: number): Buffer =>
    inflateSync(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at + 4)));
  const account = section(9);
  const histograms = section(17 + bytes.readUInt32BE(13));
  let at = 0;
  let from = account;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = from[at++]!;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    return from.subarray(at - length, at);
  };
  const head = JSON.parse(take(varint()).toString());
  const rows = Array.from({ length: varint() }, () => {
    const [window, request] = [varint(), varint()];
    const values: number[] = [];
    while (values.length < head.counters.length) {
      const v = varint();
      if (v % 2 === 0) values.push(v / 2);
      else for (let zeros = (v + 1) / 2; zeros > 0; zeros--) values.push(0);
    }
    return { window, request, values };
  });
  at = 0;
  from = histograms;
  const heads = Array.from({ length: varint() }, () => ({
    span: head.spans[from[at++]!],
    metric: head.metrics[from[at++]!],
    index: varint() - 1,
    subject: varint() - 1,
    count: varint(),
    minUs: varint(),
    maxUs: varint(),
    sumUs: varint(),
    clamped: varint(),
  }));
  const p90Us = heads.map(({ maxUs }) => {
    const packed = deflateSync(take(40 + from.readUInt32BE(at + 4)));
    const lead = Buffer.from('1c84931400000000', 'hex');
    lead.writeUInt32BE(packed.length, 4);
    const read = decodeFromCompressedBase64(Buffer.concat([lead, packed]).toString('base64'), 64);
    return { count: read.totalCount, p90Us: Math.min(maxUs, read.getValueAtPercentile(90)) };
  });
  expect(at).toBe(from.length);
  const { run, covers, errors, checks = [] } = head;
  return { run, covers, errors, checks, rows, heads, p90Us };
}

test.each(Object.keys(GOLDEN))('the specification is enough to read the fragment "%s"', (name) => {
  const path = fileURLToPath(new URL(`../golden/fragments/${name}.frag`, import.meta.url));
  const bytes = readFileSync(path);
  const { run, covers, errors, checks = [], rows, histograms } = decodeFragment(bytes);
  expect(readBySpecification(bytes)).toEqual({
    run,
    covers,
    errors,
    checks,
    rows,
    heads: histograms.map(({ histogram, ...place }) => {
      const { count, minUs, maxUs, sumUs, clamped } = histogram;
      return { ...place, count, minUs, maxUs, sumUs, clamped };
    }),
    p90Us: histograms.map(({ histogram }) => ({
      count: histogram.count,
      p90Us: histogram.percentileUs(9000),
    })),
  });
});

describe('fragments of a shard', () => {
  it('come back as they were, one by one', () => {
    const spec = timelineOf([{ startUs: 0, endUs: 120 * SECOND, warmup: false }], 30 * SECOND);
    const shard = {
      region: 'eu',
      leg: 0,
      n: 0,
      timeline: new Timeline(spec),
      startUs: 0,
      endUs: 120 * SECOND,
      perSecond: 50,
      requests: 5,
      fragmentUs: 5 * SECOND,
    };
    let histograms = 0;
    for (const content of synthetic(shard)) {
      expect(comparable(decodeFragment(encodeFragment(content)))).toEqual(comparable(content));
      histograms += content.histograms.length;
    }
    expect(histograms).toBeGreaterThan(500);
  });

  it('take little where little happened', () => {
    const quiet = { ...SHARD, rows: SHARD.rows.slice(0, 1), histograms: [], errors: [] };
    expect(encodeFragment(quiet).length).toBeLessThan(700);
  });
});

/** With the checksum that its bytes have, as one who means it would. */
function resealed(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(
    bytes.length - 4,
    crc32(bytes.subarray(0, bytes.length - 4)),
  );
  return bytes;
}

describe('a damaged fragment', () => {
  const good = encodeFragment(SHARD);

  it('is refused wherever it is cut', () => {
    for (let length = 0; length < good.length; length++) {
      expect(() => decodeFragment(good.slice(0, length))).toThrow(DamagedError);
    }
    expect(() => decodeFragment(good.slice(0, 40))).toThrow(/cut short: it says \d+ bytes, 40 are/);
  });

  it('is refused with any byte changed', () => {
    for (let at = 0; at < good.length; at++) {
      const bytes = good.slice();
      bytes[at]! ^= 0x41;
      expect(() => decodeFragment(bytes)).toThrow(DamagedError);
      expect(() => decodeCounters(bytes)).toThrow(DamagedError);
    }
  });

  it('is refused with something behind it', () => {
    expect(() => decodeFragment(Buffer.concat([good, Buffer.from([0])]))).toThrow('too long');
  });

  it('of another version is told from a broken one', () => {
    const bytes = good.slice();
    bytes[4] = 9;
    expect(() => decodeFragment(bytes)).toThrow(/version 9; this program reads version 1/);
  });

  it('that is none at all is called so', () => {
    expect(() => decodeFragment(Buffer.from('{"schema":"x"}'))).toThrow('no fragment');
  });

  it('is refused even where its checksum was made to fit', () => {
    const random = new Random(1);
    let refused = 0;
    for (let round = 0; round < 2_000; round++) {
      const bytes = good.slice();
      for (let i = random.below(3); i >= 0; i--) {
        bytes[9 + random.below(bytes.length - 13)]! ^= 1 + random.below(255);
      }
      try {
        decodeFragment(resealed(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(DamagedError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1_900);
  });

  it('with a forged length does not fill the memory', () => {
    const bytes = good.slice();
    new DataView(bytes.buffer).setUint32(9, 0xffff_ffff);
    expect(() => decodeFragment(resealed(bytes))).toThrow(/says it unpacks to/);
  });
});
