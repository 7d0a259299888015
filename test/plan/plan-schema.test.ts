import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { planJsonSchema } from '../../lib/plan/schema.js';
import { planTemplate } from '../../lib/plan/template.js';
import { expectGolden } from '../support/golden.js';
import { HEAD, read } from '../support/plan-text.js';

const root = new URL('../../', import.meta.url);
const fileText = (path: string) => readFileSync(new URL(path, root), 'utf8');

const generator: {
  schemaText(schema: object): string;
  planReference(schema: object): string;
} = await import(new URL('scripts/plan-reference.mjs', root).href);

const validate = new Ajv({ strictTypes: false, validateFormats: false, allErrors: true }).compile(
  JSON.parse(fileText('plan.schema.json')),
);

test('plan.schema.json is what the schema says, and changes only on purpose', () => {
  const text = generator.schemaText(planJsonSchema());
  expectGolden('plan.schema.json', text);
  expect(fileText('plan.schema.json')).toBe(text);
});

test('docs/plan-reference.md is what the schema says', () => {
  expect(fileText('docs/plan-reference.md')).toBe(generator.planReference(planJsonSchema()));
});

test('every objective that the reference shows is read', () => {
  const reference = fileText('docs/plan-reference.md');
  const [, block = ''] = /```yaml\n(objectives:[\s\S]*?)```/.exec(reference) ?? [];
  const plan = read(`target: https://a.example
load: [{ rate: 1/s, for: 1s, name: peak }]
requests: [POST /payments]
${block}`);
  expect(plan.objectives).toHaveLength(5);
});

test.each(readdirSync(new URL('examples/', root)).filter((file) => file.endsWith('.yaml')))(
  'the example %s is valid',
  (file) => {
    validate(parse(fileText(`examples/${file}`)));
    expect(validate.errors).toBeNull();
  },
);

test('the plan that init writes is valid', () => {
  validate(parse(planTemplate()));
  expect(validate.errors).toBeNull();
});

describe('editors see mistakes', () => {
  test.each([
    'nmae: x',
    'load: []',
    'load: [{ rate: 50, for: 1s }]',
    'load: [{ rate: 50/s }]',
    'load: [{ rate: 50/s, for: 1s, users: 3 }]',
    'from: { A: 1 }',
    'from: { a: 1.234% }',
    'http: { version: 2 }',
    'requests: [{ name: x }]',
    'requests: [{ request: GET /, weight: 0 }]',
    'requests: [{ request: GET /, expect: {} }]',
  ])('%s', (text) => {
    expect(validate({ ...parse(HEAD), ...parse(text) })).toBe(false);
  });
});

test('every field is described', () => {
  const silent: string[] = [];
  describeFields(planJsonSchema(), '', silent);
  expect(silent).toEqual([]);
});

function describeFields(schema: unknown, path: string, silent: string[]): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      for (const [name, field] of Object.entries(
        value as Record<string, { description?: string; allOf?: unknown }>,
      )) {
        // One that stands for a definition is described there.
        if (!field.description && !field.allOf) silent.push(`${path}.${name}`);
      }
    }
    describeFields(value, `${path}.${key}`, silent);
  }
}
