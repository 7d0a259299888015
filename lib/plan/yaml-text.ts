/** YAML for plain data, written so that it reads back as the same. */

/** Text that is nothing but itself: no number, no date, no word of YAML's own. */
const PLAIN = /^(?!(?:true|false|null|yes|no|on|off)$)[A-Za-z/][\w/.-]*(?: [\w/.<>=%?&-]+)*$/i;
/** What a plan says with a digit first: durations, rates, parts, ranges, classes of status. */
const QUANTITY = /^(?:(?:\d+(?:\.\d+)?(?:ms|s|m|h))+|\d[\d.]*\/s|\d[\d.]*%|\d+\.\.\d+|[1-5]xx)$/;
const JSON_PATH = /^\$(?:\.[A-Za-z_]\w*)*$/;

export function scalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  if (PLAIN.test(value) || QUANTITY.test(value) || JSON_PATH.test(value)) return value;
  return JSON.stringify(value);
}

/** On one line: `{ rate: 50/s, for: 10s }`. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object' || value === null)
    return scalar(value as string | number | boolean | null);
  const fields = Object.entries(value).map(([key, one]) => `${scalar(key)}: ${flow(one)}`);
  return `{ ${fields.join(', ')} }`;
}
