import { parseJsonTest } from './condition-text.js';
import { TextMistake } from './diagnostics.js';
import type { Capture, Expect, JsonExpect, Match } from './plan.js';
import { formatDuration } from './units.js';

/** What makes an answer good, as a plan file says it. */
export function expectOf({ status, headers, body, json, size, timeUs }: Expect): object {
  const fields = {
    ...(status === null ? {} : { status: oneOrAll(status.map(statusText)) }),
    ...(headers.length === 0
      ? {}
      : { header: Object.fromEntries(headers.map(({ name, value }) => [name, matchText(value)])) }),
    ...(body.length === 0 ? {} : { body: oneOrAll(body.map(matchText)) }),
    ...(json && { json: Object.fromEntries(json.map(({ path, test }) => [path, testOf(test)])) }),
    ...(size && { size: sizeText(size) }),
    ...(timeUs === undefined ? {} : { time: formatDuration(timeUs) }),
  };
  // Whatever comes is good.
  return Object.keys(fields).length === 0 ? { header: {} } : fields;
}

/** Where in an answer a value is: `$.access`, `header location`, `cookie session`, `/id=(\d+)/`. */
export function captureText(capture: Capture): string {
  if (capture.from === 'json') return capture.path;
  if (capture.from === 'header') return `header ${capture.header}`;
  if (capture.from === 'cookie') return `cookie ${capture.cookie}`;
  return regexText(capture);
}

const oneOrAll = <T>(list: readonly T[]): T | readonly T[] => (list.length === 1 ? list[0]! : list);

function statusText([from, to]: readonly [number, number]): number | string {
  if (from === to) return from;
  return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}..${to}`;
}

function matchText(match: Match): string {
  return match.kind === 'contains' ? match.text : regexText(match);
}

const regexText = ({ source, flags }: { readonly source: string; readonly flags: string }) =>
  `/${source}/${flags}`;

function testOf(test: JsonExpect['test']): string | number | boolean | null | object {
  if (test.kind === 'exists') return { exists: test.exists };
  if (test.kind === 'matches') return matchText(test.match);
  const { value } = test;
  if (test.kind === 'compares') return `${test.comparison} ${JSON.stringify(value)}`;
  return typeof value === 'string' && !isItself(value) ? `== ${JSON.stringify(value)}` : value;
}

/** It would not be taken for a comparison, nor for a regular expression. */
function isItself(text: string): boolean {
  try {
    return parseJsonTest(text).kind === 'equals' && !text.startsWith('==');
  } catch (error) {
    if (error instanceof TextMistake) return false;
    throw error;
  }
}

function sizeText({ least, most }: NonNullable<Expect['size']>): number | string {
  if (least === null) return `<= ${most}`;
  if (most === null) return `>= ${least}`;
  return least === most ? least : `${least}..${most}`;
}
