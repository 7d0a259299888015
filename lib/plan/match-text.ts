import { TextMistake } from './diagnostics.js';
import type { Match } from './plan.js';

const FLAGS = 'ismu';

/** Text is contained; between slashes stands a regular expression. Throws a TextMistake. */
export function parseMatch(text: string): Match {
  return parseRegex(text) ?? { kind: 'contains', text };
}

/** What stands between slashes; null: it does not. Throws a TextMistake. */
export function parseRegex(text: string): Extract<Match, { kind: 'regex' }> | null {
  // Letters after the last slash that are no flags of any kind make it a path, thus text.
  const [, source, flags = ''] = /^\/(.+)\/([dgimsuvy]*)$/s.exec(text) ?? [];
  if (source === undefined) return null;
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
