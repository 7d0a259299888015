import { access, appendFile, constants, readFile, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { UnavailableError, UsageError } from '../errors.js';
import { objectiveLines } from '../plan/objective-lines.js';
import { annotations, type SourceLine } from '../report/render/annotations.js';
import { renderMarkdown } from '../report/render/markdown.js';
import type { Report } from '../report/report-schema.js';
import type { PlanOptions } from './plan-options.js';
import { planFileOf } from './plan-source.js';
import { say, type Terminal } from './terminal/terminal.js';

/** What GitHub takes of one step; longer ones it drops as a whole. */
const SUMMARY_BYTES = 1024 * 1024;

/** Where objectives stand in the repository, by their text. */
export type ObjectivePlaces = (objective: string) => SourceLine | null;

/** Refuses to report to a job where there is none. */
export function checkGithub({ env }: Terminal): void {
  summaryPath(env);
}

/** Finds out before the load that the summary can be written. */
export async function probeGithub({ env }: Terminal): Promise<void> {
  const path = summaryPath(env);
  try {
    await access(path, constants.W_OK);
  } catch (error) {
    throw new UnavailableError(
      `cannot write ${path}, which GITHUB_STEP_SUMMARY names: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/**
 * Adds the report to the summary of a job on GitHub, and annotates what did not hold. Annotations
 * go to stderr, which the runner reads as well: stdout carries the result.
 */
export async function tellGithub(
  report: Report,
  terminal: Terminal,
  places: ObjectivePlaces = () => null,
): Promise<void> {
  const path = summaryPath(terminal.env);
  const there = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  const summary = renderMarkdown(report, SUMMARY_BYTES - there);
  if (summary === '') say(terminal, `note: the summary of this step is full: ${path}`);
  try {
    await appendFile(path, summary);
  } catch (error) {
    throw new UnavailableError(`cannot write ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  for (const line of annotations(report, places)) terminal.stderr.write(`${line}\n`);
}

/** Where the objectives stand, if somebody wants to know who reads the repository. */
export async function objectivePlaces(
  argument: string | undefined,
  options: PlanOptions & { readonly github?: true },
  terminal: Terminal,
): Promise<ObjectivePlaces | undefined> {
  const file = options.github ? planFileOf(argument, options) : null;
  return file === null ? undefined : placesIn(file, terminal);
}

/** Where a plan file makes its promises; the command has read it already, so it can be read. */
export async function placesIn(file: string, { env }: Terminal): Promise<ObjectivePlaces> {
  const lines = objectiveLines({ text: await readFile(file, 'utf8'), file });
  const root = env.GITHUB_WORKSPACE ?? '.';
  const path = relative(root, resolve(file)).split(sep).join('/');
  return (objective) => {
    const line = lines.get(objective);
    return line === undefined ? null : { file: path, line };
  };
}

function summaryPath(env: Terminal['env']): string {
  const path = env.GITHUB_STEP_SUMMARY;
  if (path) return path;
  throw new UsageError(
    '--github belongs into a job of GitHub Actions, which sets GITHUB_STEP_SUMMARY; elsewhere write --out markdown=report.md',
  );
}
