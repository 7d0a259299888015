import { UsageError } from '../errors.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { renderJson } from '../report/render/json.js';
import { renderText } from '../report/render/text.js';
import type { Report } from '../report/report-schema.js';
import type { Progress } from '../store/progress.js';
import { EventStream } from './event-stream.js';
import { type OutputFile, writeOutputFiles } from './output-files.js';
import { ProgressView } from './terminal/progress-view.js';
import { hasColor, print, type Terminal, widthOf } from './terminal/terminal.js';

export interface TellingOptions {
  readonly json?: boolean;
  readonly jsonStream?: boolean;
  readonly quiet?: boolean;
  readonly out?: readonly OutputFile[];
}

/** Refuses what cannot be told together, before anything else is done. */
export function checkTelling({ json, jsonStream }: TellingOptions): void {
  if (!json || !jsonStream) return;
  throw new UsageError('--json and --json-stream both want stdout: choose one of them');
}

/** Refuses what a run in the background has no place to tell. */
export function checkDetached(
  options: TellingOptions & { readonly detach?: boolean; readonly on?: string },
): void {
  const { detach, json, jsonStream, on, out = [] } = options;
  if (!detach) return;
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
  readonly #kept: string;
  readonly #view: ProgressView;
  readonly #stream: EventStream | null;

  /** `kept` says where the run is kept, for people. */
  constructor(terminal: Terminal, options: TellingOptions, kept: string) {
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
    this.#stream?.started(frozen, this.#kept);
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
    const { stdout } = this.#terminal;
    const { json, out = [] } = this.#options;
    if (this.#stream) this.#stream.ended(report);
    else if (json) print(this.#terminal, renderJson(report));
    else {
      const look = { width: widthOf(stdout), color: hasColor(stdout), kept: this.#kept };
      print(this.#terminal, renderText(report, look));
    }
    await writeOutputFiles(report, out);
    return report.verdict.exitCode;
  }
}
