import { describe, expect, test } from 'vitest';
import * as figures from '../../lib/report/render/figures.js';
import { columns, cut, plain, wrap } from '../../lib/report/render/plain.js';
import { table } from '../../lib/report/render/table.js';

describe('figures', () => {
  test.each([
    [0, '0 µs'],
    [0.0004, '0 µs'],
    [0.412, '412 µs'],
    [0.9994, '999 µs'],
    [0.9996, '1.00 ms'],
    [8.5, '8.50 ms'],
    [9.996, '10.0 ms'],
    [130.4, '130 ms'],
    [999.6, '1.00 s'],
    [1342, '1.34 s'],
    [75_250, '75.3 s'],
    [3_600_000, '3,600 s'],
  ])('%d ms is %s', (ms, text) => {
    expect(figures.time(ms)).toBe(text);
  });

  test.each([
    [0, '0 %'],
    [0.000001, '<0.001 %'],
    [0.000045, '0.0045 %'],
    [0.00162, '0.16 %'],
    [0.01263, '1.26 %'],
    [0.12, '12 %'],
    [0.99951, '99.951 %'],
    [0.999999, '>99.99 %'],
    [1, '100 %'],
  ])('the share %d is %s: never a false nothing, never a false all', (share, text) => {
    expect(figures.percent(share)).toBe(text);
  });

  test.each([
    [0, '0/s'],
    [0.5, '0.500/s'],
    [59.82, '59.8/s'],
    [11_712.4, '11,712/s'],
  ])('%d a second is %s', (rate, text) => {
    expect(figures.rate(rate)).toBe(text);
  });

  test.each([
    [0.42, '0.4s'],
    [30, '30s'],
    [90, '1m 30s'],
    [3600, '1h'],
    [3661, '1h 1m 1s'],
  ])('%d seconds last %s', (seconds, text) => {
    expect(figures.span(seconds)).toBe(text);
  });

  test.each([
    [812, '812 B'],
    [999_600, '1.00 MB'],
    [1_234_567_890, '1.23 GB'],
  ])('%d bytes are %s', (n, text) => {
    expect(figures.bytes(n)).toBe(text);
  });

  test('no share below all is shown as all, and none above nothing as nothing', () => {
    for (let i = 1; i < 100_000; i += 7) {
      expect(figures.percent(i / 100_000)).not.toMatch(/^(0|100) %$/);
    }
  });
});

describe('text from outside', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007x', 'x'],
    ['a\r\n\tb', 'a b'],
    ['\u202eevil\u2066', 'evil'],
    ['bell\u0007 \u009b31m', 'bell'],
    ['Zürich 東京', 'Zürich 東京'],
  ])('%j is shown as %j', (text, shown) => {
    expect(plain(text)).toBe(shown);
  });

  test('wide scripts take two columns, marks none', () => {
    expect([columns('東京'), columns('e\u0301'), columns('ok')]).toEqual([4, 1, 2]);
    expect(cut('東京都庁', 6)).toBe('東京…');
  });

  test('wrapped lines hold all words in order, and none is too wide', () => {
    const text = 'the quick brown fox jumps over the lazy dog';
    for (let width = 5; width < 50; width++) {
      const lines = wrap(text, width);
      expect(lines.join(' ')).toBe(text);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
  });
});

describe('a table', () => {
  const head = [
    { title: 'name', align: 'left' as const },
    { title: 'p50' },
    { title: 'p90', optional: 2 },
    { title: 'max', optional: 1 },
  ];
  const rows = [['GET /a-rather-long-path', '1.00 ms', '2.00 ms', '3.00 ms']];

  test('shows all where there is room', () => {
    expect(table(head, rows, 80)).toEqual([
      'name                         p50      p90      max',
      'GET /a-rather-long-path  1.00 ms  2.00 ms  3.00 ms',
    ]);
  });

  test('cuts the name first, then leaves out columns, the least wanted first', () => {
    expect(table(head, rows, 45)[1]).toBe('GET /a-rather-lon…  1.00 ms  2.00 ms  3.00 ms');
    expect(table(head, rows, 40)[1]).toBe('GET /a-rather-long-pa…  1.00 ms  3.00 ms');
    expect(table(head, rows, 30)[1]).toBe('GET /a-rather-long-p…  1.00 ms');
  });

  test('a name that is there to be copied is never cut', () => {
    const whole = [{ ...head[0]!, whole: true as const }, ...head.slice(1)];
    expect(table(whole, rows, 34)[1]).toBe('GET /a-rather-long-path  1.00 ms');
  });
});
