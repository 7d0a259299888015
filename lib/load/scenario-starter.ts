import type { Manifest } from '../measure/manifest.js';
import type { Outcome, Recorder } from '../measure/recorder.js';
import type { Timeline } from '../measure/timeline.js';
import type { DrawKey } from '../plan/draws.js';
import { mostSentFor } from '../plan/most-sent.js';
import type { Plan } from '../plan/plan.js';
import { Agenda } from './agenda.js';
import { CodeIterations, CodeVisit } from './code-iterations.js';
import { CookieJar } from './cookie-jar.js';
import { Failure } from './failure.js';
import type { Flow } from './flow.js';
import type { Job } from './job.js';
import { Lane } from './lane.js';
import type { Pacer, Source } from './pacer.js';
import type { Pool } from './pool.js';
import type { PublicSuffix } from './public-suffix.js';
import { type Hide, recordCut, recordDropped, recordFailure } from './record-job.js';
import { RequestCeiling } from './request-ceiling.js';
import type { Rows } from './rows.js';
import type { RunClock } from './run-clock.js';
import type { Session } from './session.js';
import type { IterationOwner, Starter } from './starter.js';
import type { Steps } from './steps.js';
import { Visit, type VisitEvents } from './visit.js';

export interface ScenarioSetting {
  /** By start; null: a plain request that is the same each time. */
  readonly flows: readonly (Flow | null)[];
  readonly plan: Plan;
  /** Bundles of flows in code, by the flow's name. */
  readonly code: ReadonlyMap<string, string>;
  readonly readEnv: (name: string) => string | undefined;
  /** By start: what its iterations are counted under. */
  readonly subjects: readonly number[];
  readonly steps: Steps;
  readonly rows: Rows;
  /** null: nobody keeps cookies. */
  readonly isPublicSuffix: PublicSuffix | null;
  /** Each visitor has connections of its own. */
  readonly ownConnections: boolean;
  /** All that iterations draw is of this key, which no other worker has. */
  readonly drawKey: DrawKey;
  /** End of the whole schedule: what falls due later belongs to its last window. */
  readonly endUs: number;
  readonly timeline: Timeline;
  readonly clock: RunClock;
  readonly pacer: Pacer;
  readonly pool: Pool;
  readonly recorder: Recorder;
  /** Takes out of a text what must not be stored. */
  readonly hide: Hide;
  /** Requests/s of a plan with code at the most; null: nobody sets a limit. */
  readonly maxRate: number | null;
}

/** Plans with flows, or with requests that are another each time. */
export class ScenarioStarter implements Starter, Source, VisitEvents {
  readonly #setting: ScenarioSetting;
  readonly #agenda = new Agenda<Visit>();
  readonly #open = new Set<Visit>();
  readonly #spare: Visit[] = [];
  /** null: all flows have steps. */
  readonly #code: CodeIterations | null;
  /** null: nobody sets a limit to what code sends, or there is no code. */
  readonly #ceiling: RequestCeiling | null;
  #begun = 0;
  #over = false;

