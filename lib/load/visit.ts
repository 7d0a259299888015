import type { Outcome } from '../measure/recorder.js';
import { type DrawKey, Draws } from '../plan/draws.js';
import { HASHES } from '../plan/random.js';
import type { Flow } from './flow.js';
import type { Job, JobOwner } from './job.js';
import type { Session } from './session.js';
import type { IterationOwner } from './starter.js';
import type { TemplateValues } from './template.js';

const SHORTEST_TOKEN = 8;

/** What a visit asks of those who carry it out. */
export interface VisitEvents {
  /** Its next request falls due; it is to be submitted by `submit`. */
  due(visit: Visit, request: number, dueUs: number): void;
  /** Its pause is over then. */
  pause(visit: Visit, untilUs: number): void;
  over(visit: Visit, outcome: Outcome): void;
  nowMs(): number;
}

/**
 * One iteration of several steps, from its scheduled start to its end: where it stands, and what
 * it has seen. Visits are reused, as jobs are.
 */
export class Visit implements JobOwner, TemplateValues {
  dueUs = 0;
  endUs = 0;
  window = 0;
  flow!: Flow;
  session!: Session;
  owner: IterationOwner | null = null;
  /** The request that is under way, or was the last one. */
  job: Job | null = null;
  open = false;
  /** What it was to send next cannot be sent, and has not been recorded yet. */
  unsendable = false;
  /** Values of the flow's variables, by their place among its names. */
  readonly variables: string[] = [];
  /** The rows that it sees, by data set; null: none. */
  readonly rows: (readonly string[] | null)[] = [];
  readonly #events: VisitEvents;
  /** What was made out of secrets for it. */
  readonly #made: string[] = [];
  readonly #draws = new Draws();
  /** Drawing has to be prepared for, and many iterations never draw. */
  #drawing = false;
  #drawKey!: DrawKey;
  #ordinal = 0;
  #step = 0;

  constructor(events: VisitEvents) {
    this.#events = events;
  }

  /** All that it draws is of this key and its ordinal. */
  begin(
    flow: Flow,
    drawKey: DrawKey,
    ordinal: number,
    window: number,
    dueUs: number,
    owner: IterationOwner | null,
    session: Session,
  ): void {
    this.flow = flow;
    this.session = session;
    this.owner = owner;
    this.dueUs = dueUs;
    this.window = window;
    this.open = true;
    this.unsendable = false;
    this.#drawKey = drawKey;
    this.#ordinal = ordinal;
    this.#drawing = false;
    this.#step = 0;
    this.variables.length = 0;
    this.#made.length = 0;
  }

  /** None of its requests has ended yet. */
  get atFirst(): boolean {
    return this.#step === 0;
  }

  variable(slot: number): string {
    return this.variables[slot]!;
  }

  cell(set: number, column: number): string {
    return this.rows[set]![column]!;
  }

  nowMs(): number {
    return this.#events.nowMs();
  }

  keep(derived: string): void {
    this.#made.push(derived);
  }

  /** What it captured may be a token or a session; what is shorter than any of these may be shown. */
  secrets(): readonly string[] {
    return [...this.#made, ...this.variables.filter((value) => value?.length >= SHORTEST_TOKEN)];
  }

  /** Unsigned, 32 bits: the next number of this iteration's own stream. */
  draw(): number {
    if (!this.#drawing) this.#draws.begin(this.#drawKey, this.#ordinal);
    this.#drawing = true;
    return this.#draws.next();
  }

  /** A request of it has ended: what follows is due from then on. */
  ended(job: Job): void {
    this.job = null;
    // A request that is its own iteration has been recorded as both.
    if (this.flow.single) this.end('ok', job.endUs);
    else if (job.outcome === 'ok') this.#goOn(job.endUs);
    else this.end(job.outcome ?? 'failed', job.endUs);
  }

  /** Its pause is over. */
  resume(): void {
    const step = this.flow.steps[this.#step];
    if (step?.kind === 'request') this.#events.due(this, step.request, this.endUs);
    else this.end('ok', this.endUs);
  }

  end(outcome: Outcome, endUs: number): void {
    if (!this.open) return;
    this.open = false;
    this.endUs = endUs;
    this.#events.over(this, outcome);
  }

  #goOn(fromUs: number): void {
    const { steps } = this.flow;
    let atUs = fromUs;
    let step = steps[++this.#step];
    for (; step?.kind === 'pause'; step = steps[++this.#step]) {
      const spanUs = step.maxUs - step.minUs;
      atUs += step.minUs + (spanUs > 0 ? Math.floor((this.draw() / HASHES) * (spanUs + 1)) : 0);
    }
    this.endUs = atUs;
    if (atUs > fromUs) this.#events.pause(this, atUs);
    else this.resume();
  }
}
