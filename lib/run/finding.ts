/** What is looked at, in the order in which it is told. */
export const CHECKS = [
  'credentials',
  'regions',
  'durable functions',
  'bootstrap',
  'deployed',
  'version',
  'limits',
  'concurrency',
  'way out',
] as const;
export type Check = (typeof CHECKS)[number];

/** One thing that is as it should be, is not, or could not be looked at; and what mends it. */
export interface Finding {
  readonly check: Check;
  readonly level: 'good' | 'bad' | 'unknown';
  readonly text: string;
  /** Command lines, or what else to do, in their order. */
  readonly mend: readonly string[];
}

export function good(check: Check, text: string): Finding {
  return { check, level: 'good', text, mend: [] };
}

export function bad(check: Check, text: string, ...mend: readonly string[]): Finding {
  return { check, level: 'bad', text, mend };
}

export function unknown(check: Check, text: string, ...mend: readonly string[]): Finding {
  return { check, level: 'unknown', text, mend };
}
