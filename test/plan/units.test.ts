import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  parseDurationRangeUs,
  parseDurationUs,
  parsePercentHundredths,
  parseRate,
  parseUsers,
} from '../../lib/plan/units.js';

describe('durations', () => {
  test.each([
    ['500ms', 500_000],
    ['10s', 10_000_000],
    ['0.3s', 300_000],
    ['1.1s', 1_100_000],
    ['5m', 300_000_000],
    ['1h', 3_600_000_000],
    ['1m30s', 90_000_000],
    ['1h1m1s1ms', 3_661_001_000],
    ['0.001ms', 1],
  ])('%s is %d µs', (text, us) => {
    expect(parseDurationUs(text)).toBe(us);
  });

  test.each(['10', 's', '', '-5s', '1 s', '10sec', '1.s', '.5s', '5S', '1s..2s'])(
    '%j is no duration',
    (text) => {
      expect(parseDurationUs(text)).toBeNull();
    },
  );

  test('less than a microsecond cannot be said', () => {
    expect(parseDurationUs('0.0001ms')).toBeNull();
  });

  test('a range may be one duration', () => {
    expect(parseDurationRangeUs('1s..3s')).toEqual([1e6, 3e6]);
    expect(parseDurationRangeUs('2s')).toEqual([2e6, 2e6]);
    expect(parseDurationRangeUs('1..3s')).toBeNull();
  });

  test.each([0, 1, 999, 1000, 1_500_000, 90_000_000, 3_661_001_001, 86_400_000_000])(
    '%d µs written out reads back as the same',
    (us) => {
      expect(parseDurationUs(formatDuration(us))).toBe(us);
    },
  );
});

describe('rates', () => {
  test.each([
    ['50/s', 50, 50],
    ['0.3/s', 0.3, 0.3],
    ['30/m', 0.5, 0.5],
    ['1800/h', 0.5, 0.5],
    ['50..600/s', 50, 600],
    ['600..0/s', 600, 0],
  ])('%s goes from %d to %d a second', (text, from, to) => {
    expect(parseRate(text)).toEqual([from, to]);
  });

  test.each(['50', '50/d', '50/s..60/s', '/s', '1e3/s'])('%j is no rate', (text) => {
    expect(parseRate(text)).toBeNull();
  });
});

test('users are a number or a ramp', () => {
  expect(parseUsers(100)).toEqual([100, 100]);
  expect(parseUsers('0..100')).toEqual([0, 100]);
  expect(parseUsers('100')).toBeNull();
});

test('percentages are exact to the hundredth', () => {
  expect(parsePercentHundredths('33.33%')).toBe(3333);
  expect(parsePercentHundredths('0.1%')).toBe(10);
  expect(parsePercentHundredths('100%')).toBe(10_000);
  expect(parsePercentHundredths('0.001%')).toBeNull();
});
