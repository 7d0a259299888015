/** What the loop has spent since some instant, all told. */
export interface LoopReading {
  readonly atUs: number;
  readonly busyUs: number;
}

export interface LoopWorst {
  readonly delay: { readonly p99Us: number; readonly fromUs: number } | null;
  readonly busy: { readonly share: number; readonly fromUs: number } | null;
}

/** One shard's time on the thread: what it has seen of the windows so far. */
export interface LoopSpan {
  readonly fromInstant: number;
  readonly from: LoopReading;
  worst: LoopWorst;
}

/** Instants, 10 ms apart, at which the loop is asked for. */
export const INSTANT_EVERY_MS = 10;
export const INSTANTS_A_SECOND = 1000 / INSTANT_EVERY_MS;
const WINDOW_SECONDS = 10;
const WINDOW_US = WINDOW_SECONDS * 1_000_000;
const INSTANTS_A_WINDOW = WINDOW_SECONDS * INSTANTS_A_SECOND;
/** In less than this nothing can be told. */
const LEAST_US = 1_000_000;
const NONE: LoopWorst = { delay: null, busy: null };

/**
 * How late a loop came to instants 10 ms apart, and how busy it was, in windows of 10 s that move
 * on by a second. The instants are a schedule that never moves: a standstill of 100 ms makes ten
 * of them late, by 100, 90, … ms, as it does requests that are due meanwhile. A loop's turns
 * would count it as one among hundreds of thousands.
 */
export class LoopRecord {
  readonly #delaysUs = new Float64Array(INSTANTS_A_WINDOW);
  #instants = 0;
  #readings: LoopReading[] = [];
  readonly #spans = new Set<LoopSpan>();

  begin(from: LoopReading): LoopSpan {
    const span = { fromInstant: this.#instants, from, worst: NONE };
    this.#spans.add(span);
    return span;
  }

  instant(delayUs: number): void {
    this.#delaysUs[this.#instants++ % INSTANTS_A_WINDOW] = delayUs;
  }

  /** After every hundredth instant. */
  second(now: LoopReading): void {
    this.#readings.push(now);
    if (this.#readings.length <= WINDOW_SECONDS) return;
    const from = this.#readings.shift()!;
    const worst = this.#window(from, now, INSTANTS_A_WINDOW);
    for (const span of this.#spans) {
      if (span.from.atUs <= from.atUs) span.worst = worseOf(span.worst, worst);
    }
  }

  /** Judges the last 10 s, or what there is of the span, as a window of its own. */
  judge(span: LoopSpan, now: LoopReading): void {
    const instants = Math.min(this.#instants - span.fromInstant, INSTANTS_A_WINDOW);
    const short = now.atUs - span.from.atUs <= WINDOW_US;
    const from = short ? span.from : (this.#readings[0] ?? span.from);
    span.worst = worseOf(span.worst, this.#window(from, now, instants));
  }

  end(span: LoopSpan): void {
    this.#spans.delete(span);
    if (this.#spans.size === 0) this.#readings = [];
  }

  #window(from: LoopReading, now: LoopReading, instants: number): LoopWorst {
    const lengthUs = now.atUs - from.atUs;
    if (lengthUs < LEAST_US || instants === 0) return NONE;
    const { atUs: fromUs } = from;
    const share = Math.min(1, Math.max(0, (now.busyUs - from.busyUs) / lengthUs));
    return { delay: { p99Us: this.#p99Us(instants), fromUs }, busy: { share, fromUs } };
  }

  #p99Us(instants: number): number {
    const last = new Float64Array(instants);
    for (let i = 0; i < instants; i++) {
      last[i] = this.#delaysUs[(this.#instants - 1 - i) % INSTANTS_A_WINDOW]!;
    }
    return last.sort()[Math.ceil(0.99 * instants) - 1]!;
  }
}

function worseOf(a: LoopWorst, b: LoopWorst): LoopWorst {
  const delay = (a.delay?.p99Us ?? -1) >= (b.delay?.p99Us ?? -1) ? a.delay : b.delay;
  const busy = (a.busy?.share ?? -1) >= (b.busy?.share ?? -1) ? a.busy : b.busy;
  return { delay, busy };
}
