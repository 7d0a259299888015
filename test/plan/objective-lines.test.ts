import { expect, test } from 'vitest';
import { objectiveLines } from '../../lib/plan/objective-lines.js';

const linesOf = (text: string) => [...objectiveLines({ text, file: 'plan.yaml' })];

test('each objective stands in its own line, however lists are written', () => {
  const text = `target: http://a
# a comment
objectives:
  - p95 < 500ms

  - "errors < 1%"   # another
`;
  expect(linesOf(text)).toEqual([
    ['p95 < 500ms', 4],
    ['errors < 1%', 6],
  ]);
  expect(linesOf('target: http://a\nobjectives: [p50 < 1s, p95 < 2s]\n')).toEqual([
    ['p50 < 1s', 2],
    ['p95 < 2s', 2],
  ]);
});

test('a plan without objectives has none', () => {
  expect(linesOf('target: http://a\n')).toEqual([]);
  expect(linesOf('')).toEqual([]);
});
