import { subjectsOf } from '../plan/starts.js';
import type { Evidence } from './evidence.js';
import type { Report } from './report-schema.js';

/** What the plan expects of answers, one thing after the other, and how often it held. */
export function checks({ measured, record, schedule }: Evidence): Report['checks'] {
  const names = subjectsOf(record.frozen.plan);
  const sums = new Map<string, Report['checks'][number]>();
  for (const region of schedule.regions) {
    for (const { request, text, passed, failed } of measured.content(region)?.checks ?? []) {
      const key = `${request} ${text}`;
      const sum = sums.get(key) ?? { request: names[request]!, text, passed: 0, failed: 0 };
      sums.set(key, { ...sum, passed: sum.passed + passed, failed: sum.failed + failed });
    }
  }
  const place = (one: Report['checks'][number]) => names.indexOf(one.request);
  return [...sums.values()].sort(
    (a, b) => place(a) - place(b) || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0),
  );
}
