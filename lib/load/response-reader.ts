import { Failure } from './failure.js';

/** What the reader tells of one response; buffers are only valid during the call. */
export interface ResponseSink {
  /** The first byte of a response, interim ones included. */
  started(): void;
  /** Status and headers of the final response: bytes [from, to) of `bytes`, without the last blank line. */
  head(status: number, bytes: Buffer, from: number, to: number): void;
  body(bytes: Buffer, from: number, to: number): void;
  /** The response is complete; what follows belongs to the next one. */
  complete(): void;
}

/** As much as any server sends, and no more than a broken one may cost. */
const HEAD_LIMIT = 16_384;

const CR = 13;
const LF = 10;
const SPACE = 32;
const COLON = 58;
const LOWER = 0x20;

type State =
  | 'idle'
  | 'head'
  | 'length'
  | 'chunk size'
  | 'chunk'
  | 'chunk end'
  | 'trailer'
  | 'to the end';

/**
 * Reads HTTP/1.1 responses (RFC 9112) as they come off a socket, without a copy and without
 * an object per header: whatever a load generator does not need is skipped, whatever decides where
 * a response ends is checked. Written by hand because a general parser costs as much as all the
 * rest of an exchange.
 */
export class ResponseReader {
  /** Whether the server keeps the connection open after the response that was read last. */
  keepAlive = true;
  /** Of `Keep-Alive: timeout=`, seconds; -1 when the server said nothing. */
  keepAliveSeconds = -1;

  readonly #sink: ResponseSink;
  #state: State = 'idle';
  #bodyless = false;
  /** The response is complete, and nobody has been told yet. */
  #whole = false;
  #left = 0;
  /** The beginning of a head, or of a chunk's line, that came in pieces. */
  #partial: Buffer | null = null;

  // Of the head that is being read.
  #status = 0;
  #length = -1;
  #chunked = false;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** A request was written: its response is expected. `bodyless` when it is the answer to a HEAD. */
  expect(bodyless: boolean): void {
    this.#state = 'head';
    this.#bodyless = bodyless;
    this.#partial = null;
  }

  /** Whether anything of the response is still to come. */
  get reading(): boolean {
    return this.#state !== 'idle';
  }

  /** Takes bytes [0, end); throws a Failure when they are not HTTP. */
  read(bytes: Buffer, end: number): void {
    let at = 0;
    while (at < end) {
      switch (this.#state) {
        case 'head':
          at = this.#readHead(bytes, at, end);
          break;
        case 'length':
          at = this.#readBody(bytes, at, end);
          break;
        case 'chunk size':
        case 'chunk end':
        case 'trailer':
          at = this.#readLine(bytes, at, end);
          break;
        case 'chunk':
          at = this.#readBody(bytes, at, end);
          break;
        case 'to the end':
          this.#sink.body(bytes, at, end);
          return;
        case 'idle':
          throw new Failure(1230, 'the server sent more than it was asked for');
      }
      if (this.#whole) {
        this.#whole = false;
        // What follows was not asked for: whoever sends it cannot be trusted with another request.
        if (at < end) this.keepAlive = false;
        this.#sink.complete();
        return;
      }
    }
  }

  /** The server will send no more; true when that completes the response. */
  end(): boolean {
    if (this.#state !== 'to the end') return false;
    this.#state = 'idle';
    this.#sink.complete();
    return true;
  }

  /** Why a response that ends here is broken. */
  brokenBy(): Failure {
    return this.#state === 'head'
      ? new Failure(
          1220,
          this.#partial
            ? 'the server closed the connection within its headers'
            : 'the server closed the connection without an answer',
        )
      : new Failure(1232, 'the server closed the connection before its body was complete');
  }

  #readHead(bytes: Buffer, from: number, end: number): number {
    if (this.#partial === null) {
      this.#sink.started();
      const stop = this.#parseHead(bytes, from, end);
      if (stop >= 0) return stop;
      this.#partial = Buffer.from(bytes.subarray(from, end));
    } else {
      const before = this.#partial.length;
      const whole = Buffer.concat([this.#partial, bytes.subarray(from, end)]);
      this.#partial = null;
      const stop = this.#parseHead(whole, 0, whole.length);
      if (stop >= 0) return from + stop - before;
      this.#partial = whole;
    }
    if (this.#partial.length > HEAD_LIMIT) {
      throw new Failure(1231, `the response headers are larger than ${HEAD_LIMIT / 1024} kB`);
    }
    return end;
  }

  /** Parses a whole head at once; -1 when its end is not there yet, else where the body begins. */
  #parseHead(bytes: Buffer, from: number, end: number): number {
    let line = this.#parseStatusLine(bytes, from, end);
    if (line < 0) return -1;
    for (;;) {
      let at = line;
      let colon = -1;
      while (at < end && bytes[at] !== LF) {
        if (colon < 0 && bytes[at] === COLON) colon = at;
        at++;
      }
      if (at >= end) return -1;
      const stop = bytes[at - 1] === CR ? at - 1 : at;
      if (stop === line) return this.#endHead(bytes, from, line, at + 1);
      if (colon < 0) {
        throw new Failure(1230, 'what came back is not HTTP: a header without a colon');
      }
      this.#readHeader(bytes, line, colon, stop);
      line = at + 1;
    }
  }

  /** `HTTP/1.1 200 OK`; returns where the next line begins, -1 when that is not there yet. */
  #parseStatusLine(bytes: Buffer, from: number, end: number): number {
    if (end - from < 13) {
      if (!'HTTP/1.'.startsWith(bytes.toString('latin1', from, Math.min(end, from + 7))))
        this.#refuse();
      return -1;
    }
    const minor = bytes[from + 7]! - 48;
    const status =
      (bytes[from + 9]! - 48) * 100 + (bytes[from + 10]! - 48) * 10 + (bytes[from + 11]! - 48);
    // "HTTP/1." in two comparisons of four bytes.
    if (
      bytes[from] !== 72 ||
      bytes[from + 1] !== 84 ||
      bytes[from + 2] !== 84 ||
      bytes[from + 3] !== 80 ||
      bytes[from + 4] !== 47 ||
      bytes[from + 5] !== 49 ||
      bytes[from + 6] !== 46 ||
      bytes[from + 8] !== SPACE ||
      (minor !== 0 && minor !== 1) ||
      !(status >= 100 && status <= 999)
    ) {
      this.#refuse();
    }
    this.#status = status;
    this.#length = -1;
    this.#chunked = false;
    this.keepAlive = minor === 1;
    let at = from + 12;
    while (at < end && bytes[at] !== LF) at++;
    return at < end ? at + 1 : -1;
  }

