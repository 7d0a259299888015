import type { Report } from '../report-schema.js';
import { regionsText, requestsText, stagesText } from './breakdown-text.js';
import { checksText } from './checks-text.js';
import { costText } from './cost-text.js';
import { distanceText, firstVisitsText } from './distance-text.js';
import { DistributionCells } from './distribution-cells.js';
import { accountsText, errorsText, findingsText, methodText } from './ending-text.js';
import { flowsText } from './flows-text.js';
import { headlineSlice, headlineText, phasesText } from './headline-text.js';
import { Sheet } from './sheet.js';
import { timeText } from './time-text.js';
import { verdictText } from './verdict-text.js';
import { workersText } from './workers-text.js';

export interface TextOptions {
  /** Columns; no line is wider. */
  readonly width: number;
  readonly color: boolean;
  /** Where the run is kept, for the last lines. */
  readonly kept?: string;
  /** Where in it the page for a browser is. */
  readonly page?: string;
}

/**
 * The report for a terminal or a log, most important first: a reader may stop after any section.
 * Everything that came from the target is stripped of what a terminal would obey.
 */
export function renderText(report: Report, { width, color, kept, page }: TextOptions): string {
  const sheet = new Sheet(width, color);
  const cells = new DistributionCells(sheet);
  const headline = headlineSlice(report);
  // Of a run that never began nothing was measured, and nothing can be missing.
  const began = report.run.startedAt !== null;
  verdictText(sheet, report);
  if (headline !== undefined && began) headlineText(sheet, report, headline, cells);
  findingsText(sheet, report);
  if (headline !== undefined && began) {
    distanceText(sheet, report, cells);
    firstVisitsText(sheet, report);
    phasesText(sheet, report, headline, cells);
    timeText(sheet, report);
    regionsText(sheet, report, cells);
    flowsText(sheet, report, cells);
    requestsText(sheet, report, cells);
    stagesText(sheet, report, cells);
  }
  if (began) {
    errorsText(sheet, report);
    checksText(sheet, report);
    accountsText(sheet, report);
  }
  workersText(sheet, report);
  costText(sheet, report);
  methodText(sheet, report, { kept, page });
  return sheet.toString();
}
