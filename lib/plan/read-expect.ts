import { TextMistake } from './diagnostics.js';
import type { Mistakes } from './mistakes.js';
import type { Path } from './places.js';
import type { Expect, Match } from './plan.js';
import type { WrittenExpect } from './request-schema.js';

type StatusRange = readonly [number, number];

/** What makes an answer good. */
export function readExpect(written: WrittenExpect, path: Path, mistakes: Mistakes): Expect {
  const { status, header = {}, body = [] } = written;
  const bodyPath = [...path, 'body'];
  const bodies = Array.isArray(body)
    ? body.map((text, i) => readMatch(text, [...bodyPath, i], mistakes))
    : [readMatch(body, bodyPath, mistakes)];
  return {
    status: status === undefined ? null : [status].flat().map(statusRange),
    headers: Object.entries(header).flatMap(([name, text]) => {
      const value = readMatch(text, [...path, 'header', name], mistakes);
      return value ? [{ name, value }] : [];
    }),
    body: bodies.filter((match) => match !== null),
  };

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

function readMatch(text: string, path: Path, mistakes: Mistakes): Match | null {
  try {
    return parseMatch(text);
  } catch (error) {
    if (!(error instanceof TextMistake)) throw error;
    mistakes.addText(path, error);
    return null;
  }
}

const FLAGS = 'ismu';

/** Text is contained; between slashes stands a regular expression. */
function parseMatch(text: string): Match {
  // Letters after the last slash that are no flags of any kind make it a path, thus text.
  const [, source, flags = ''] = /^\/(.+)\/([dgimsuvy]*)$/s.exec(text) ?? [];
  if (source === undefined) return { kind: 'contains', text };
  const wrong = [...flags].findIndex((flag, i) => !FLAGS.includes(flag) || flags.indexOf(flag) < i);
  if (wrong >= 0) {
    const start = source.length + 2 + wrong;
    throw new TextMistake(
      `a regular expression takes no flag '${flags[wrong]}' here`,
      start,
      1,
      `the flags are ${[...FLAGS].join(', ')}, each once`,
    );
  }
  try {
    new RegExp(source, flags);
  } catch (error) {
    const reason = (error as Error).message.replace(/^.*: /, '').toLowerCase();
    throw new TextMistake(`this is no regular expression: ${reason}`, 0, text.length);
  }
  return { kind: 'regex', source, flags };
}
