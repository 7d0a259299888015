import { UnavailableError } from '../errors.js';
import { encodeFragment } from '../measure/fragment.js';
import { buildReport } from '../report/build-report.js';
import { renderText } from '../report/render/text.js';
import type { Report } from '../report/report-schema.js';
import type { RunEnd, RunState } from '../store/control.js';
import { type RunFiles, runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { collectRun } from './collect.js';
import { writeState } from './orchestrate.js';

const REPORT = 'report.json';
/** An orchestrator that has said nothing for this long is gone. */
const SILENT_MS = 30_000;

/** Merges what a run measured, judges it, and keeps the report beside the histograms behind it. */
export async function concludeRun(
  files: RunFiles,
  end: RunEnd,
  endedAtMs: number,
): Promise<Report> {
  const [frozen, control] = await Promise.all([files.plan.read(), files.control.read()]);
  if (!frozen || !control) {
    throw new UnavailableError(`${files.address} holds no plan.json or no control.json`);
  }
  const { record, regions } = await collectRun(files, frozen, control, end, endedAtMs);
  const report = buildReport(record, regions);
  for (const content of regions) {
    await files.merged.write(`${content.region}.frag`, encodeFragment(content));
  }
  await files.report.write(REPORT, `${JSON.stringify(report, null, 2)}\n`);
  await files.report.write('report.txt', renderText(report, { width: 100, color: false }));
  const { status, exitCode } = report.verdict;
  await writeState(files, frozen, {
    phase: 'ended',
    end,
    endedAtMs,
    verdict: { status, exitCode },
  });
  return report;
}

/** The report of a run: the one in its store, or one merged now from whatever it left. */
export async function loadReport(store: Store, run: string, nowMs = Date.now()): Promise<Report> {
  const files = runFiles(store, run);
  const kept = await files.report.read(REPORT);
  if (kept) return parseReport(kept, files.report.address(REPORT));
  const state = await files.state.read();
  if (!state) throw new UnavailableError(`there is no run ${run} in ${store.address}`);
  if (state.end) return concludeRun(files, state.end, state.endedAtMs ?? nowMs);
  const seenAtMs = await lastSeenMs(files, state);
  if (!isSilent(seenAtMs, nowMs)) {
    throw new UnavailableError(`${run} is still running: its report comes when it ends`);
  }
  const cause = 'its orchestrator vanished before the run had ended';
  return concludeRun(files, { kind: 'broken', cause }, seenAtMs);
}

/** Whether an orchestrator that was last seen then is to be taken for gone. */
export function isSilent(seenAtMs: number, nowMs: number): boolean {
  return nowMs - seenAtMs >= SILENT_MS;
}

/** When the orchestrator last said how far it was; it does so every second. */
export async function lastSeenMs(files: RunFiles, state: RunState): Promise<number> {
  return (await files.progress.read())?.toldAtMs ?? state.createdAtMs;
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
