import { renderCsv } from '../report/render/csv.js';
import { hlogLines } from '../report/render/hlog.js';
import { renderJson } from '../report/render/json.js';
import { renderJunit } from '../report/render/junit.js';
import { renderMarkdown } from '../report/render/markdown.js';
import { renderText, type TextOptions } from '../report/render/text.js';
import type { Report } from '../report/report-schema.js';
import { type MergedFiles, mergedHistograms } from '../run/merged-histograms.js';

export const FORMATS = ['text', 'html', 'markdown', 'json', 'junit', 'csv', 'hlog'] as const;
export type Format = (typeof FORMATS)[number];

/** For a file there is no screen to fit: text is written for a wide page, without colour. */
const FOR_FILES: TextOptions = { width: 100, color: false };

/** A report in one of its formats, in pieces: an .hlog may be longer than a string can be. */
export async function rendered(
  format: Format,
  report: Report,
  merged: MergedFiles,
  look: TextOptions = FOR_FILES,
): Promise<Iterable<string>> {
  switch (format) {
    case 'text':
      return [renderText(report, look)];
    case 'html': {
      const { renderHtml } = await import('../report/html/html.js');
      return [renderHtml(report)];
    }
    case 'markdown':
      return [renderMarkdown(report)];
    case 'json':
      return [renderJson(report)];
    case 'junit':
      return [renderJunit(report)];
    case 'csv':
      return [renderCsv(report)];
    case 'hlog':
      return hlogLines(report, await mergedHistograms(report, merged));
  }
}
