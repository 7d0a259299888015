import type { ObjectiveVerdict, Report, ValidityVerdict } from '../report-schema.js';
import { plain } from './plain.js';
import { renderText } from './text.js';
import { validityExtent } from './validity-text.js';
import { element, xmlText } from './xml.js';

/** What one thing that was put to the test came to. */
interface TestCase {
  readonly classname: string;
  readonly name: string;
  /** null: it passed. */
  readonly outcome: Outcome | null;
  readonly seconds: number;
}

interface Outcome {
  /** A promise that was broken; that nobody knows; that there was no need to know. */
  readonly kind: 'failure' | 'error' | 'skipped';
  readonly type: string;
  readonly message: string;
}

/**
 * The verdict as JUnit XML, for what collects test results: each objective, for each region that it
 * is about, is a test, and so is each check of the measurement. The names of tests are those of the
 * plan, so that they can be followed from run to run.
 */
export function renderJunit(report: Report): string {
  const name = plain(report.run.name) || 'isochrone';
  const suites = [
    { name: 'objectives', cases: objectiveCases(report, `${name}.objectives`) },
    { name: 'measurement', cases: measurementCases(report, `${name}.measurement`) },
  ].filter(({ cases }) => cases.length > 0);
  const written = suites.map((suite, id) =>
    suiteElement(report, name, { ...suite, id, last: id === suites.length - 1 }),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', {}, '\n', ...written)}\n`;
}

interface Suite {
  readonly id: number;
  readonly name: string;
  readonly cases: readonly TestCase[];
  readonly last: boolean;
}

function suiteElement(report: Report, plan: string, { id, name, cases, last }: Suite): string {
  const { run } = report;
  const of = (kind: Outcome['kind']) =>
    cases.filter(({ outcome }) => outcome?.kind === kind).length;
  const attributes = {
    id,
    package: plan,
    name,
    timestamp: (run.startedAt ?? run.endedAt).slice(0, 19),
    hostname: 'localhost',
    tests: cases.length,
    failures: of('failure'),
    errors: of('error'),
    skipped: of('skipped'),
    time: cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3),
  };
  const children = [
    element('properties', {}, '\n', ...propertiesOf(report)),
    ...cases.map(caseElement),
    // The whole of it once, where a reader of test results looks for more.
    element(
      'system-out',
      {},
      last ? xmlText(renderText(report, { width: 100, color: false })) : '',
    ),
    element('system-err', {}),
  ];
  return `${element('testsuite', attributes, '\n', ...children.map((child) => `${child}\n`))}\n`;
}

function propertiesOf({ run, verdict }: Report): string[] {
  const properties = {
    run: run.id,
    label: run.label,
    target: run.target,
    where: run.where,
    regions: run.regions.join(', '),
    seed: String(run.seed),
    verdict: verdict.status,
    exitCode: String(verdict.exitCode),
  };
  return Object.entries(properties).flatMap(([name, value]) =>
    value === null ? [] : `${element('property', { name, value: plain(value) })}\n`,
  );
}

function caseElement({ classname, name, outcome, seconds }: TestCase): string {
  const attributes = { classname, name, time: seconds.toFixed(3) };
  if (outcome === null) return element('testcase', attributes);
  const { kind, type, message } = outcome;
  const result =
    kind === 'skipped'
      ? element(kind, { message: `${type}: ${message}` })
      : element(kind, { type, message }, xmlText(message));
  return element('testcase', attributes, result);
}

const OUTCOMES: Readonly<Record<ObjectiveVerdict['state'], Outcome['kind'] | null>> = {
  held: null,
  missed: 'failure',
  undecided: 'error',
  'not reached': 'skipped',
  'not judged': 'skipped',
};

function objectiveCases({ verdict }: Report, classname: string): TestCase[] {
  return verdict.objectives.flatMap((objective) => {
    const text = plain(objective.text);
    const { state, sentence, apart } = objective;
    if (apart === undefined) return [objectiveCase(classname, text, { state, sentence })];
    return apart.map((one) => objectiveCase(classname, `${text}: ${plain(one.region)}`, one));
  });
}

function objectiveCase(
  classname: string,
  name: string,
  { state, sentence }: Pick<ObjectiveVerdict, 'state' | 'sentence'>,
): TestCase {
  const kind = OUTCOMES[state];
  const outcome = kind === null ? null : { kind, type: state, message: plain(sentence) };
  return { classname, name, outcome, seconds: 0 };
}

function measurementCases(report: Report, classname: string): TestCase[] {
  return [
    { classname, name: 'the run', outcome: runOutcome(report), seconds: report.run.seconds },
    ...report.verdict.validity.map((check): TestCase => {
      const outcome = check.level === 'invalid' ? invalid(check) : null;
      return { classname, name: check.check, outcome, seconds: 0 };
    }),
  ];
}

/** Objectives and checks have tests of their own; here is what kept the run from its end. */
function runOutcome({ verdict }: Report): Outcome | null {
  const { status, cause, exitCode } = verdict;
  if (status === 'passed' || status === 'failed' || status === 'invalid') return null;
  const message = plain(cause ?? status);
  return { kind: exitCode === 99 ? 'failure' : 'error', type: status, message };
}

function invalid(check: ValidityVerdict): Outcome {
  const { check: name, meaning, remedy } = check;
  const message = plain(`${name}: ${validityExtent(check)}. ${meaning} ${remedy ?? ''}`);
  return { kind: 'error', type: 'invalid', message };
}
