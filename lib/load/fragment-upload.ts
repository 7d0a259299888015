import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFragmentAside } from '../measure/fragment.js';
import type { RunFiles } from '../store/run-files.js';
import type { Shard } from './shard.js';

/** How long an upload that fails is tried again before the worker gives up. */
const UPLOAD_MS = 60_000;
const RETRY_MS = 250;

/** Fragments go out one after the other, in order; a store that fails for a while loses none. */
export class FragmentUpload {
  readonly #shard: Shard;
  readonly #files: RunFiles;
  readonly #sent: { seq: number; sha256: string }[] = [];
  #tail: Promise<void> = Promise.resolve();
  #seq = 0;

  constructor(shard: Shard, files: RunFiles) {
    this.#shard = shard;
    this.#files = files;
  }

  cut(final: boolean): void {
    const seq = this.#seq++;
    const { ref } = this.#shard;
    const content = this.#shard.flush(final);
    this.#tail = this.#tail.then(async () => {
      const bytes = await encodeFragmentAside(content);
      this.#sent.push({ seq, sha256: createHash('sha256').update(bytes).digest('hex') });
      await patiently(() => this.#files.fragments.create(ref, seq, bytes));
    });
    // Awaited at the end; until then a failure must not bring the process down.
    this.#tail.catch(() => {});
  }

  async finished(): Promise<readonly { seq: number; sha256: string }[]> {
    await this.#tail;
    return this.#sent;
  }
}

/** Does it again until it works, for a while. */
export async function patiently(upload: () => Promise<unknown>): Promise<void> {
  const untilMs = performance.now() + UPLOAD_MS;
  for (;;) {
    try {
      await upload();
      return;
    } catch (error) {
      if (performance.now() > untilMs) throw error;
      await sleep(RETRY_MS);
    }
  }
}
