import type { Report } from '../../../lib/report/report-schema.js';
import { shopReport } from './page-reports.js';

/** Markup, quotes, ends of what it might stand in, formulas, escapes and what hides text. */
export const hostile = `</noscript></script></style></title><script>alert(1)</script><img src=x onerror=alert(2)> "'\`&amp;<!-- =HYPERLINK("x") ]]> \u001b[31mred\u001b[0m\u0007\u0000 \u202eright\u2066 \ud800 ::error::no \u{e0041}`;

/** A report in which every text that can come from outside is hostile. */
export function hostileReport(report = shopReport()): Report {
  const renamed = new Map([
    ...report.run.requests.map((name, i) => [name, `${hostile} ${i}`] as const),
    ...(report.run.flows ?? []).map((name, i) => [name, `${hostile} f${i}`] as const),
    ...report.run.stages.map(({ title }, i) => [title, `${hostile} s${i}`] as const),
    ...report.run.regions.slice(0, 3).map((name, i) => [name, `${hostile} r${i}`] as const),
  ]);
  const text = JSON.stringify(report, (key, value) => {
    if (typeof value !== 'string') return value;
    if (
      ['message', 'sample', 'engine', 'node', 'arch', 'cause', 'sentence', 'meaning'].includes(key)
    ) {
      return hostile;
    }
    if (['name', 'label', 'target', 'text', 'plan', 'why', 'remedy', 'address'].includes(key)) {
      return `${hostile} ${renamed.has(value) ? renamed.get(value) : ''}`;
    }
    return renamed.get(value) ?? value;
  });
  const changed = JSON.parse(text) as Report;
  const [first, ...others] = changed.errors;
  return {
    ...changed,
    run: { ...changed.run, label: hostile },
    errors: first ? [{ ...first, sample: hostile, class: hostile }, ...others] : [],
    verdict: { ...changed.verdict, status: 'broken', cause: hostile },
  };
}
