// The outside of a fragment: magic, version, two compressed sections, checksum. What stands in the
// sections is fragment.ts's business; docs/fragment-format.md tells all of it to others.
import { crc32, inflateSync } from 'node:zlib';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { DamagedError } from './damaged-error.js';

/** "ISOF" */
const MAGIC = 0x49534f46;
const VERSION = 1;
const FIXED_BYTES = 9;
const CHECKSUM_BYTES = 4;
/** Far above any real one; keeps a forged length from filling the memory. */
const MAX_SECTION_BYTES = 2 ** 30;

export interface Section {
  /** As it was before compression. */
  readonly length: number;
  /** A zlib stream. */
  readonly packed: Uint8Array;
}

export interface Frame {
  readonly account: Section;
  readonly histograms: Section;
}

export function sealFrame({ account, histograms }: Frame): Uint8Array {
  const out = new ByteWriter(account.packed.length + histograms.packed.length + 64);
  out.u32(MAGIC);
  out.u8(VERSION);
  out.u32(0);
  for (const section of [account, histograms]) {
    out.u32(section.length);
    out.u32(section.packed.length);
    out.bytes(section.packed);
  }
  out.u32At(5, out.length + CHECKSUM_BYTES);
  out.u32(crc32(out.written()));
  return out.written().slice();
}

/** Takes a fragment apart without unpacking it; refuses everything that is not whole. */
export function openFrame(bytes: Uint8Array): Frame {
  if (bytes.length < FIXED_BYTES) {
    throw new DamagedError(`a fragment has at least 9 bytes, only ${bytes.length} are there`);
  }
  const reader = new ByteReader(bytes);
  const magic = reader.u32();
  if (magic !== MAGIC) {
    const text = `0x${magic.toString(16).padStart(8, '0')}`;
    throw new DamagedError(`no fragment: it begins with ${text}, not with "ISOF"`);
  }
  const version = reader.u8();
  if (version !== VERSION) {
    throw new DamagedError(
      `a fragment of version ${version}; this program reads version ${VERSION}: use the one that wrote it`,
    );
  }
  const length = reader.u32();
  if (length !== bytes.length) {
    const how = bytes.length < length ? 'cut short' : 'too long';
    throw new DamagedError(
      `a fragment is ${how}: it says ${length} bytes, ${bytes.length} are there`,
    );
  }
  const checked = bytes.subarray(0, Math.max(0, length - CHECKSUM_BYTES));
  const said = new ByteReader(bytes.subarray(checked.length));
  if (said.left !== CHECKSUM_BYTES || said.u32() !== crc32(checked)) {
    throw new DamagedError('a fragment was altered: its checksum does not fit its bytes');
  }
  return { account: readSection(reader), histograms: readSection(reader) };
}

export function unpackSection({ length, packed }: Section): Uint8Array {
  if (length > MAX_SECTION_BYTES) {
    throw new DamagedError(`a section of a fragment says it unpacks to ${length} bytes`);
  }
  let bytes: Uint8Array;
  try {
    // One chunk that is never quite full, so that nothing is joined afterwards.
    bytes = inflateSync(packed, {
      chunkSize: Math.max(64, length + 1),
      maxOutputLength: Math.max(1, length),
    });
  } catch (cause) {
    throw new DamagedError('a section of a fragment cannot be unpacked', { cause });
  }
  if (bytes.length !== length) {
    throw new DamagedError(
      `a section of a fragment unpacks to ${bytes.length} bytes where it says ${length}`,
    );
  }
  return bytes;
}

function readSection(reader: ByteReader): Section {
  const length = reader.u32();
  return { length, packed: reader.bytes(reader.u32()) };
}
