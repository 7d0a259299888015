// A fragment as bytes and back. docs/fragment-format.md is the specification.
import { promisify } from 'node:util';
import { deflate, deflateSync } from 'node:zlib';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { COUNTERS } from './counters.js';
import { DamagedError } from './damaged-error.js';
import {
  type CounterRow,
  type FragmentContent,
  HISTOGRAM_METRICS,
  type HistogramEntry,
  SPAN_KINDS,
} from './fragment-content.js';
import { openFrame, type Section, sealFrame, unpackSection } from './fragment-frame.js';
import { decodePayload, encodePayload, LENGTH_OFFSET } from './hdr-codec.js';
import { HEAD_BYTES } from './payload-counts.js';

/** Everything but the histograms. */
export type Account = Omit<FragmentContent, 'histograms'>;

/** The numbers in the rest of the fragment are read by the names that stand here. */
interface Head extends Omit<Account, 'rows'> {
  readonly counters: readonly string[];
  readonly spans: readonly string[];
  readonly metrics: readonly string[];
}

/** A quarter of the default level's work for 3 to 8 % more bytes: the worker has better to do. */
const LEVEL = { level: 1 };
const deflateAside = promisify(deflate) as (
  bytes: Uint8Array,
  options: typeof LEVEL,
) => Promise<Uint8Array>;

export function encodeFragment(content: FragmentContent): Uint8Array {
  return sealFrame({
    account: packed(writeAccount(content)),
    histograms: packed(writeHistograms(content.histograms)),
  });
}

/** The same bytes; the compression, most of the work, is done off the event loop. */
export async function encodeFragmentAside(content: FragmentContent): Promise<Uint8Array> {
  const [account, histograms] = await Promise.all([
    packedAside(writeAccount(content)),
    packedAside(writeHistograms(content.histograms)),
  ]);
  return sealFrame({ account, histograms });
}

/** Throws a DamagedError for anything that is not a whole fragment of a known version. */
export function decodeFragment(bytes: Uint8Array): FragmentContent {
  const frame = openFrame(bytes);
  const { head, rows } = readAccount(unpackSection(frame.account));
  const histograms = readHistograms(unpackSection(frame.histograms), head);
  return { ...withoutNames(head), rows, histograms };
}

/** The counters, errors and names of a fragment; its histograms are not even unpacked. */
export function decodeCounters(bytes: Uint8Array): Account {
  const { head, rows } = readAccount(unpackSection(openFrame(bytes).account));
  return { ...withoutNames(head), rows };
}

function packed(bytes: Uint8Array): Section {
  return { length: bytes.length, packed: deflateSync(bytes, LEVEL) };
}

async function packedAside(bytes: Uint8Array): Promise<Section> {
  return { length: bytes.length, packed: await deflateAside(bytes, LEVEL) };
}

function writeAccount(content: FragmentContent): Uint8Array {
  const { histograms: _, rows, ...account } = content;
  const head: Head = {
    ...account,
    counters: COUNTERS,
    spans: SPAN_KINDS,
    metrics: HISTOGRAM_METRICS,
  };
  const json = Buffer.from(JSON.stringify(head));
  const out = new ByteWriter(json.length + rows.length * 32 + 16);
  out.varint(json.length);
  out.bytes(json);
  out.varint(rows.length);
  for (const row of rows) {
    out.varint(row.window);
    out.varint(row.request);
    writeValues(out, row.values);
  }
  return out.written();
}

/** As in HdrHistogram payloads: a value is doubled, an odd number skips that many zeros. */
function writeValues(out: ByteWriter, values: readonly number[]): void {
  let zeros = 0;
  for (const value of values) {
    if (value === 0) {
      zeros += 1;
      continue;
    }
    if (zeros > 0) out.varint(zeros * 2 - 1);
    zeros = 0;
    out.varint(value * 2);
  }
  if (zeros > 0) out.varint(zeros * 2 - 1);
}

