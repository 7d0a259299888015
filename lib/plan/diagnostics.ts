import { closest, distance } from 'fastest-levenshtein';
import { UsageError } from '../errors.js';

/** Where in what the user wrote a mistake lies. */
export interface Place {
  /** `plan.yaml:6:3`, or the flag. */
  readonly where: string;
  /** Counts from 1; null on the command line. */
  readonly line: number | null;
  /** The line itself. */
  readonly text: string;
  /** Index into the line. */
  readonly start: number;
  readonly length: number;
  /** Mistakes are shown in this order. */
  readonly order: number;
}

export interface Diagnostic {
  readonly message: string;
  readonly place: Place | null;
  readonly helps: readonly string[];
}

/** All mistakes of a plan at once, each with its place and what to do about it. */
export class PlanError extends UsageError {
  readonly diagnostics: readonly Diagnostic[];

  /** `title` is what holds the mistakes: `plan.yaml`, `the command line`. */
  constructor(diagnostics: readonly Diagnostic[], title: string) {
    const sorted = [...diagnostics].sort((a, b) => (a.place?.order ?? 0) - (b.place?.order ?? 0));
    const texts = [...new Set(sorted.map(renderDiagnostic))];
    const count = `${texts.length} mistake${texts.length === 1 ? '' : 's'} in ${title}`;
    super([...texts, count].join('\n\n'));
    this.diagnostics = sorted;
  }
}

/** A mistake inside one text, before anyone knows where that text stands. */
export class TextMistake extends Error {
  readonly start: number;
  readonly length: number;
  readonly help: string | undefined;

  constructor(message: string, start: number, length: number, help?: string) {
    super(message);
    this.start = start;
    this.length = length;
    this.help = help;
  }
}

export function renderDiagnostic({ message, place, helps }: Diagnostic): string {
  const number = place?.line?.toString() ?? ' ';
  const margin = ' '.repeat(number.length);
  const lines = [`error: ${printable(message)}`];
  if (place) {
    const { text, start, length } = excerpt(place);
    const indent = text.slice(0, start).replace(/[^\t]/g, ' ');
    lines.push(
      `${margin}--> ${place.where}`,
      `${margin} |`,
      `${number} | ${text}`,
      `${margin} | ${indent}${'^'.repeat(length)}`,
    );
  }
  for (const help of helps) lines.push(`${margin} = help: ${printable(help)}`);
  return lines.join('\n');
}

const LONGEST_LINE = 120;

/** Text of a plan is also in messages; none of it may steer a terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass.
  return text.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, '?');
}

/** The part of a line that is shown: a plan in JSON may be one long line. */
function excerpt({ text, start, length }: Place): { text: string; start: number; length: number } {
  const clean = printable(text);
  const cut = clean.length > LONGEST_LINE && start > LONGEST_LINE / 2 ? start - 40 : 0;
  const head = cut > 0 ? '…' : '';
  const tail = clean.length - cut > LONGEST_LINE ? '…' : '';
  const shown = head + clean.slice(cut, cut + LONGEST_LINE) + tail;
  const at = start - cut + head.length;
  return { text: shown, start: at, length: Math.max(1, Math.min(length, shown.length - at)) };
}

/** The candidate that was probably meant. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (candidates.length === 0) return null;
  const lower = word.toLowerCase();
  const same = candidates.find((candidate) => candidate.toLowerCase() === lower);
  if (same !== undefined) return same;
  const best = closest(word, [...candidates]);
  return distance(word, best) <= Math.max(2, Math.ceil(word.length / 3)) ? best : null;
}

/** "did you mean …?", else the list of what there is, else nothing. */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const best = nearest(word, candidates);
  if (best !== null) return `did you mean '${best}'?`;
  if (candidates.length === 0) return undefined;
  const shown = candidates.slice(0, 12).map((candidate) => `'${candidate}'`);
  return `there ${shown.length === 1 ? 'is' : 'are'} ${shown.join(', ')}${
    candidates.length > shown.length ? ', …' : ''
  }`;
}
