import { expect, test } from 'vitest';
import { linePath } from '../../lib/charts/line-path.js';
import { element, escaped, px } from '../../lib/charts/markup.js';
import { shareBar } from '../../lib/charts/share-bar.js';
import { textWidth } from '../../lib/charts/text-width.js';

test.each([
  ['<b>&"\'', '&lt;b&gt;&amp;&quot;&#39;'],
  ['two\nlines\tand  spaces ', 'two lines and spaces'],
  ['\u001b[31mred\u0007', '[31mred'],
  ['a\u202eb\u200bc\ufeff\u{e0041}', 'abc'],
  ['half \ud83d of a pair', 'half of a pair'],
  ['ñ 東京 🚀', 'ñ 東京 🚀'],
])('%j becomes %j', (text, safe) => {
  expect(escaped(text)).toBe(safe);
});

test('an attribute cannot be left', () => {
  expect(element('g', { 'data-region': '" onload="x', x: undefined })).toBe(
    '<g data-region="&quot; onload=&quot;x"/>',
  );
});

test.each([
  [0.04, '0'],
  [-0.04, '0'],
  [0.5, '.5'],
  [-0.5, '-.5'],
  [12, '12'],
  [12.345, '12.3'],
])('%d pixels are written %s', (value, text) => {
  expect(px(value)).toBe(text);
});

test('a line has gaps where there is no value, and a point alone is a dot', () => {
  expect(linePath([[0, 0], [1, 2], null, [5, 5], null, null, [7, 7], [8, 6.5], [9, 6]])).toBe(
    'M0 0l1 2M5 5h0M7 7l1-.5 1-.5',
  );
  expect(linePath([null])).toBe('');
  expect(linePath([[3, 4]])).toBe('M3 4h0');
});

test('rounding does not add up along a line', () => {
  const path = linePath(Array.from({ length: 301 }, (_, i) => [i / 3, 0] as const));
  const steps = path
    .slice(path.indexOf('l') + 1)
    .match(/-?[\d.]+/g)!
    .map(Number);
  const end = steps.filter((_, i) => i % 2 === 0).reduce((sum, step) => sum + step, 0);
  expect(end).toBeCloseTo(100, 6);
});

test('wide scripts and pictures are given their room, marks none', () => {
  expect(textWidth('東京', 10)).toBeGreaterThanOrEqual(20);
  expect(textWidth('e\u0301', 10)).toBe(textWidth('e', 10));
  expect(textWidth('region', 12, true)).toBeGreaterThan(textWidth('region', 12));
});

test('a bar of shares without a title is decoration, one with a title has it', () => {
  const size = { width: 80, height: 16, id: 'share' };
  expect(shareBar([], { ...size, title: '' })).toContain('aria-hidden="true"');
  expect(shareBar([], { ...size, title: '<ok>' })).toContain('aria-label="&lt;ok&gt;"');
});
