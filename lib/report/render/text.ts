import type { Report } from '../report-schema.js';
import { breakdownText } from './breakdown-text.js';
import { costText } from './cost-text.js';
import { DistributionCells } from './distribution-cells.js';
import { accountsText, errorsText, findingsText, methodText } from './ending-text.js';
import { headlineSlice, headlineText, phasesText } from './headline-text.js';
import { Sheet } from './sheet.js';
import { verdictText } from './verdict-text.js';

export interface TextOptions {
  /** Columns; no line is wider. */
  readonly width: number;
  readonly color: boolean;
  /** Where the run is kept, for the last line. */
  readonly kept?: string;
}

/**
 * The report for a terminal or a log, most important first: a reader may stop after any section.
 * Everything that came from the target is stripped of what a terminal would obey.
 */
export function renderText(report: Report, options: TextOptions): string {
  const sheet = new Sheet(options.width, options.color);
  const cells = new DistributionCells(sheet);
  verdictText(sheet, report);
  const headline = headlineSlice(report);
  if (headline !== undefined && report.run.startedAt !== null) {
    headlineText(sheet, report, headline, cells);
    phasesText(sheet, report, headline, cells);
    breakdownText(sheet, report, cells);
  }
  // Of a run that never began nothing can be missing.
  if (report.run.startedAt !== null) {
    errorsText(sheet, report);
    accountsText(sheet, report);
  }
  findingsText(sheet, report);
  costText(sheet, report);
  methodText(sheet, report, options.kept ?? null);
  return sheet.toString();
}
