import type { Report } from '../report-schema.js';
import { plain } from './plain.js';
import { acceptance, validityExtent } from './validity-text.js';

/** Where in the repository something was written. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly text: string;
  readonly at: SourceLine | null;
}

/** GitHub shows ten of each kind, of one step. */
const MOST_OF_A_KIND = 10;

/**
 * What a reader of a change should see, as lines that GitHub's runner understands: objectives that
 * did not hold, at the line of the plan that makes them, and why the measurement is not to be
 * trusted.
 */
export function annotations(
  report: Report,
  lineOf: (objective: string) => SourceLine | null = () => null,
): string[] {
  const all = [
    ...runAnnotations(report),
    ...objectiveAnnotations(report, lineOf),
    ...validityAnnotations(report),
    ...findingAnnotations(report),
  ];
  return (['error', 'warning'] as const).flatMap((level) =>
    all
      .filter((one) => one.level === level)
      .slice(0, MOST_OF_A_KIND)
      .map(commandOf),
  );
}

function runAnnotations({ verdict: { status, cause } }: Report): Annotation[] {
  if (status === 'passed' || status === 'failed' || status === 'invalid') return [];
  return [{ level: 'error', title: `The run was ${status}`, text: cause ?? status, at: null }];
}

function objectiveAnnotations(
  { verdict }: Report,
  lineOf: (objective: string) => SourceLine | null,
): Annotation[] {
  return verdict.objectives.flatMap((objective): Annotation[] => {
    const { text, state, sentence } = objective;
    if (state === 'held') return [];
    const title = `Objective ${state}: ${text}`;
    const level = state === 'missed' || state === 'undecided' ? 'error' : 'warning';
    return [{ level, title, text: sentence, at: lineOf(text) }];
  });
}

function validityAnnotations({ verdict }: Report): Annotation[] {
  return verdict.validity.flatMap((check): Annotation[] => {
    if (check.level === 'good') return [];
    const { meaning, remedy } = check;
    return [
      {
        level: check.level === 'invalid' ? 'error' : 'warning',
        title: `Measurement ${check.level}: ${check.check}`,
        text: `${validityExtent(check)}${acceptance(check)}. ${meaning} ${remedy ?? ''}`,
        at: null,
      },
    ];
  });
}

function findingAnnotations({ findings }: Report): Annotation[] {
  return findings
    .filter(({ severity }) => severity === 'serious')
    .map(({ text }) => ({ level: 'warning', title: 'Finding', text, at: null }));
}

function commandOf({ level, title, text, at }: Annotation): string {
  const properties = {
    ...(at && { file: at.file, line: String(at.line) }),
    title,
  };
  const written = Object.entries(properties).map(
    ([name, value]) => `${name}=${propertyText(value)}`,
  );
  return `::${level} ${written.join(',')}::${dataText(text)}`;
}

/** By the rules of the runner: a line break would end the command, a comma the property. */
function dataText(text: string): string {
  return plain(text).replaceAll('%', '%25');
}

function propertyText(text: string): string {
  return dataText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
