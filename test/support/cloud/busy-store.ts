import { Agent, get } from 'node:http';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ControlWatch } from '../../../lib/load/control-watch.js';
import { CONTROL_READ_MS, DISTANT_CONTROL_MS, LEASE_MS } from '../../../lib/run/timing.js';
import type { Control } from '../../../lib/store/control.js';
import { runFiles } from '../../../lib/store/run-files.js';
import { S3Store } from '../../../lib/store/s3-store.js';
import type { S3User } from './s3-server.js';

// Many who read from one bucket at a time, in one process.

/** The bucket, and the way to it. */
export interface Way {
  readonly endpoint: string;
  readonly bucket: string;
  readonly owner: S3User;
}

/** What a worker does to hear of a stop, with a connection of its own. */
export class Poller {
  heardStopAtMs: number | null = null;
  readonly #store: S3Store;
  readonly #watch: ControlWatch;
  #leave = () => {};

  constructor({ endpoint, bucket, owner }: Way, run: string) {
    this.#store = S3Store.open({ bucket, region: 'eu-west-1', endpoint, credentials: owner });
    const { control } = runFiles(this.#store, run);
    this.#watch = new ControlWatch({
      read: () => control.read({ withinMs: CONTROL_READ_MS }),
      everyMs: DISTANT_CONTROL_MS,
      leaseMs: LEASE_MS,
    });
  }

  listen(): void {
    const heard = ({ stop }: Control) => {
      if (stop) this.heardStopAtMs ??= Date.now();
    };
    this.#leave = this.#watch.listen(heard, () => {});
  }

  close(): void {
    this.#leave();
    this.#store.close();
  }
}

/** Read without a signature, which would cost more than all the rest of reading it. */
export class PublicObject {
  readonly #url: string;

  static async put({ endpoint, bucket, owner }: Way, key: string, bytes: Uint8Array) {
    const client = new S3Client({
      endpoint,
      credentials: owner,
      region: 'us-east-1',
      forcePathStyle: true,
    });
    const input = { Bucket: bucket, Key: key, Body: bytes, ACL: 'public-read' } as const;
    await client.send(new PutObjectCommand(input));
    client.destroy();
    return new PublicObject(`${endpoint}/${bucket}/${key}`);
  }

  private constructor(url: string) {
    this.#url = url;
  }

  /** So many times a second, whatever becomes of it. */
  readAgainAndAgain(perSecond: number): { end(): void } {
    const agent = new Agent({ keepAlive: true, maxSockets: 64 });
    const begunMs = performance.now();
    let reads = 0;
    const timer = setInterval(() => {
      const due = ((performance.now() - begunMs) * perSecond) / 1_000;
      for (; reads < due; reads++) {
        get(this.#url, { agent }, (answer) => answer.resume()).on('error', () => {});
      }
    }, 10);
    return {
      end: () => {
        clearInterval(timer);
        agent.destroy();
      },
    };
  }
}
