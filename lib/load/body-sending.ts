import type { Wire } from './dial.js';
import type { LongBody } from './long-body.js';
import { Upload, type UploadEvents } from './upload.js';

/** A server that does not know of `100 Continue` does not answer: the body goes out all the same. */
const CONTINUE_MS = 1_000;

/** A long body on its way: when it begins, where distance is emulated or the server is asked first. */
export class BodySending {
  readonly #wire: Wire;
  readonly #upload: Upload;
  /** Runs while the server has not asked for the body. */
  #patience: NodeJS.Timeout | null = null;

  constructor(wire: Wire, body: LongBody, events: UploadEvents) {
    this.#wire = wire;
    this.#upload = new Upload(body, (piece, taken) => wire.socket.write(piece, taken), events);
  }

  /** All of it has been sent, or nothing more will be. */
  get over(): boolean {
    return this.#upload.over;
  }

  /** Sends what goes before it. */
  begin(head: string | Buffer, awaitsContinue: boolean): void {
    const { outlet } = this.#wire;
    if (awaitsContinue) {
      outlet.write(head, 'latin1');
      this.#patience = setTimeout(() => this.goOn(), CONTINUE_MS);
    } else if (outlet.hold) {
      outlet.hold(head, () => this.#upload.start());
    } else {
      outlet.write(head, 'latin1');
      this.#upload.start();
    }
  }

  /** The server asked for it, or was asked for long enough. */
  goOn(): void {
    if (this.#patience === null) return;
    this.#endPatience();
    const { outlet } = this.#wire;
    if (outlet.hold) outlet.hold('', () => this.#upload.start());
    else this.#upload.start();
  }

  stop(): void {
    this.#endPatience();
    this.#upload.stop();
  }

  #endPatience(): void {
    if (this.#patience) clearTimeout(this.#patience);
    this.#patience = null;
  }
}
