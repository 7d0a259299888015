import type { Outcome } from '../measure/recorder.js';
import { Draws } from '../plan/draws.js';
import { HASHES } from '../plan/random.js';
import { parseDurationRangeUs } from '../plan/units.js';
import type { FlowAnswer, FlowHttp, FlowRequest, FlowTools } from './code-flow.js';
import type { Code, CodeIterations } from './code-iterations.js';
import { answerReader, confidential, partsWith, RequestFailed } from './code-request.js';
import { textOf } from './code-text.js';
import { Failure } from './failure.js';
import type { Flow } from './flow.js';
import type { Job, JobOwner } from './job.js';
import { recordFailure } from './record-job.js';
import { urlOf, withParts, withReader } from './request-template.js';
import type { Session } from './session.js';
import type { IterationOwner } from './starter.js';
import type { TemplateValues } from './template.js';

export interface VisitStart {
  readonly flow: Flow;
  /** Stands for the iteration until it is submitted. */
  readonly job: Job;
  readonly ordinal: number;
  readonly window: number;
  readonly dueUs: number;
  readonly takenUs: number;
  readonly owner: IterationOwner | null;
  readonly session: Session;
  readonly rows: readonly (readonly string[] | null)[];
}

interface Awaited {
  answer: FlowAnswer | null;
  readonly resolve: (answer: FlowAnswer) => void;
  readonly reject: (error: Error) => void;
}

const LONGEST_CHECK = 200;
const LONGEST_SAMPLE = 500;

/** One iteration of a flow in code, from its scheduled start to the end of all that it began. */
export class CodeVisit implements JobOwner, TemplateValues {
  readonly begun: VisitStart;
  endUs = 0;
  readonly #all: CodeIterations;
  readonly #code: Code;
  readonly #draws = new Draws();
  readonly #awaited = new Map<Job, Awaited>();
  readonly #confided = new Set<string>();
  #open = true;
  #first = true;
  /** Since when its code has control, as the schedule sees it; -1: it has not. */
  #turnUs = -1;
  #outcome: 'ok' | 'failed' | null = null;
  #strange = false;

  constructor(all: CodeIterations, code: Code, begun: VisitStart) {
    this.#all = all;
    this.#code = code;
    this.begun = begun;
    this.#draws.begin(all.setting.drawKey, begun.ordinal);
  }

