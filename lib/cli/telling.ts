import { UsageError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { Report } from '../report/report-schema.js';
import type { Progress } from '../store/progress.js';
import { EventStream } from './event-stream.js';
import { checkGithub, type ObjectivePlaces, probeGithub, tellGithub } from './github.js';
import { type KeptRun, lookOf } from './kept-run.js';
import { type OutputFile, probeOutputFiles, writeOutputFiles } from './output-files.js';
import { rendered } from './report-formats.js';
import { ProgressView } from './terminal/progress-view.js';
import { pour, type Terminal } from './terminal/terminal.js';

export interface TellingOptions {
  readonly json?: boolean;
  readonly jsonStream?: boolean;
  readonly quiet?: boolean;
  readonly out?: readonly OutputFile[];
  readonly github?: boolean;
  readonly places?: ObjectivePlaces | undefined;
}

/** Refuses what cannot be told together, before anything else is done. */
export function checkTelling(
  { json, jsonStream, github }: TellingOptions,
  terminal: Terminal,
): void {
  if (github) checkGithub(terminal);
  if (!json || !jsonStream) return;
  throw new UsageError('--json and --json-stream both want stdout: choose one of them');
}

/** Finds out before the load that there is a place for the result. */
export async function probeTelling(
  { out = [], github }: TellingOptions,
  terminal: Terminal,
): Promise<void> {
  await probeOutputFiles(out);
  if (github) await probeGithub(terminal);
}

/** Refuses what a run in the background has no place to tell. */
export function checkDetached(
  options: TellingOptions & { readonly detach?: boolean; readonly on?: string },
): void {
  const { detach, json, jsonStream, github, on, out = [] } = options;
  if (!detach) return;
  if (github) {
    throw new UsageError('--github has nobody to report to with --detach: leave one of them out');
  }
  if (json || jsonStream) {
    const flag = json ? '--json' : '--json-stream';
    const instead = json && !on ? 'write --out json=report.json' : 'isochrone watch has it too';
    throw new UsageError(`${flag} has nowhere to print to with --detach: ${instead}`);
  }
  if (on !== undefined && out.length > 0) {
    throw new UsageError(
      '--out has nobody here to write it with --detach --on aws: isochrone watch has it too',
    );
  }
}

/** How a run is told, by whoever leads it or watches it: while it goes on, and at its end. */
export class Telling {
  readonly #terminal: Terminal;
  readonly #options: TellingOptions;
  readonly #kept: KeptRun;
  readonly #view: ProgressView;
  readonly #stream: EventStream | null;

  constructor(terminal: Terminal, options: TellingOptions, kept: KeptRun) {
    const { jsonStream = false, quiet = false } = options;
    this.#terminal = terminal;
    this.#options = options;
    this.#kept = kept;
    // Events that run over the screen leave no place to draw on.
    const onScreen = jsonStream && Boolean(terminal.stdout.isTTY);
    this.#view = new ProgressView(terminal, { quiet: quiet || onScreen });
    this.#stream = jsonStream ? new EventStream(terminal) : null;
  }

  started(frozen: FrozenPlan): void {
    this.#stream?.started(frozen, this.#kept.address);
  }

  progress(progress: Progress): void {
    this.#stream?.progress(progress);
    this.#view.show(progress);
  }

  say(text: string): void {
    this.#view.say(text);
  }

  /** Gives the terminal back as it was; may be called again. */
  leave(): void {
    this.#view.clear();
  }

  /** The result, and the exit code that it stands for. */
  async ended(report: Report): Promise<number> {
    this.leave();
    const { json, out = [], github, places } = this.#options;
    const { merged } = this.#kept;
    if (this.#stream) this.#stream.ended(report);
    else {
      const look = await lookOf(this.#terminal, this.#kept);
      await pour(this.#terminal, await rendered(json ? 'json' : 'text', report, merged, look));
    }
    await writeOutputFiles(report, merged, out);
    if (github) await tellGithub(report, this.#terminal, places);
    return report.verdict.exitCode;
  }
}
