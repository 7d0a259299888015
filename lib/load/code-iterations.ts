import type { CodeUse, Manifest } from '../measure/manifest.js';
import type { Outcome, Recorder } from '../measure/recorder.js';
import type { Timeline } from '../measure/timeline.js';
import type { DrawKey } from '../plan/draws.js';
import type { CodeFlow, Plan } from '../plan/plan.js';
import { Agenda } from './agenda.js';
import { type CodeProgram, codeProgram } from './code-program.js';
import { CodeTurns } from './code-turns.js';
import { CodeVisit, type VisitStart } from './code-visit.js';
import type { Job } from './job.js';
import type { Pacer } from './pacer.js';
import type { Pool } from './pool.js';
import type { Hide } from './record-job.js';
import type { RunClock } from './run-clock.js';
import type { Session } from './session.js';
import type { Steps } from './steps.js';

export { CodeVisit };

export interface CodeSetting {
  readonly plan: Plan;
  readonly code: ReadonlyMap<string, string>;
  readonly readEnv: (name: string) => string | undefined;
  readonly drawKey: DrawKey;
  readonly endUs: number;
  readonly timeline: Timeline;
  readonly clock: RunClock;
  readonly pacer: Pacer;
  readonly pool: Pool;
  readonly recorder: Recorder;
  readonly steps: Steps;
  readonly hide: Hide;
  readonly submit: (job: Job) => void;
}

const MOST_LOGS = 20;
const LONGEST_LOG = 500;

/** One flow in code, on one shard. */
export interface Code {
  readonly program: CodeProgram;
  readonly turns: CodeTurns;
  /** Its requests by the names that code may use. */
  readonly requests: ReadonlyMap<string, number>;
  readonly logs: string[];
}

/** Iterations whose steps are a function of the user's. */
export class CodeIterations {
  readonly setting: CodeSetting;
  over = false;
  readonly #agenda = new Agenda<{ readonly untilUs: number; wake(untilUs: number): void }>();
  readonly #open = new Set<CodeVisit>();
  readonly #code = new Map<CodeFlow, Code>();
  readonly #vars = new WeakMap<Session, Record<string, unknown>>();
  readonly #leave: (session: Session) => void;

  constructor(setting: CodeSetting, leave: (session: Session) => void) {
    this.setting = setting;
    this.#leave = leave;
    const { plan, code, readEnv } = setting;
    for (const flow of plan.flows ?? []) {
      if (flow.kind !== 'code') continue;
      const bundle = code.get(flow.name);
      if (bundle === undefined) throw new Error(`the code of flow '${flow.name}' is not here`);
      this.#code.set(flow, {
        program: codeProgram(flow.name, bundle, readEnv),
        turns: new CodeTurns(flow.name),
        requests: namesOf(plan, flow),
        logs: [],
      });
    }
  }

  get told(): NonNullable<Manifest['code']> {
    return [...this.#code.values()].map(
      ({ turns, logs }): CodeUse & { logs: readonly string[] } => ({ ...turns.use, logs }),
    );
  }

  get nextUs(): number {
    return this.#agenda.nextUs;
  }

  fire(): void {
    const { clock } = this.setting;
    for (let nowUs = clock.nowUs(); this.nextUs <= nowUs; nowUs = clock.nowUs()) {
      const sleeper = this.#agenda.take();
      sleeper?.wake(sleeper.untilUs);
    }
  }

  /** The job stands for the iteration until its code sends something. */
  begin(start: VisitStart): Job {
    const { job, flow, window, dueUs, takenUs, session } = start;
    const visit = new CodeVisit(this, this.#code.get(flow.code!)!, start);
    job.begin(flow.subject, window, dueUs, takenUs, visit);
    job.visitor = session;
    job.step = true;
    this.#open.add(visit);
    this.setting.recorder.flowScheduled(window, flow.subject);
    return job;
  }

  /** It will never be submitted: one request is counted in place of those that it did not send. */
  unbegun(job: Job): void {
    if (!(job.owner instanceof CodeVisit)) return;
    this.setting.recorder.requestScheduled(job.window, job.request);
  }

  giveUp(by: 'deadline' | 'stop'): void {
    this.over = true;
    const nowUs = this.setting.clock.nowUs();
    for (const visit of this.#open) visit.end(by === 'stop' ? 'cutStop' : 'cutDeadline', nowUs);
  }

  // What iterations ask.

  varsOf(session: Session): Record<string, unknown> {
    const known = this.#vars.get(session) ?? {};
    this.#vars.set(session, known);
    return known;
  }

  sleep(untilUs: number, wake: (untilUs: number) => void): void {
    this.#agenda.add(untilUs, { untilUs, wake });
    this.setting.pacer.moved(untilUs);
  }

  log({ logs }: Code, text: string, secrets: readonly string[]): void {
    if (logs.length >= MOST_LOGS) return;
    logs.push(this.setting.hide(text, secrets).slice(0, LONGEST_LOG));
  }

  ended(visit: CodeVisit, outcome: Outcome): void {
    const { flow, window, dueUs, owner, session } = visit.begun;
    this.#open.delete(visit);
    this.setting.recorder.flowEnded(window, flow.subject, outcome, visit.endUs - dueUs);
    if (this.over) return;
    if (owner === null) this.#leave(session);
    owner?.ended({ endUs: visit.endUs });
  }
}

function namesOf({ requests }: Plan, { name, requests: own }: CodeFlow): Map<string, number> {
  const names = new Map<string, number>();
  const prefix = `${name} › `;
  for (const request of own) {
    const full = requests[request]!.name;
    names.set(full.startsWith(prefix) ? full.slice(prefix.length) : full, request);
  }
  return names;
}