  #refuse(): never {
    throw new Failure(1230, 'what came back is not HTTP/1.1');
  }

  /** Only four headers say where a response ends and whether its connection lives on. */
  #readHeader(bytes: Buffer, from: number, colon: number, to: number): void {
    const first = bytes[from]! | LOWER;
    const size = colon - from;
    if (first === 0x63) {
      if (size === 14 && nameIs(bytes, from, 'content-length')) {
        this.#readLength(bytes.toString('latin1', colon + 1, to).trim());
      } else if (size === 10 && nameIs(bytes, from, 'connection')) {
        const value = bytes.toString('latin1', colon + 1, to).toLowerCase();
        if (value.includes('close')) this.keepAlive = false;
        else if (value.includes('keep-alive')) this.keepAlive = true;
      }
    } else if (first === 0x74) {
      if (size === 17 && nameIs(bytes, from, 'transfer-encoding')) {
        const value = bytes
          .toString('latin1', colon + 1, to)
          .trim()
          .toLowerCase();
        this.#chunked =
          value === 'chunked' || value.endsWith(',chunked') || value.endsWith(' chunked');
        if (!this.#chunked) {
          throw new Failure(
            1230,
            `the server uses a transfer-encoding that ends in no chunks: ${value}`,
          );
        }
      }
    } else if (first === 0x6b && this.keepAliveSeconds < 0) {
      if (size === 10 && nameIs(bytes, from, 'keep-alive')) {
        const timeout = /timeout\s*=\s*(\d+)/i.exec(bytes.toString('latin1', colon + 1, to));
        if (timeout) this.keepAliveSeconds = Number(timeout[1]);
      }
    }
  }

  #readLength(text: string): void {
    const length = /^\d{1,15}$/.test(text) ? Number(text) : -1;
    if (length < 0 || (this.#length >= 0 && this.#length !== length)) {
      throw new Failure(1230, `the server sent a content-length that is none: ${text}`);
    }
    this.#length = length;
  }

  #endHead(bytes: Buffer, from: number, to: number, next: number): number {
    const status = this.#status;
    this.#partial = null;
    if (status === 101) {
      throw new Failure(1230, 'the server switched to a protocol that nobody asked for');
    }
    // An interim response: the final one follows.
    if (status < 200) return next;
    this.#sink.head(status, bytes, from, to);
    if (this.#bodyless || status === 204 || status === 304) this.#finish();
    else if (this.#chunked) this.#state = 'chunk size';
    else if (this.#length > 0) {
      this.#left = this.#length;
      this.#state = 'length';
    } else if (this.#length === 0) this.#finish();
    else {
      this.keepAlive = false;
      this.#state = 'to the end';
    }
    return next;
  }

  #readBody(bytes: Buffer, from: number, end: number): number {
    const to = Math.min(end, from + this.#left);
    this.#left -= to - from;
    this.#sink.body(bytes, from, to);
    if (this.#left === 0) {
      if (this.#state === 'length') this.#finish();
      else this.#state = 'chunk end';
    }
    return to;
  }

  /** The lines of the chunked coding: sizes, the ends of chunks, trailers. */
  #readLine(bytes: Buffer, from: number, end: number): number {
    let at = from;
    while (at < end && bytes[at] !== LF) at++;
    const piece = bytes.toString('latin1', from, at);
    const line = this.#partial ? this.#partial.toString('latin1', 0) + piece : piece;
    if (line.length > HEAD_LIMIT) throw new Failure(1231, 'a line of the chunked body never ends');
    if (at >= end) {
      this.#partial = Buffer.from(line, 'latin1');
      return end;
    }
    this.#partial = null;
    this.#takeLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    return at + 1;
  }

  #takeLine(line: string): void {
    if (this.#state === 'trailer') {
      if (line === '') this.#finish();
      return;
    }
    if (this.#state === 'chunk end') {
      if (line !== '') throw new Failure(1230, 'a chunk is longer than its size says');
      this.#state = 'chunk size';
      return;
    }
    const size = /^([0-9a-f]{1,12})\s*(;|$)/i.exec(line);
    if (!size) throw new Failure(1230, 'a chunk has no size');
    this.#left = Number.parseInt(size[1]!, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
  }

  #finish(): void {
    this.#state = 'idle';
    this.#whole = true;
  }
}

function nameIs(bytes: Buffer, from: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[from + i]!;
    if ((byte >= 65 && byte <= 90 ? byte | LOWER : byte) !== name.charCodeAt(i)) return false;
  }
  return true;
}
