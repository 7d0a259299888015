import type { Report } from '../report-schema.js';

/** `report.json` as it is kept and printed. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
