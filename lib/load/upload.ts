import { BodyFile, type LongBody } from './long-body.js';

/** Read, sent, and read again: what one upload holds in memory. */
const PIECE_BYTES = 65_536;

/** Takes a piece; `taken` is called once its memory may be used again. */
type Sink = (piece: Buffer, taken: () => void) => void;

export interface UploadEvents {
  /** A piece went out. */
  sending(bytes: number): void;
  /** All of it has been taken. */
  sent(): void;
  /** The file cannot be read, or has become shorter. */
  broke(error: Error): void;
}

/** The sending of one long body, piece by piece, as fast as the other side reads. */
export class Upload {
  readonly #body: LongBody;
  readonly #sink: Sink;
  readonly #events: UploadEvents;
  /** Made for files only, and only when the first one is reached. */
  #piece: Buffer | null = null;
  #segment = 0;
  #at = 0;
  #over = false;

  constructor(body: LongBody, sink: Sink, events: UploadEvents) {
    this.#body = body;
    this.#sink = sink;
    this.#events = events;
    for (const segment of files(body)) segment.begin();
  }

  /** Nothing more will be sent. */
  get over(): boolean {
    return this.#over;
  }

  start(): void {
    this.#next();
  }

  stop(): void {
    if (this.#over) return;
    this.#over = true;
    for (const segment of files(this.#body)) segment.end();
  }

  #next(): void {
    if (this.#over) return;
    const segment = this.#body.segments[this.#segment];
    if (segment === undefined) {
      this.stop();
      this.#events.sent();
    } else if (segment instanceof BodyFile) {
      this.#readNext(segment);
    } else {
      this.#segment++;
      this.#send(segment);
    }
  }

  #readNext(file: BodyFile): void {
    const left = file.bytes - this.#at;
    if (left === 0) {
      this.#at = 0;
      this.#segment++;
      this.#next();
      return;
    }
    this.#piece ??= Buffer.allocUnsafeSlow(PIECE_BYTES);
    const piece = this.#piece.subarray(0, Math.min(left, PIECE_BYTES));
    file.read(piece, this.#at).then(
      (bytes) => {
        if (this.#over) return;
        if (bytes === 0) {
          this.#break(new Error(`the file of the body has lost ${left} of its bytes`));
          return;
        }
        this.#at += bytes;
        this.#send(piece.subarray(0, bytes));
      },
      (error: Error) => this.#break(error),
    );
  }

  #send(piece: Buffer): void {
    this.#events.sending(piece.length);
    this.#sink(piece, () => this.#next());
  }

  #break(error: Error): void {
    if (this.#over) return;
    this.stop();
    this.#events.broke(error);
  }
}

function files({ segments }: LongBody): BodyFile[] {
  return segments.filter((segment) => segment instanceof BodyFile);
}
