import { describe, expect, it } from 'vitest';
import { parseJsonTest, parseSizeLimit, parseTimeLimit } from '../../lib/plan/condition-text.js';
import { TextMistake } from '../../lib/plan/diagnostics.js';

describe('what a value of JSON must be', () => {
  it.each([
    ['paid', { kind: 'equals', value: 'paid' }],
    ['', { kind: 'equals', value: '' }],
    [7, { kind: 'equals', value: 7 }],
    [false, { kind: 'equals', value: false }],
    [null, { kind: 'equals', value: null }],
    ['== 7', { kind: 'equals', value: 7 }],
    ['== "7"', { kind: 'equals', value: '7' }],
    ['== > 7', { kind: 'equals', value: '> 7' }],
    ['> 0', { kind: 'compares', comparison: '>', value: 0 }],
    ['>=1.5', { kind: 'compares', comparison: '>=', value: 1.5 }],
    ['< -2', { kind: 'compares', comparison: '<', value: -2 }],
    ['<= 1e3', { kind: 'compares', comparison: '<=', value: 1000 }],
    ['!= none', { kind: 'compares', comparison: '!=', value: 'none' }],
    ['!= null', { kind: 'compares', comparison: '!=', value: null }],
    ['/^pay_/i', { kind: 'matches', match: { kind: 'regex', source: '^pay_', flags: 'i' } }],
    ['/api/v1', { kind: 'equals', value: '/api/v1' }],
    [{ exists: false }, { kind: 'exists', exists: false }],
  ] as const)('%j', (written, test) => {
    expect(parseJsonTest(written)).toEqual(test);
  });

  it.each(['> many', '< ', '<= "3"', '>= true'])("'%s' compares what is no number", (written) => {
    expect(() => parseJsonTest(written)).toThrow(TextMistake);
    expect(() => parseJsonTest(written)).toThrow(/only numbers are compared by/);
  });
});

describe('a size', () => {
  it.each([
    [12, 12, 12],
    ['12', 12, 12],
    ['10kB', 10_000, 10_000],
    ['1.5 MB', 1_500_000, 1_500_000],
    ['< 10kB', null, 9_999],
    ['<= 1KiB', null, 1_024],
    ['> 0', 1, null],
    ['>= 1MiB', 1_048_576, null],
    ['1..2kB', 1_000, 2_000],
    ['100B..2kB', 100, 2_000],
    ['5..5', 5, 5],
  ])('%s', (written, least, most) => {
    expect(parseSizeLimit(written)).toEqual({ least, most });
  });

  it.each([
    'many',
    '10 k',
    '1.5',
    '0.0001kB',
    '< 0',
    '-3',
    '',
    '1..2..3',
    '2..1kB',
    '99999999999999999',
  ])("'%s' is none", (written) => {
    expect(() => parseSizeLimit(written)).toThrow(TextMistake);
  });
});

describe('a limit of time', () => {
  it('is in µs, with or without a sign', () => {
    expect(parseTimeLimit('500ms')).toBe(500_000);
    expect(parseTimeLimit('< 1.5s')).toBe(1_500_000);
    expect(parseTimeLimit('<=2s')).toBe(2_000_000);
  });

  it.each(['500', '> 1s', 'soon', '0s', ''])("'%s' is none", (written) => {
    expect(() => parseTimeLimit(written)).toThrow(/is no limit of time/);
  });
});
