import { createHash } from 'node:crypto';
import { close, open, read } from 'node:fs';
import type { Body, BodyPart, Input } from '../plan/plan.js';

/** A body that is not held in memory as a whole, or not sent in one go. */
export interface LongBody {
  readonly bytes: number;
  readonly segments: readonly (Buffer | BodyFile)[];
}

/** How texts and inputs of a plan become bytes. */
export interface BodyMaking {
  readonly reveal: (text: string) => string;
  /** Where the bytes of an input are on this machine. */
  readonly fileOf: (input: Input) => string;
}

/** null: there is none. What comes from files is a long one. */
export function bodyOf(body: Body | null, making: BodyMaking): Buffer | LongBody | null {
  if (body === null) return null;
  if (body.input) return longBody([fileOf(body.input, making)]);
  if (!body.parts) return bytesOf(body, making);
  const segments = segmentsOf(body.parts, making);
  return segments.every(Buffer.isBuffer) ? Buffer.concat(segments) : longBody(segments);
}

export function longBody(segments: LongBody['segments']): LongBody {
  const bytes = segments.reduce(
    (sum, one) => sum + (Buffer.isBuffer(one) ? one.length : one.bytes),
    0,
  );
  return { bytes, segments };
}

/** The content-type of a form; every worker draws the same boundary for it. */
export function formType(parts: readonly BodyPart[]): string {
  return `multipart/form-data; boundary=${boundaryOf(parts)}`;
}

function boundaryOf(parts: readonly BodyPart[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `isochrone-${digest.slice(0, 32)}`;
}

function segmentsOf(parts: readonly BodyPart[], making: BodyMaking): (Buffer | BodyFile)[] {
  const boundary = boundaryOf(parts);
  return [
    ...parts.flatMap((part) => [
      Buffer.from(`--${boundary}\r\n${partHead(part)}\r\n`),
      part.body.input ? fileOf(part.body.input, making) : bytesOf(part.body, making),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ];
}

function partHead({ name, fileName, contentType }: BodyPart): string {
  const file = fileName === null ? '' : `; filename="${quoted(fileName)}"`;
  const type = contentType === null ? '' : `content-type: ${contentType}\r\n`;
  return `content-disposition: form-data; name="${quoted(name)}"${file}\r\n${type}`;
}

/** As browsers write names. */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function bytesOf({ encoding, data }: Body, { reveal }: BodyMaking): Buffer {
  return encoding === 'base64' ? Buffer.from(data, 'base64') : Buffer.from(reveal(data));
}

function fileOf(input: Input, { fileOf }: BodyMaking): BodyFile {
  return new BodyFile(fileOf(input), input.bytes);
}

/** A file that requests send. It is open while any of them does, once for all: descriptors are few. */
export class BodyFile {
  readonly bytes: number;
  readonly #path: string;
  #readers = 0;
  #opened: Promise<number> | null = null;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.bytes = bytes;
  }

  begin(): void {
    this.#readers++;
  }

  end(): void {
    if (--this.#readers > 0) return;
    const opened = this.#opened;
    this.#opened = null;
    opened?.then(
      (descriptor) => close(descriptor, () => {}),
      () => {},
    );
  }

  /** Fills the buffer, or less where the file ends. */
  async read(into: Buffer, at: number): Promise<number> {
    this.#opened ??= new Promise((resolve, reject) => {
      open(this.#path, 'r', (error, descriptor) => (error ? reject(error) : resolve(descriptor)));
    });
    const descriptor = await this.#opened;
    return new Promise((resolve, reject) => {
      read(descriptor, into, 0, into.length, at, (error, bytes) =>
        error ? reject(error) : resolve(bytes),
      );
    });
  }
}
