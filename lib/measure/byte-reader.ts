import { DamagedError } from './damaged-error.js';

/** Twice the largest count: even, so that a double holds it exactly. */
const MAX_VARINT = 2 ** 54;

/** Reads what ByteWriter writes, and refuses to read past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u32Ahead(offset: number): number {
    if (this.left < offset + 4) this.#short(offset + 4);
    return this.#view.getUint32(this.#at + offset);
  }

  /** A view of the next bytes, not a copy. */
  bytes(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (value > MAX_VARINT) {
        throw new DamagedError(`a number before byte ${this.#at} is above 2^54`);
      }
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  #take(length: number): number {
    if (length > this.left) this.#short(length);
    const from = this.#at;
    this.#at += length;
    return from;
  }

  #short(length: number): never {
    throw new DamagedError(
      `cut short: ${length} bytes expected at byte ${this.#at}, ${this.left} are there`,
    );
  }
}
