import type { Faults, FaultTarget } from './lambda-faults.js';
import type { RegisteredFunction } from './lambda-function.js';
import type { Sandboxes } from './lambda-sandboxes.js';
import type { Timers } from './timers.js';

/** Lambda waits one minute before the first retry of a failed event and two before the second. */
const RETRY_DELAYS_MS = [60_000, 120_000];
/** A throttled event is tried again after 1 s, 2 s, 4 s, … */
const BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 300_000;

/** One delivery of an event that was answered with 202; for tests to read. */
export interface EventDelivery {
  readonly requestId: string;
  readonly function: string;
  readonly region: string;
  readonly payload: string;
  readonly acceptedAtMs: number;
  fate: 'waiting' | 'running' | 'done' | 'failed' | 'dropped' | 'expired';
}

export interface AcceptedEvent {
  readonly callee: RegisteredFunction;
  readonly qualifier: string | null;
  readonly requestId: string;
  readonly payload: string;
}

/** The queue behind a 202: what is in it may be held, lost, doubled, retried or too old. */
export class EventQueue {
  readonly deliveries: EventDelivery[] = [];
  readonly #sandboxes: Sandboxes;
  readonly #faults: Faults;
  readonly #timers: Timers;
  readonly #retryDelaysMs: readonly number[];

  constructor(
    sandboxes: Sandboxes,
    faults: Faults,
    timers: Timers,
    retryDelaysMs: readonly number[] = RETRY_DELAYS_MS,
  ) {
    this.#sandboxes = sandboxes;
    this.#faults = faults;
    this.#timers = timers;
    this.#retryDelaysMs = retryDelaysMs;
  }

  accept(event: AcceptedEvent): void {
    const target = targetOf(event, 1);
    const copies = this.#faults.strike('duplicate', target).length + 1;
    // Deliveries and retries of one event count their processes together.
    const processes = { started: 0 };
    for (let copy = 0; copy < copies; copy++) void this.#deliver(event, processes);
  }

  /** True if this event is never heard of again. */
  loses(target: FaultTarget): boolean {
    return this.#faults.strike('drop', target).length > 0;
  }

  /** What an event waits for before anything runs: false if it grew too old meanwhile. */
  async holds(target: FaultTarget, maximumEventAgeMs: number): Promise<boolean> {
    const throttles = this.#faults.strike('throttle', target).map((fault) => fault.forMs);
    const heldMs = Math.max(0, ...throttles);
    if (heldMs > maximumEventAgeMs) {
      await this.#timers.sleep(maximumEventAgeMs);
      return false;
    }
    const delays = this.#faults.strike('delay', target).map((fault) => fault.forMs);
    const waitMs = heldMs + Math.max(0, ...delays);
    if (waitMs > 0) await this.#timers.sleep(waitMs);
    return true;
  }

  async #deliver(event: AcceptedEvent, processes: { started: number }): Promise<void> {
    const { callee, qualifier } = event;
    const config = callee.asyncConfigOf(qualifier);
    const delivery = this.#record(event);
    const lastMs = delivery.acceptedAtMs + config.maximumEventAgeS * 1000;
    if (this.loses(targetOf(event, 1))) {
      delivery.fate = 'dropped';
      return;
    }
    if (!(await this.holds(targetOf(event, 1), config.maximumEventAgeS * 1000))) {
      delivery.fate = 'expired';
      return;
    }
    for (let retry = 0; ; retry++) {
      if (!(await this.#admitted(callee, lastMs))) {
        delivery.fate = 'expired';
        return;
      }
      delivery.fate = 'running';
      const target = targetOf(event, ++processes.started);
      const running = this.#sandboxes.run({ ...event, executionArn: null, target });
      if ((await running.outcome).kind === 'answered') {
        delivery.fate = 'done';
        return;
      }
      delivery.fate = 'failed';
      if (retry >= config.maximumRetryAttempts) return;
      await this.#timers.sleep(this.#retryDelaysMs[retry] ?? 0);
      delivery.fate = 'waiting';
    }
  }

  async #admitted(callee: RegisteredFunction, lastMs: number): Promise<boolean> {
    let backoffMs = BACKOFF_MS;
    while (Date.now() <= lastMs) {
      if (this.#sandboxes.throttled(callee) === null) return true;
      await this.#timers.sleep(Math.min(backoffMs, lastMs - Date.now() + 1));
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    }
    return false;
  }

  #record({ callee, requestId, payload }: AcceptedEvent): EventDelivery {
    const delivery: EventDelivery = {
      requestId,
      function: callee.spec.name,
      region: callee.spec.region,
      payload,
      acceptedAtMs: Date.now(),
      fate: 'waiting',
    };
    this.deliveries.push(delivery);
    return delivery;
  }
}

export function targetOf(event: AcceptedEvent, process: number): FaultTarget {
  const { spec } = event.callee;
  const payload: unknown = JSON.parse(event.payload);
  return { function: spec.name, region: spec.region, payload, execution: null, process };
}