  constructor(setting: ScenarioSetting) {
    this.#setting = setting;
    this.#code = setting.flows.some((flow) => flow?.code)
      ? new CodeIterations({ ...setting, submit: (job) => this.#send(job) }, (session) =>
          this.leave(session),
        )
      : null;
    const { clock, pacer, plan, pool, maxRate } = setting;
    this.#ceiling =
      this.#code && maxRate !== null
        ? new RequestCeiling({
            ...{ perSecond: maxRate, clock, pacer },
            mostSent: (request) => mostSentFor(plan, request),
            submit: (job) => pool.submit(job),
          })
        : null;
  }

  get held(): number {
    return this.#ceiling?.held ?? 0;
  }

  get code(): Manifest['code'] {
    return this.#code?.told;
  }

  get source(): Source {
    return this;
  }

  get nextUs(): number {
    if (this.#over) return Number.POSITIVE_INFINITY;
    const nextUs = this.#agenda.nextUs;
    if (!this.#code) return nextUs;
    return Math.min(nextUs, this.#code.nextUs, this.#ceiling?.nextUs ?? nextUs);
  }

  fire(): void {
    const { clock } = this.#setting;
    this.#ceiling?.fire();
    this.#code?.fire();
    for (let nowUs = clock.nowUs(); this.#agenda.nextUs <= nowUs; nowUs = clock.nowUs()) {
      this.#agenda.take()?.resume();
    }
  }

  welcome(user: number): Session {
    const { clock, isPublicSuffix, ownConnections } = this.#setting;
    return {
      user,
      lane: ownConnections ? new Lane() : null,
      cookies: isPublicSuffix && new CookieJar(isPublicSuffix, () => clock.wallMs()),
    };
  }

  leave({ lane }: Session): void {
    if (lane) this.#setting.pool.leave(lane);
  }

  begin(
    start: number,
    window: number,
    dueUs: number,
    takenUs: number,
    owner: IterationOwner | null,
  ): Job {
    const { flows, subjects, pool, recorder, rows, drawKey } = this.#setting;
    const ordinal = this.#begun++;
    const flow = flows[start]!;
    const subject = subjects[start]!;
    const job = pool.spare();
    if (flow === null) {
      job.begin(subject, window, dueUs, takenUs, owner);
      job.visitor = owner?.session ?? null;
      recorder.scheduled(window, subject);
      return job;
    }
    if (flow.code) {
      const session = owner?.session ?? this.welcome(-1);
      const into: (readonly string[] | null)[] = [];
      rows.deal(start, session.user, into);
      return this.#code!.begin({
        ...{ flow, job, ordinal, window, dueUs, takenUs, owner, session, rows: into },
      });
    }
    const visit = this.#spare.pop() ?? new Visit(this);
    const session = owner?.session ?? this.welcome(-1);
    visit.begin(flow, drawKey, ordinal, window, dueUs, owner, session);
    rows.deal(start, session.user, visit.rows);
    this.#open.add(visit);
    this.#prepare(job, visit, flow.first, window, dueUs, takenUs);
    if (flow.single) {
      recorder.scheduled(window, subject);
    } else {
      recorder.flowScheduled(window, subject);
      recorder.requestScheduled(window, flow.first);
    }
    return job;
  }

  submit(job: Job): void {
    const { owner } = job;
    if (owner instanceof CodeVisit) {
      owner.start();
      return;
    }
    if (owner instanceof Visit) {
      try {
        job.template = this.#setting.steps.made(job.request, owner);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        owner.unsendable = true;
        // A turn later: whoever begins the next one at once must not keep others waiting.
        setImmediate(() => this.#unsendable(job, owner, error));
        return;
      }
    }
    this.#send(job);
  }

  cut(job: Job, by: 'deadline' | 'stop'): void {
    this.#code?.unbegun(job);
    recordCut(this.#setting.recorder, job, by);
    this.#settle(job);
  }

  dropped(job: Job, cause: 'generator' | 'target'): void {
    this.#code?.unbegun(job);
    recordDropped(this.#setting.recorder, job, cause);
    this.#settle(job);
  }

  giveUp(by: 'deadline' | 'stop'): void {
    this.#over = true;
    const { clock, recorder } = this.#setting;
    const nowUs = clock.nowUs();
    this.#ceiling?.giveUp((job) => {
      job.endUs = nowUs;
      if (by === 'stop') recordCut(recorder, job, by);
      else recordDropped(recorder, job, 'generator');
    });
    this.#code?.giveUp(by);
    const cut: Outcome = by === 'stop' ? 'cutStop' : 'cutDeadline';
    for (const visit of this.#open) {
      // The pool knows nothing of a request that cannot be sent.
      if (visit.unsendable && visit.job) recordCut(recorder, visit.job, by);
      // One whose first request was never sent was not begun.
      const outcome = visit.atFirst ? visit.job?.outcome : null;
      visit.end(outcome ?? cut, nowUs);
    }
  }

  // What visits tell.

  due(visit: Visit, request: number, dueUs: number): void {
    if (this.#over) return;
    const { clock, endUs, pool, recorder, timeline } = this.#setting;
    const window = timeline.windowAt(Math.min(dueUs, endUs - 1));
    const job = pool.spare();
    this.#prepare(job, visit, request, window, dueUs, clock.nowUs());
    recorder.requestScheduled(window, request);
    this.submit(job);
  }

  pause(visit: Visit, untilUs: number): void {
    this.#agenda.add(untilUs, visit);
    this.#setting.pacer.moved(untilUs);
  }

  over(visit: Visit, outcome: Outcome): void {
    const { flow, window, owner, dueUs, endUs, session } = visit;
    this.#open.delete(visit);
    if (!flow.single) {
      this.#setting.recorder.flowEnded(window, flow.subject, outcome, endUs - dueUs);
    }
    visit.job = null;
    visit.owner = null;
    if (this.#over) return;
    if (owner === null) this.leave(session);
    this.#spare.push(visit);
    owner?.ended({ endUs });
  }

  nowMs(): number {
    return this.#setting.clock.wallMs();
  }

  #send(job: Job): void {
    if (this.#ceiling) this.#ceiling.submit(job);
    else this.#setting.pool.submit(job);
  }

  #prepare(
    job: Job,
    visit: Visit,
    request: number,
    window: number,
    dueUs: number,
    takenUs: number,
  ): void {
    job.begin(request, window, dueUs, takenUs, visit);
    job.visitor = visit.session;
    job.step = !visit.flow.single;
    visit.job = job;
  }

  #unsendable(job: Job, visit: Visit, failure: Failure): void {
    if (this.#over || visit.job !== job) return;
    const { clock, hide, recorder } = this.#setting;
    visit.unsendable = false;
    job.endUs = clock.nowUs();
    recordFailure(recorder, job, failure, hide);
    visit.ended(job);
  }

  #settle(job: Job): void {
    const { owner } = job;
    if (owner instanceof Visit || owner instanceof CodeVisit)
      owner.end(job.outcome ?? 'cutStop', job.endUs);
  }
}
