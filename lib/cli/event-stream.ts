import type { FrozenPlan } from '../plan/frozen-plan.js';
import { jsonText } from '../report/render/json.js';
import type { Report } from '../report/report-schema.js';
import type { LiveCheck, LiveFigures, Progress } from '../store/progress.js';
import { print, type Terminal } from './terminal/terminal.js';

const SCHEMA = 'isochrone.event/1';

/**
 * A run as events on stdout, one JSON object a line: `started`, `progress` about once a second,
 * and `ended` with the whole report. Without `ended` there is no verdict. Times are in ms, as in
 * the report.
 */
export class EventStream {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  started(frozen: FrozenPlan, kept: string): void {
    const { run, plan, label, createdAtMs, durationUs, stages, regions, seed } = frozen;
    this.#tell('started', createdAtMs, run, {
      name: plan.name,
      label,
      target: plan.target,
      kept,
      seed,
      seconds: durationUs / 1e6,
      stages: stages.map(({ title, warmup, startUs, endUs }) => ({
        title,
        warmup,
        seconds: (endUs - startUs) / 1e6,
      })),
      regions: regions.map(({ name, workers }) => ({ region: name, workers })),
    });
  }

  progress(progress: Progress): void {
    const { run, toldAtMs, phase, elapsedUs, durationUs, stage, stopping, validity } = progress;
    this.#tell('progress', toldAtMs, run, {
      phase,
      // Before the run has a start instant there is nothing to count from.
      elapsedSeconds: elapsedUs === -1 ? null : elapsedUs / 1e6,
      seconds: durationUs / 1e6,
      stage,
      stopping,
      validity: { level: validity.level, checks: validity.checks.map(checked) },
      ...figures(progress),
      ...(progress.cost && { cost: progress.cost }),
      regions: progress.regions.map((region) => ({ region: region.region, ...figures(region) })),
    });
  }

  ended(report: Report): void {
    const { id, endedAt } = report.run;
    this.#tell('ended', Date.parse(endedAt), id, {
      exitCode: report.verdict.exitCode,
      report,
    });
  }

  #tell(event: string, atMs: number, run: string, what: object): void {
    const at = new Date(atMs).toISOString();
    print(this.#terminal, jsonText({ schema: SCHEMA, event, at, run, ...what }));
  }
}

function checked({ untilUs, ...check }: LiveCheck) {
  return { ...check, untilSeconds: untilUs === null ? null : untilUs / 1e6 };
}

function figures(live: LiveFigures) {
  const { scheduled, ended, failed } = live;
  return {
    workers: live.workers,
    requests: { scheduled, ended, failed },
    knownToSeconds: live.knownToUs / 1e6,
    rate: { asked: live.rateAsked, achieved: live.rateAchieved },
    errorRate: live.errorShare,
    latency: { count: live.answers, p50: ms(live.p50Us), p99: ms(live.p99Us) },
  };
}

function ms(us: number | null): number | null {
  return us === null ? null : us / 1000;
}
