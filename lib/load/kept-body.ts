import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { Failure } from './failure.js';

/** What is kept of one body at the most, as it came. */
export const MOST_BYTES = 1 << 20;
/** What it may unpack to. It is held for a moment only: one body is unpacked at a time. */
const MOST_UNPACKED_BYTES = 8 << 20;
/** What all bodies of a pool that are under way may take together. */
const MOST_TOGETHER_BYTES = 256 << 20;
/** Packed twice is what proxies do by mistake; more often, nobody does. */
const MOST_CODINGS = 2;

const LENIENT = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_UNPACKED_BYTES };
const STRICT = { maxOutputLength: MOST_UNPACKED_BYTES };
const LENIENT_BROTLI = {
  finishFlush: constants.BROTLI_OPERATION_FLUSH,
  maxOutputLength: MOST_UNPACKED_BYTES,
};

/** How much memory the bodies take that a pool keeps for its requests. */
export class BodyRoom {
  #left = MOST_TOGETHER_BYTES;

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** Bodies that are larger grow into their memory: a server can send a megabyte byte by byte. */
const FIRST_BYTES = 4_096;
const NOTHING = Buffer.alloc(0);

/**
 * The beginning of one body, kept for whoever looks into it. However much a server sends, and
 * however far it unpacks, this takes no more memory than it says.
 */
export class KeptBody {
  readonly #room: BodyRoom;
  readonly #codings: readonly string[];
  readonly #most: number;
  #memory: Buffer = NOTHING;
  #bytes = 0;
  /** All that came is here. */
  whole = true;
  /** Bytes that came, kept or not. */
  size = 0;

  /** `head` says how it is packed. */
  constructor(room: BodyRoom, head: string, most: number) {
    this.#room = room;
    this.#codings = codingsOf(head);
    this.#most = most;
  }

  add(bytes: Buffer, from: number, to: number): void {
    this.size += to - from;
    const size = Math.min(to - from, this.#most - this.#bytes);
    if (size < to - from) this.whole = false;
    if (size <= 0 || !this.#grow(this.#bytes + size)) return;
    bytes.copy(this.#memory, this.#bytes, from, from + size);
    this.#bytes += size;
  }

  /** To be called once it is not needed any longer. */
  free(): void {
    this.#room.give(this.#memory.length);
    this.#memory = NOTHING;
    this.#bytes = 0;
  }

  /** As it was before it was packed; throws a Failure where it cannot be unpacked. */
  unpacked(): Buffer {
    let bytes = this.#kept;
    if (bytes.length === 0) return bytes;
    if (this.#codings.length > MOST_CODINGS) {
      throw new Failure(1234, `the body is packed ${this.#codings.length} times over`);
    }
    for (const coding of this.#codings.toReversed()) bytes = unpack(coding, bytes, this.whole);
    return bytes;
  }

  /** So many bytes of it, for a sample; packed where it cannot be unpacked. */
  shown(most: number): string {
    try {
      return this.unpacked().toString('utf8', 0, most);
    } catch {
      return this.#kept.toString('utf8', 0, most);
    }
  }

  get #kept(): Buffer {
    return this.#memory.subarray(0, this.#bytes);
  }

  #grow(needed: number): boolean {
    const has = this.#memory.length;
    if (needed <= has) return true;
    const wanted = Math.min(this.#most, Math.max(needed, 2 * has, FIRST_BYTES));
    if (!this.#room.take(wanted - has)) {
      this.whole = false;
      return false;
    }
    const memory = Buffer.allocUnsafeSlow(wanted);
    this.#memory.copy(memory, 0, 0, this.#bytes);
    this.#memory = memory;
    return true;
  }
}

/** Those of `Content-Encoding`, in the order in which they were applied. */
function codingsOf(head: string): string[] {
  return [...head.matchAll(/\ncontent-encoding:([^\r\n]*)/gi)]
    .flatMap(([, value]) => value!.split(','))
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

/** Of a body that is not whole, as far as it goes. */
function unpack(coding: string, packed: Buffer, whole: boolean): Buffer {
  try {
    switch (coding) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(packed, whole ? STRICT : LENIENT);
      case 'br':
        return brotliDecompressSync(packed, whole ? STRICT : LENIENT_BROTLI);
      case 'deflate':
        // What is meant is zlib's format (RFC 9110, 8.4.1.2); some servers send it without.
        return (packed[0]! & 15) === 8
          ? inflateSync(packed, whole ? STRICT : LENIENT)
          : inflateRawSync(packed, whole ? STRICT : LENIENT);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      const most = `${MOST_UNPACKED_BYTES >> 20} MB`;
      const from = `${coding} of ${packed.length} bytes`;
      throw new Failure(1233, `the body unpacks to more than ${most}`, from);
    }
    throw new Failure(1234, 'the body cannot be unpacked', message);
  }
  throw new Failure(1234, 'the body is packed in a way that nobody asked for', coding);
}
