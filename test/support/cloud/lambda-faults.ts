/** What a fault may be aimed at: one event, or one process that is about to run. */
export interface FaultTarget {
  readonly function: string;
  readonly region: string;
  /** The caller's payload, parsed; for a durable function that of its execution. */
  readonly payload: unknown;
  /** Name of the durable execution. */
  readonly execution: string | null;
  /** 1 for the first process of this event or execution, then 2, 3, … over deliveries and retries. */
  readonly process: number;
}

/** `started`: its START was stored; `unsaved`: its result came and is lost; `saved`: it was stored. */
export type StepMoment = 'started' | 'unsaved' | 'saved';

export type KillMoment =
  /** After the handler was called. */
  | { readonly afterMs: number }
  | { readonly randomWithinMs: number; readonly seed: number }
  /** `nth` counts the steps of that name in the execution from 1; every one if left out. */
  | {
      readonly step: string;
      readonly moment: StepMoment;
      readonly nth?: number;
      readonly afterMs?: number;
    };

export type Fault = {
  readonly function?: string;
  readonly region?: string;
  readonly when?: (target: FaultTarget) => boolean;
  /** How often it strikes; a kill once, all else without end, if left out. */
  readonly times?: number;
} & (
  | {
      /** An event is accepted and then held for so long; a synchronous call gets a 429. */
      readonly kind: 'throttle';
      readonly forMs: number;
    }
  | { readonly kind: 'delay'; readonly forMs: number }
  /** Each event is run by two processes; a durable function's name makes the second one nothing. */
  | { readonly kind: 'duplicate' }
  /** An event is accepted and never run. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'kill'; readonly at: KillMoment }
  | { readonly kind: 'clock'; readonly shiftMs: number }
  | { readonly kind: 'environment'; readonly set: Readonly<Record<string, string>> }
);

type Kind = Fault['kind'];
type FaultOf<K extends Kind> = Extract<Fault, { kind: K }>;

/** A fault in force: how often it has struck, and the way to end it. */
export class ArmedFault<K extends Kind = Kind> {
  readonly fault: FaultOf<K>;
  hits = 0;
  #ended = false;

  constructor(fault: FaultOf<K>) {
    this.fault = fault;
  }

  end(): void {
    this.#ended = true;
  }

  matches(target: FaultTarget): boolean {
    const { fault } = this;
    if (this.#ended || this.hits >= (fault.times ?? (fault.kind === 'kill' ? 1 : Infinity))) {
      return false;
    }
    if (fault.function !== undefined && fault.function !== target.function) return false;
    if (fault.region !== undefined && fault.region !== target.region) return false;
    return fault.when?.(target) ?? true;
  }
}

/** All faults in force; they may be added and ended while functions run. */
export class Faults {
  readonly #armed = new Set<ArmedFault>();

  add<K extends Kind>(fault: FaultOf<K>): ArmedFault<K> {
    const armed = new ArmedFault<K>(fault);
    this.#armed.add(armed as unknown as ArmedFault);
    return armed;
  }

  clear(): void {
    for (const armed of this.#armed) armed.end();
    this.#armed.clear();
  }

  aimedAt<K extends Kind>(kind: K, target: FaultTarget): ArmedFault<K>[] {
    const found: ArmedFault<K>[] = [];
    for (const armed of this.#armed) {
      if (armed.fault.kind === kind && armed.matches(target)) {
        found.push(armed as unknown as ArmedFault<K>);
      }
    }
    return found;
  }

  /** The faults of a kind that strike now; each has then struck once more. */
  strike<K extends Kind>(kind: K, target: FaultTarget): FaultOf<K>[] {
    return this.aimedAt(kind, target).map((armed) => {
      armed.hits++;
      return armed.fault;
    });
  }
}

/** The instant of a kill, ms after the handler was called; null if it hangs on a step. */
export function killAfterMs(at: KillMoment, hits: number): number | null {
  if ('step' in at) return null;
  if ('afterMs' in at) return at.afterMs;
  return at.randomWithinMs * draw(at.seed + hits);
}

/** One draw of mulberry32, in [0, 1). */
function draw(seed: number): number {
  let state = (seed + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}