  start(): void {
    this.#turn(this.begun.dueUs, () => {
      this.#code.program(this.#tools()).then(
        () => this.#settled('ok'),
        (error: unknown) => this.#threw(error),
      );
    });
  }

  end(outcome: Outcome, endUs: number): void {
    if (!this.#open) return;
    this.#open = false;
    this.endUs = endUs;
    this.#awaited.clear();
    this.#all.ended(this, outcome);
  }

  /** What its code logs in with. */
  secrets(): readonly string[] {
    return [...this.#confided];
  }

  /** A request of it has ended. */
  ended(job: Job): void {
    const awaited = this.#awaited.get(job);
    this.#awaited.delete(job);
    const { outcome, endUs, request } = job;
    if (!awaited || !this.#open) return;
    if (outcome !== 'ok' && outcome !== 'failed') {
      this.end(outcome ?? 'failed', endUs);
      return;
    }
    const { answer, resolve, reject } = awaited;
    this.#turn(endUs, () => {
      if (outcome === 'ok' && answer) resolve(answer);
      else reject(new RequestFailed(`${this.#nameOf(request)} failed`));
    });
    this.#endWhenIdle();
  }

  // What templates of the plan fill in.

  variable(): string {
    throw new Error('requests of code have no variables');
  }

  cell(set: number, column: number): string {
    return this.begun.rows[set]![column]!;
  }

  draw(): number {
    return this.#draws.next();
  }

  nowMs(): number {
    return this.#all.setting.clock.wallMs();
  }

  // What its code does.

  #tools(): FlowTools {
    const { recorder, hide, clock } = this.#all.setting;
    return {
      http: this.#http(),
      vars: this.#all.varsOf(this.begun.session),
      data: this.#data(),
      sleep: (time) => {
        const fromUs = this.#turnUs < 0 ? clock.nowUs() : this.#turnUs;
        const untilUs = fromUs + this.#sleepUs(time);
        return new Promise((resolve) => {
          this.#all.sleep(untilUs, (atUs) => this.#turn(atUs, resolve));
        });
      },
      check: (text, holds) => {
        if (this.#open) {
          const shown = hide(String(text), this.secrets()).slice(0, LONGEST_CHECK);
          const count = recorder.check(this.begun.flow.subject, shown);
          if (holds) count.passed++;
          else count.failed++;
        }
        return holds;
      },
      log: (...what) => {
        const text = what.map(textOf).join(' ');
        this.#all.log(this.#code, text, this.secrets());
      },
    };
  }

  #data(): FlowTools['data'] {
    const sets = this.#all.setting.plan.data ?? [];
    return Object.fromEntries(
      sets.map(({ name, columns }, set) => [
        name,
        Object.fromEntries(columns.map((column, i) => [column, this.cell(set, i)])),
      ]),
    );
  }

  #http(): FlowHttp {
    const by = (method: string) => (path: string, options?: FlowRequest) =>
      // It is counted whoever waits for it: that nobody does must not end the thread.
      handled(this.#send(method, path, options));
    return {
      ...{ get: by('GET'), head: by('HEAD'), options: by('OPTIONS'), post: by('POST') },
      ...{ put: by('PUT'), patch: by('PATCH'), delete: by('DELETE') },
    };
  }

  #send(method: string, path: string, options: FlowRequest = {}): Promise<FlowAnswer> {
    // After its end nothing more is sent, and nobody waits.
    if (!this.#open || this.#all.over) return new Promise(() => {});
    const { clock, pool, recorder, timeline, endUs, hide, submit } = this.#all.setting;
    const name = options.name ?? `${method} ${path}`;
    const request = this.#code.requests.get(name);
    const planned = request === undefined ? null : this.#all.setting.plan.requests[request]!;
    if (request === undefined || planned?.method !== method) {
      this.#strange = true;
      const failure = new Failure(1731, 'code sent a request that the plan does not list');
      const detail = hide(`${method} ${path} as ${JSON.stringify(name)}`, this.secrets()).slice(
        0,
        LONGEST_SAMPLE,
      );
      this.#note(failure.code, failure.message, detail);
      return Promise.reject(new RequestFailed(`the flow's requests do not list ${name}`));
    }
    const nowUs = clock.nowUs();
    const dueUs = this.#turnUs < 0 ? nowUs : this.#turnUs;
    const takenUs = this.#first ? Math.max(dueUs, this.begun.takenUs) : nowUs;
    this.#first = false;
    const job = pool.spare();
    job.begin(request, timeline.windowAt(Math.min(dueUs, endUs - 1)), dueUs, takenUs, this);
    job.visitor = this.begun.session;
    job.step = true;
    recorder.requestScheduled(job.window, request);
    return new Promise((resolve, reject) => {
      const awaited: Awaited = { answer: null, resolve, reject };
      try {
        this.#fill(job, path, options, awaited);
      } catch (error) {
        // What is no failure of ours is a body that cannot be written.
        const failure = error instanceof Failure ? error : new Failure(1722, String(error));
        job.endUs = nowUs;
        recordFailure(recorder, job, failure, hide);
        reject(new RequestFailed(`${name} could not be sent: ${(error as Error).message}`));
        return;
      }
      this.#awaited.set(job, awaited);
      submit(job);
    });
  }

  #fill(job: Job, path: string, options: FlowRequest, awaited: Awaited): void {
    const { steps } = this.#all.setting;
    const { parts, prefix } = steps.partsFor(job.request, this);
    const own = partsWith(parts, prefix, path, options);
    const cookie = this.begun.session.cookies?.header(urlOf(own)) ?? '';
    const reader = answerReader((answer) => {
      awaited.answer = answer;
    });
    for (const value of confidential(options)) this.#confided.add(value);
    job.template = withReader(withParts(steps.templates[job.request]!, own, cookie), reader);
  }

  #sleepUs(time: number | string): number {
    if (typeof time === 'number' && time >= 0 && Number.isFinite(time)) {
      return Math.round(time * 1000);
    }
    const range = typeof time === 'string' ? parseDurationRangeUs(time) : null;
    if (!range) throw new TypeError(`sleep takes milliseconds, or a text like 1s..3s: ${time}`);
    const leastUs = Math.min(...range);
    const spanUs = Math.max(...range) - leastUs;
    return leastUs + Math.floor((this.draw() / HASHES) * (spanUs + 1));
  }

  #turn(fromUs: number, go: () => void): void {
    this.#code.turns.give(
      () => {
        if (!this.#open) return;
        this.#turnUs = fromUs;
        go();
      },
      () => {
        this.#turnUs = -1;
      },
    );
  }

  #threw(error: unknown): void {
    if (!(error instanceof RequestFailed) && this.#open) {
      const failure = error instanceof Failure ? error : new Failure(1730, 'code threw an error');
      this.#note(failure.code, failure.message, this.#shown(error));
    }
    this.#settled('failed');
  }

  #shown(error: unknown): string {
    const lines = textOf(error)
      .split('\n')
      .filter((line) => !/^ +at (?!.*\(?flow )/.test(line));
    return this.#all.setting.hide(lines.join('\n'), this.secrets()).slice(0, LONGEST_SAMPLE);
  }

  #note(code: number, message: string, detail: string): void {
    const { recorder, clock } = this.#all.setting;
    recorder.flowError(this.begun.flow.subject, code, message, detail, clock.nowUs());
  }

  #settled(how: 'ok' | 'failed'): void {
    this.#outcome = this.#strange ? 'failed' : how;
    this.#endWhenIdle();
  }

  /** Requests that its code did not wait for belong to it, too. */
  #endWhenIdle(): void {
    if (this.#outcome === null || this.#awaited.size > 0 || !this.#open) return;
    this.end(this.#outcome, this.#all.setting.clock.nowUs());
  }

  #nameOf(request: number): string {
    return this.#all.setting.plan.requests[request]!.name;
  }
}

function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
