import { expect, test } from 'vitest';
import { reportJsonSchema } from '../../lib/report/report-schema.js';
import { expectGolden } from '../support/golden.js';

test('the shipped report.schema.json is the one that the program has', () => {
  expectGolden('../../report.schema.json', `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
});

test('the schema allows nothing that it does not describe', () => {
  const open: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (node === null || typeof node !== 'object') return;
    const schema = node as Record<string, unknown>;
    if (schema.type === 'object' && schema.additionalProperties === undefined) open.push(path);
    for (const [key, value] of Object.entries(schema)) walk(value, `${path}/${key}`);
  };
  walk(reportJsonSchema(), '');
  expect(open).toEqual([]);
});
