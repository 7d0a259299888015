import type { FunctionUse } from '../measure/function-use.js';
import type { S3Requests } from '../store/s3-requests.js';

interface MeterSetting {
  readonly memoryMb: number;
  /** How long the function's code took to load; 0 where it was loaded before. */
  readonly initMs: number;
  /** What has been asked of S3 since it was called. */
  readonly requests: () => Omit<S3Requests, 'retries'>;
  /** How long ago the function was called, ms; otherwise now. */
  readonly calledMsAgo?: number;
  /** Monotonic, ms. */
  readonly nowMs?: () => number;
}

/** Reads off what one invocation of a function has taken so far. */
export class Meter {
  readonly #setting: MeterSetting;
  readonly #nowMs: () => number;
  readonly #calledAtMs: number;

  constructor(setting: MeterSetting) {
    this.#setting = setting;
    this.#nowMs = setting.nowMs ?? (() => performance.now());
    this.#calledAtMs = this.#nowMs() - (setting.calledMsAgo ?? 0);
  }

  read(): FunctionUse {
    const { memoryMb, initMs, requests } = this.#setting;
    const { puts, gets, lists, bytesOut, bytesIn } = requests();
    const lifeMs = this.#nowMs() - this.#calledAtMs;
    return { memoryMb, initMs, lifeMs, s3: { puts, gets, lists, bytesOut, bytesIn } };
  }
}
