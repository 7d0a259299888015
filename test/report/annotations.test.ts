import { expect, test } from 'vitest';
import { annotations } from '../../lib/report/render/annotations.js';
import { runnerCommands } from '../support/runner-commands.js';
import { largeReport, smallReport } from '../support/sample-report.js';

test('what did not hold is annotated at its line of the plan, the measurement without one', () => {
  const lineOf = (text: string) =>
    text === 'errors < 1%' ? { file: 'load/plan, a.yaml', line: 17 } : null;
  expect(runnerCommands(annotations(largeReport(), lineOf).join('\n'))).toMatchObject([
    {
      name: 'error',
      properties: { title: 'Objective missed: p90 < 1s in every region during peak' },
      text: 'p90 was 1.34 s in ap-northeast-1.',
    },
    {
      name: 'error',
      properties: {
        file: 'load/plan, a.yaml',
        line: '17',
        title: 'Objective missed: errors < 1%',
      },
      text: '1.26 % failed.',
    },
    { name: 'warning', properties: { title: expect.stringContaining('Objective not judged') } },
    { name: 'warning', properties: { title: 'Measurement doubtful: busy' } },
    { name: 'warning', properties: { title: 'Measurement doubtful: offered' } },
    { name: 'warning', properties: { title: 'Finding' } },
  ]);
});

test('a run in which all is well has nothing to say', () => {
  expect(annotations(smallReport())).toEqual([]);
});

test('a run that did not come to its end says why first', () => {
  const small = smallReport();
  const verdict = { ...small.verdict, status: 'cancelled' as const, cause: 'no worker came' };
  expect(annotations({ ...small, verdict })).toEqual([
    '::error title=The run was cancelled::no worker came',
  ]);
});

test('of each kind there are ten at most, as GitHub shows no more', () => {
  const large = largeReport();
  const [, missed] = large.verdict.objectives;
  const objectives = Array.from({ length: 15 }, () => missed!);
  const report = { ...large, verdict: { ...large.verdict, objectives } };
  const levels = runnerCommands(annotations(report).join('\n')).map(({ name }) => name);
  expect(levels.filter((level) => level === 'error')).toHaveLength(10);
  expect(levels.filter((level) => level === 'warning')).toHaveLength(3);
});
