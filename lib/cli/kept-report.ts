import { readFile } from 'node:fs/promises';
import { UnavailableError } from '../errors.js';
import { type Report, reportSchema } from '../report/report-schema.js';
import { parseReport } from '../run/conclude.js';

/** A report.json that somebody names: whatever made it, only a whole one is shown. */
export async function readReportFile(path: string): Promise<Report> {
  return wholeReport(parseReport(await readFile(path), path), path);
}

/** Throws where something is missing that every report of this version has. */
export function wholeReport(report: Report, where: string): Report {
  const { error } = reportSchema.safeParse(report);
  const missing = error?.issues.find(({ path }) => at(report, path) === undefined);
  if (!missing) return report;
  throw new UnavailableError(
    [
      `${where} is no report that this version can show: ${missing.path.join('.')} is missing`,
      '  another version of isochrone made it, or it was changed: show it with that version',
    ].join('\n'),
  );
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (within, key) => (within as Readonly<Record<PropertyKey, unknown>> | null)?.[key],
    value,
  );
}
