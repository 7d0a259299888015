import { UnavailableError } from '../errors.js';
import { encodeFragment } from '../measure/fragment.js';
import { buildReport } from '../report/build-report.js';
import { renderJson } from '../report/render/json.js';
import { renderText } from '../report/render/text.js';
import type { Report } from '../report/report-schema.js';
import type { RunEnd } from '../store/control.js';
import { type RunFiles, runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { collectRun } from './collect.js';
import { isLost, lastSeenMs } from './last-sign.js';
import type { Meter } from './meter.js';
import { writeState } from './orchestrate.js';
import { spendingOf } from './spending.js';

const REPORT = 'report.json';
/** The report as a page for a browser. */
export const REPORT_PAGE = 'report.html';

interface ConcludeOptions {
  /** Where the report is kept, if the run's own store may only be read. */
  readonly into?: RunFiles;
  /** null: nobody charges for it. */
  readonly meter?: Meter | null;
  /** Its orchestrator waits until the report is there. */
  readonly awaited?: boolean;
}

/**
 * Merges what a run measured, judges it, and keeps the report beside the histograms behind it:
 * in its own store, or in another where that one may only be read.
 */
export async function concludeRun(
  files: RunFiles,
  end: RunEnd,
  endedAtMs: number,
  { into = files, meter = null, awaited = false }: ConcludeOptions = {},
): Promise<Report> {
  const [frozen, control, state] = await Promise.all([
    files.plan.read(),
    files.control.read(),
    files.state.read(),
  ]);
  if (!frozen || !control) {
    throw new UnavailableError(`${files.address} holds no plan.json or no control.json`);
  }
  const { record, regions, merges } = await collectRun(files, frozen, control, end, endedAtMs);
  const spending = spendingOf(frozen, state?.spent ?? null, {
    merges,
    own: meter?.read() ?? null,
    awaited,
    nowMs: endedAtMs,
  });
  const report = buildReport({ ...record, ...(spending && { spending }) }, regions);
  if (into !== files) {
    await into.plan.create(frozen);
    await into.control.create(control);
  }
  for (const content of regions) {
    await into.merged.write(`${content.region}.frag`, encodeFragment(content));
  }
  await into.report.write(REPORT, renderJson(report));
  await into.report.write('report.txt', renderText(report, { width: 100, color: false }));
  // Loaded only where a page is made: charts, fonts and a map are a tenth of what a start costs.
  const { renderHtml } = await import('../report/html/html.js');
  await into.report.write(REPORT_PAGE, renderHtml(report));
  const { status, exitCode } = report.verdict;
  await writeState(into, frozen, {
    phase: 'ended',
    end,
    endedAtMs,
    verdict: { status, exitCode },
  });
  return report;
}

/**
 * The report of a run: the one in its store, or one merged now from whatever it left. One that was
 * led in the cloud is merged there: only when that will never be done it is here, into `own`.
 */
export async function loadReport(
  store: Store,
  run: string,
  nowMs = Date.now(),
  own: Store = store,
): Promise<Report> {
  const files = runFiles(store, run);
  const kept = await files.report.read(REPORT);
  if (kept) return parseReport(kept, files.report.address(REPORT));
  const [state, frozen] = await Promise.all([files.state.read(), files.plan.read()]);
  if (!state) throw new UnavailableError(`there is no run ${run} in ${store.address}`);
  const inCloud = frozen?.where === 'aws';
  if (state.end && !inCloud) return concludeRun(files, state.end, state.endedAtMs ?? nowMs);
  if (!(await isLost(files, state, nowMs))) {
    const how = state.end ? 'being merged' : 'running';
    throw new UnavailableError(`${run} is still ${how}: its report comes when it ends`);
  }
  const cause = 'its orchestrator vanished before the run had ended';
  const end = state.end ?? ({ kind: 'broken', cause } as const);
  const into = inCloud ? runFiles(own, run) : files;
  return concludeRun(files, end, await lastSeenMs(files, state), { into });
}

export function parseReport(bytes: Uint8Array, where: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw new UnavailableError(`${where} is not JSON: ${(error as Error).message}`);
  }
  const schema =
    typeof value === 'object' && value !== null && 'schema' in value ? value.schema : '';
  if (schema !== 'isochrone.report/1') {
    throw new UnavailableError(
      `${where} is not an isochrone.report/1 but ${JSON.stringify(schema)}`,
    );
  }
  return value as Report;
}
