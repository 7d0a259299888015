import { Failure } from './failure.js';
import { ResponseHead } from './response-head.js';

/** What the reader tells of one response; buffers are only valid during the call. */
export interface ResponseSink {
  /** The first byte of a response, interim ones included. */
  started(): void;
  /** An interim response: the final one follows. */
  interim(status: number): void;
  /** Status and headers of the final response: bytes [from, to) of `bytes`, without the last blank line. */
  head(status: number, bytes: Buffer, from: number, to: number): void;
  body(bytes: Buffer, from: number, to: number): void;
  /** The response is complete; what follows belongs to the next one. */
  complete(): void;
}

/** As much as any server sends, and no more than a broken one may cost. */
const HEAD_LIMIT = 16_384;

const LF = 10;

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
  readonly #head = new ResponseHead();
  readonly #sink: ResponseSink;
  #state: State = 'idle';
  #bodyless = false;
  /** The response is complete, and nobody has been told yet. */
  #whole = false;
  #left = 0;
  /** Bytes of trailers. */
  #trailers = 0;
  /** The beginning of a head, or of a chunk's line, that came in pieces. */
  #partial: Buffer | null = null;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** A request was written: its response is expected. `bodyless` when it is the answer to a HEAD. */
  expect(bodyless: boolean): void {
    this.#state = 'head';
    this.#bodyless = bodyless;
    this.#partial = null;
  }

  /** Of the final response that was read last. */
  get status(): number {
    return this.#head.status;
  }

  /** Whether the server keeps the connection open after the response that was read last. */
  get keepAlive(): boolean {
    return this.#head.keepAlive;
  }

  /** Whether the response that was read last sets a cookie. */
  get setsCookies(): boolean {
    return this.#head.setsCookies;
  }

  /** What the server said it waits for the next request, seconds; -1 when it said nothing. */
  get keepAliveSeconds(): number {
    return this.#head.keepAliveSeconds;
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
        if (at < end) this.#head.keepAlive = false;
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
    if (this.#state === 'head') {
      const partial = this.#partial?.toString('latin1') ?? null;
      return partial === null
        ? new Failure(1220, 'the server closed the connection without an answer')
        : new Failure(1220, 'the server closed the connection within its headers', partial);
    }
    return new Failure(
      1232,
      'the server closed the connection before its body was complete',
      this.#state === 'length' ? `${this.#left} bytes were missing` : 'the last chunk was missing',
    );
  }

  #readHead(bytes: Buffer, from: number, end: number): number {
    if (this.#partial === null) {
      this.#sink.started();
      const stop = this.#head.parse(bytes, from, end);
      if (stop >= 0) return this.#endHead(bytes, from, stop);
      this.#partial = Buffer.from(bytes.subarray(from, end));
    } else {
      const before = this.#partial.length;
      const whole = Buffer.concat([this.#partial, bytes.subarray(from, end)]);
      this.#partial = null;
      const stop = this.#head.parse(whole, 0, whole.length);
      if (stop >= 0) return from + this.#endHead(whole, 0, stop) - before;
      this.#partial = whole;
    }
    if (this.#partial.length > HEAD_LIMIT) {
      throw new Failure(1231, `the response headers are larger than ${HEAD_LIMIT / 1024} kB`);
    }
    return end;
  }

  #endHead(bytes: Buffer, from: number, next: number): number {
    const { status, length, chunked, to } = this.#head;
    this.#partial = null;
    if (status === 101) {
      throw new Failure(1230, 'the server switched to a protocol that nobody asked for');
    }
    if (status < 200) {
      this.#sink.interim(status);
      return next;
    }
    this.#sink.head(status, bytes, from, to);
    if (this.#bodyless || status === 204 || status === 304) this.#finish();
    else if (chunked) this.#state = 'chunk size';
    else if (length > 0) {
      this.#left = length;
      this.#state = 'length';
    } else if (length === 0) this.#finish();
    else {
      this.#head.keepAlive = false;
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
      this.#trailers += line.length;
      if (this.#trailers > HEAD_LIMIT) throw new Failure(1231, 'the trailers never end');
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
    this.#trailers = 0;
  }

  #finish(): void {
    this.#state = 'idle';
    this.#whole = true;
  }
}
