import { Failure } from './failure.js';

const CR = 13;
const LF = 10;
const TAB = 9;
const SPACE = 32;
const COLON = 58;
const LOWER = 0x20;

/**
 * The head of one response: of its headers only those that say where it ends, whether its connection
 * lives on, and whether there are cookies to be kept. One object for all heads of a connection.
 */
export class ResponseHead {
  status = 0;
  /** -1: not given. */
  length = -1;
  chunked = false;
  /** Whether the server keeps the connection open after this response. */
  keepAlive = true;
  /** Of `Keep-Alive: timeout=`, seconds; -1 as long as the server has said nothing. */
  keepAliveSeconds = -1;
  setsCookies = false;
  /** Where the last header ends, in what was parsed last. */
  to = 0;

  /** Parses a whole head at once; -1 when its end is not there yet, else where the body begins. */
  parse(bytes: Buffer, from: number, end: number): number {
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
      if (stop === line) {
        this.to = line;
        return at + 1;
      }
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
    this.status = status;
    this.length = -1;
    this.chunked = false;
    this.keepAlive = minor === 1;
    this.setsCookies = false;
    let at = from + 12;
    while (at < end && bytes[at] !== LF) at++;
    return at < end ? at + 1 : -1;
  }

  #refuse(): never {
    throw new Failure(1230, 'what came back is not HTTP/1.1');
  }

  #readHeader(bytes: Buffer, from: number, colon: number, to: number): void {
    const first = bytes[from]! | LOWER;
    const size = colon - from;
    if (first === 0x63) {
      if (size === 14 && nameIs(bytes, from, 'content-length')) {
        this.#readLength(bytes, colon + 1, to);
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
        this.chunked =
          value === 'chunked' || value.endsWith(',chunked') || value.endsWith(' chunked');
        if (!this.chunked) {
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
    } else if (first === 0x73 && size === 10 && nameIs(bytes, from, 'set-cookie')) {
      this.setsCookies = true;
    }
  }

  #readLength(bytes: Buffer, from: number, to: number): void {
    let at = from;
    let end = to;
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    while (at < end && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
    let length = end > at && end - at <= 15 ? 0 : Number.NaN;
    for (; at < end; at++) {
      const digit = bytes[at]! - 48;
      length = digit >= 0 && digit <= 9 ? length * 10 + digit : Number.NaN;
    }
    if (Number.isNaN(length) || (this.length >= 0 && this.length !== length)) {
      const text = bytes.toString('latin1', from, to).trim();
      throw new Failure(1230, `the server sent a content-length that is none: ${text}`);
    }
    this.length = length;
  }
}

function nameIs(bytes: Buffer, from: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[from + i]!;
    if ((byte >= 65 && byte <= 90 ? byte | LOWER : byte) !== name.charCodeAt(i)) return false;
  }
  return true;
}
