import type { ErrorRow } from '../measure/fragment-content.js';
import { subjectsOf } from '../plan/starts.js';
import type { Evidence } from './evidence.js';
import type { Report } from './report-schema.js';

/** Every way in which requests failed, the most frequent first. */
export function errorList({ measured, record, whole }: Evidence): Report['errors'] {
  const names = subjectsOf(record.frozen.plan);
  const rows = whole.regions.flatMap((region) =>
    (measured.content(region)?.errors ?? []).map((row: ErrorRow) => ({
      class: errorClass(row.code),
      code: row.code,
      message: row.message,
      count: row.count,
      first: row.firstUs / 1e6,
      last: row.lastUs / 1e6,
      region,
      request: names[row.request] ?? `request ${row.request}`,
      sample: row.sample,
    })),
  );
  return rows.sort((a, b) => b.count - a.count || a.first - b.first || a.code - b.code);
}

const EXACT: Readonly<Record<number, string>> = {
  1050: 'timeout',
  1051: 'no connection',
  1221: 'stale connection',
};
const CLASSES: Readonly<Record<number, string>> = {
  10: 'general',
  11: 'dns',
  12: 'tcp',
  13: 'tls',
  14: 'http 4xx',
  15: 'http 5xx',
  16: 'http/2',
  17: 'expectation',
};

/** k6's classes by their hundreds, and ours. */
export function errorClass(code: number): string {
  if (code >= 1230 && code < 1240) return 'protocol';
  return EXACT[code] ?? CLASSES[Math.floor(code / 100)] ?? 'general';
}
