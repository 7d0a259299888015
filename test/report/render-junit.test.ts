import { describe, expect, test } from 'vitest';
import { renderJunit } from '../../lib/report/render/junit.js';
import type { Report } from '../../lib/report/report-schema.js';
import { expectGolden } from '../support/golden.js';
import { junitOffences } from '../support/junit-schema.js';
import { largeReport, smallReport } from '../support/sample-report.js';
import { parseXml, type XmlElement } from '../support/strict-xml.js';
import { openLoad, SimulatedRun } from './simulated-run.js';

/** Every test, as `suite: name`, with its result. */
function results(report: Report): Record<string, string> {
  const root = parseXml(renderJunit(report));
  expect(junitOffences(root)).toEqual([]);
  return Object.fromEntries(
    root.children.flatMap((suite) =>
      suite.children
        .filter(({ name }) => name === 'testcase')
        .map(({ attributes, children }) => [
          `${suite.attributes.name}: ${attributes.name}`,
          children[0]?.name ?? 'passed',
        ]),
    ),
  );
}

test('the file', () => {
  expectGolden('formats/large.junit.xml', renderJunit(largeReport()));
});

test('an objective that was missed is a failure, one that was not judged is skipped', () => {
  expect(results(largeReport())).toMatchObject({
    'objectives: p95 < 500ms': 'passed',
    'objectives: errors < 1%': 'failure',
    'objectives: p99.9 < 2s of "POST /hospital" in eu-west-1': 'skipped',
    'measurement: the run': 'passed',
    'measurement: lag': 'passed',
    'measurement: busy': 'passed',
  });
});

test('an objective in every region is a test for each of them', () => {
  const run = new SimulatedRun({
    regions: ['us-east-1', 'eu-west-1'],
    load: openLoad({ rate: 100, s: 5 }),
    objectives: ['p95 < 50ms in every region', 'p95 < 1s'],
  });
  run.fill(500, (_, { region }) => ({ latencyUs: region === 'eu-west-1' ? 90_000 : 10_000 }));
  const found = results(run.report());
  expect(found).toMatchObject({
    'objectives: p95 < 50ms in every region: us-east-1': 'passed',
    'objectives: p95 < 50ms in every region: eu-west-1': 'failure',
    'objectives: p95 < 1s': 'passed',
  });
  expect(Object.keys(found).filter((name) => name.startsWith('objectives'))).toHaveLength(3);
});

test('what is undecided, and a check that makes the run invalid, are errors', () => {
  const large = largeReport();
  const { verdict } = large;
  const invalid = {
    ...large,
    verdict: {
      ...verdict,
      status: 'invalid' as const,
      objectives: verdict.objectives.map((objective) => ({
        ...objective,
        state: 'undecided' as const,
      })),
      validity: verdict.validity.map((check) =>
        check.check === 'lag' ? { ...check, level: 'invalid' as const } : check,
      ),
    },
  };
  expect(results(invalid)).toMatchObject({
    'objectives: errors < 1%': 'error',
    'measurement: lag': 'error',
    'measurement: busy': 'passed',
  });
});

test.each([
  ['broken', 3, 'error'],
  ['cancelled', 3, 'error'],
  ['stopped', 130, 'error'],
  ['stopped', 99, 'failure'],
] as const)('a run that was %s (%d) is a test with the result %s', (status, exitCode, result) => {
  const small = smallReport();
  const verdict = { ...small.verdict, status, exitCode, cause: 'why', validity: [] };
  const run = { ...small.run, startedAt: null };
  expect(results({ ...small, run, verdict })).toEqual({ 'measurement: the run': result });
});

test('the whole report stands once behind the tests', () => {
  const [first, last] = parseXml(renderJunit(largeReport())).children;
  const out = (suite: XmlElement | undefined) =>
    suite?.children.find(({ name }) => name === 'system-out')?.text;
  expect(out(first)).toBe('');
  expect(out(last)).toMatch(/^✗ FAILED {2}checkout/);
});

describe('the judge of these tests refuses', () => {
  const good = renderJunit(largeReport());
  test.each([
    ['an attribute that is not there', good.replace(' hostname="localhost"', '')],
    ['one that there is not', good.replace('<testcase ', '<testcase line="3" ')],
    ['a time zone', good.replace(/timestamp="([^"]+)"/, 'timestamp="$1Z"')],
    ['a count that is wrong', good.replace('failures="2"', 'failures="1"')],
    ['another order', good.replace(/<system-out>.*?<\/system-out>\n/s, '')],
    ['two results', good.replace(/(<failure [\s\S]*?<\/failure>)/, '$1$1')],
    ['text where none belongs', good.replace('<testsuites>', '<testsuites>text')],
  ])('%s', (_, xml) => {
    expect(xml).not.toBe(good);
    expect(junitOffences(parseXml(xml))).not.toEqual([]);
  });

  test.each([
    ['an ampersand', good.replace('p95 &lt;', 'p95 & <')],
    ['the end of a section', good.replace('✗ FAILED', ']]>')],
    ['a control character', good.replace('✗ FAILED', '\u001b[31m')],
    ['an element that does not end', good.replace('</testsuites>', '')],
    ['a second root', `${good}<a/>`],
    ['an attribute twice', good.replace('id="0"', 'id="0" id="0"')],
  ])('as XML, %s', (_, xml) => {
    expect(xml).not.toBe(good);
    expect(() => parseXml(xml)).toThrow();
  });
});
