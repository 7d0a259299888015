import { parseJsonTest, parseSizeLimit, parseTimeLimit } from './condition-text.js';
import { TextMistake } from './diagnostics.js';
import { checkJsonPath } from './json-path.js';
import { parseMatch } from './match-text.js';
import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import type { Expect, JsonExpect } from './plan.js';
import type { WrittenExpect } from './request-schema.js';

type StatusRange = readonly [number, number];
type JsonValue = NonNullable<WrittenExpect['json']>[string];

/** What makes an answer good. */
export function readExpect(written: WrittenExpect, path: Path, mistakes: Mistakes): Expect {
  const { status, header = {}, body = [], json, size, time } = written;
  const bodyPath = [...path, 'body'];
  const bodies = Array.isArray(body)
    ? body.map((text, i) => mistakes.attempt(() => parseMatch(text), [...bodyPath, i]))
    : [mistakes.attempt(() => parseMatch(body), bodyPath)];
  const sizes =
    size === undefined ? null : mistakes.attempt(() => parseSizeLimit(size), [...path, 'size']);
  const timeUs =
    time === undefined ? null : mistakes.attempt(() => parseTimeLimit(time), [...path, 'time']);
  return {
    status: status === undefined ? null : [status].flat().map(statusRange),
    headers: Object.entries(header).flatMap(([name, text]) => {
      const value = mistakes.attempt(() => parseMatch(text), [...path, 'header', name]);
      return value ? [{ name, value }] : [];
    }),
    body: bodies.filter((match) => match !== null),
    ...(json && { json: Object.entries(json).flatMap(readJson) }),
    ...(sizes && { size: sizes }),
    ...(timeUs !== null && { timeUs }),
  };

  function readJson([jsonPath, value]: [string, JsonValue]): JsonExpect | [] {
    const here = [...path, 'json', jsonPath];
    try {
      checkJsonPath(jsonPath);
    } catch (error) {
      if (!(error instanceof TextMistake)) throw error;
      mistakes.add(here, error.message, { part: 'key', help: error.help });
      return [];
    }
    const test = mistakes.attempt(() => parseJsonTest(value), here);
    return test ? { path: jsonPath, test } : [];
  }

  function statusRange(one: number | string): StatusRange {
    if (typeof one === 'number') return [one, one];
    if (one.endsWith('xx')) return [Number(one[0]) * 100, Number(one[0]) * 100 + 99];
    const [from = 0, to = 0] = one.split('..').map(Number);
    if (from > to) {
      mistakes.add([...path, 'status'], `'${one}' is a range from high to low`, {
        help: `write ${to}..${from}`,
      });
    }
    return [from, to];
  }
}
