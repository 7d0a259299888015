import type { Report } from '../report-schema.js';

/** `report.json` as it is kept and printed. */
export function renderJson(report: Report): string {
  return `${jsonText(report, 2)}\n`;
}

// What a terminal or a CI server would obey, and JSON leaves as it is; all of it stands in strings.
const OBEYED =
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]|#(?=#\w*\[)/g;

/** JSON that may be shown: the same data, with all that hides or steers written as `\uXXXX`. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(OBEYED, escaped);
}

function escaped(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    out += `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return out;
}