function writeHistograms(entries: readonly HistogramEntry[]): Uint8Array {
  const out = new ByteWriter(entries.length * 128 + 16);
  out.varint(entries.length);
  for (const { span, index, subject, metric, histogram } of entries) {
    out.u8(SPAN_KINDS.indexOf(span));
    out.u8(HISTOGRAM_METRICS.indexOf(metric));
    out.varint(index + 1);
    out.varint(subject + 1);
    out.varint(histogram.count);
    out.varint(histogram.minUs);
    out.varint(histogram.maxUs);
    out.varint(histogram.sumUs);
    out.varint(histogram.clamped);
  }
  for (const { histogram } of entries) encodePayload(histogram, out);
  return out.written();
}

function readAccount(bytes: Uint8Array): { head: Head; rows: CounterRow[] } {
  const reader = new ByteReader(bytes);
  const head = readHead(reader.bytes(reader.varint()));
  const places = placesOf(head.counters, COUNTERS, 'counter');
  const rows: CounterRow[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    const window = reader.varint();
    const request = reader.varint();
    if (request >= head.requests.length) {
      throw new DamagedError(`a fragment counts request ${request} of ${head.requests.length}`);
    }
    rows.push({ window, request, values: readValues(reader, places) });
  }
  end(reader);
  return { head, rows };
}

function readValues(reader: ByteReader, places: readonly number[]): number[] {
  const values = COUNTERS.map(() => 0);
  for (let at = 0; at < places.length; ) {
    const raw = reader.varint();
    if (raw % 2 === 1) {
      at += (raw + 1) / 2;
      if (at > places.length) throw new DamagedError('a row of a fragment is too long');
    } else {
      values[places[at++]!] = raw / 2;
    }
  }
  return values;
}

function readHistograms(bytes: Uint8Array, head: Head): HistogramEntry[] {
  const reader = new ByteReader(bytes);
  const spans = placesOf(head.spans, SPAN_KINDS, 'span');
  const metrics = placesOf(head.metrics, HISTOGRAM_METRICS, 'metric');
  const heads = [];
  for (let left = reader.varint(); left > 0; left--) {
    const span = SPAN_KINDS[spans[reader.u8()] ?? -1];
    const metric = HISTOGRAM_METRICS[metrics[reader.u8()] ?? -1];
    if (span === undefined || metric === undefined) {
      throw new DamagedError('a fragment holds a histogram of a kind that it does not name');
    }
    heads.push({
      span,
      metric,
      index: reader.varint() - 1,
      subject: reader.varint() - 1,
      exact: {
        count: reader.varint(),
        minUs: reader.varint(),
        maxUs: reader.varint(),
        sumUs: reader.varint(),
        clamped: reader.varint(),
      },
    });
  }
  const entries = heads.map(({ span, metric, index, subject, exact }): HistogramEntry => {
    const payload = reader.bytes(HEAD_BYTES + reader.u32Ahead(LENGTH_OFFSET));
    return { span, index, subject, metric, histogram: decodePayload(payload, exact) };
  });
  end(reader);
  return entries;
}

function readHead(json: Uint8Array): Head {
  let head: Partial<Head> | null;
  try {
    head = JSON.parse(Buffer.from(json).toString()) as Partial<Head> | null;
  } catch (cause) {
    throw new DamagedError('the head of a fragment is not JSON', { cause });
  }
  const lists = [head?.requests, head?.counters, head?.spans, head?.metrics, head?.covers];
  if (!lists.every(Array.isArray)) {
    throw new DamagedError('the head of a fragment lacks one of its lists');
  }
  return head as Head;
}

function withoutNames({ counters, spans, metrics, ...account }: Head): Omit<Account, 'rows'> {
  return account;
}

/** Where what the writer called by a name stands with us. */
function placesOf(theirs: readonly string[], ours: readonly string[], what: string): number[] {
  return theirs.map((name) => {
    const place = ours.indexOf(name);
    if (place < 0) {
      throw new DamagedError(
        `a fragment holds a ${what} "${name}" that this program does not know: use a newer one`,
      );
    }
    return place;
  });
}

function end(reader: ByteReader): void {
  if (reader.left > 0) throw new DamagedError(`a fragment has ${reader.left} bytes left over`);
}
