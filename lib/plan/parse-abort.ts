import { TextMistake } from './diagnostics.js';
import type { Measure, Metric, Objective } from './objective.js';
import {
  mistake,
  type ObjectiveScope,
  parseCondition,
  type Token,
  wordsOf,
} from './parse-objective.js';
import type { AbortRule } from './plan.js';
import { parseDurationUs } from './units.js';

/** The times that workers tell of window by window while they run, over all requests together. */
const TOLD: readonly Metric[] = ['latency', 'service'];
const LIVE = 'errors, rate, and the times latency and service';

/**
 * Reads `errors > 50% over 10s`: an objective's grammar without `during`, and `over DURATION`.
 * What workers do not tell while a run goes on is refused by name. Throws a TextMistake that
 * points at the word.
 */
export function parseAbort(text: string, scope: ObjectiveScope): AbortRule {
  const words = wordsOf(text);
  const during = find(words, 'during');
  if (during) {
    throw mistake(
      during,
      'an abort rule looks back from now, whatever the stage',
      'leave out `during`; warm-up counts too',
    );
  }
  const { overUs, blanked } = takeOver(text, words);
  const condition = parseCondition(blanked, scope, 'abort rule');
  refuseWhatIsNotTold(condition, words);
  return { condition: { ...condition, text: text.trim() }, overUs };
}

/** The duration, and the text with blanks in its place: every other word stands where it stood. */
function takeOver(
  text: string,
  words: readonly Token[],
): { readonly overUs: number; readonly blanked: string } {
  const over = find(words, 'over');
  if (!over) {
    const end = text.trimEnd().length;
    const start = words.at(-1)?.start ?? 0;
    throw new TextMistake(
      'an abort rule says over how long it looks back',
      start,
      end - start,
      'for example over 10s',
    );
  }
  const length = words[words.indexOf(over) + 1] ?? over;
  const overUs = length === over || length.quoted ? null : parseDurationUs(length.text);
  if (overUs === null || overUs === 0) {
    throw mistake(
      length,
      "'over' is followed by a duration like 10s",
      /^\d+$/.test(length.text) ? `give it a unit: ${length.text}s` : undefined,
    );
  }
  const end = length.start + length.length;
  const blanks = ' '.repeat(end - over.start);
  return { overUs, blanked: text.slice(0, over.start) + blanks + text.slice(end) };
}

function refuseWhatIsNotTold(
  { among, measure, request }: Objective,
  words: readonly Token[],
): void {
  if (measure.kind === 'errors' || measure.kind === 'rate') return;
  const { metric } = measure;
  const help = `abort rules know ${LIVE}`;
  if (!TOLD.includes(metric)) {
    throw mistake(find(words, metric)!, `${metric} is not told while a run goes on`, help);
  }
  if (among === 'failed') {
    throw mistake(
      find(words, 'failed')!,
      'how long failures took is not told while a run goes on',
      'write errors > 50%',
    );
  }
  if (request !== null) {
    throw mistake(
      find(words, 'of')!,
      `the ${nounOf(measure)} of one request is not told while a run goes on`,
      'leave out `of`, or use errors or rate, which go with it',
    );
  }
}

function nounOf(measure: Extract<Measure, { metric: Metric }>): string {
  const statistic = measure.kind === 'percentile' ? `p${measure.hundredths / 100}` : measure.kind;
  return `${statistic} ${measure.metric}`;
}

function find(words: readonly Token[], word: string): Token | undefined {
  return words.find(({ text, quoted }) => !quoted && text === word);
}
