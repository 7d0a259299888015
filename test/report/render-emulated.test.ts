import { expect, test } from 'vitest';
import { renderText } from '../../lib/report/render/text.js';
import type { Report } from '../../lib/report/report-schema.js';
import { largeReport, smallReport } from '../support/sample-report.js';

const text = (report: Report, width = 120) => renderText(report, { width, color: false });

function emulated(report: Report, ...regions: string[]): Report {
  const distances = regions.map((region, i) => ({
    region,
    roundTrip: 20 + 61 * i,
    jitter: i === 0 ? 0 : 5,
    loss: i === 0 ? 0 : 0.001,
  }));
  return { ...report, run: { ...report.run, where: 'emulated', emulated: distances } };
}

test('the verdict says that the distance is emulated, and how far away it seems', () => {
  const large = largeReport();
  expect(text(emulated(large, ...large.run.regions)).split('\n')[0]).toMatch(
    / \(emulated, 20\.0 ms to 142 ms away\)$/,
  );
});

test('one emulated region is named beside the target', () => {
  const small = smallReport();
  const [verdict, target] = text(
    emulated({ ...small, run: { ...small.run, regions: ['tokyo'] } }, 'tokyo'),
  ).split('\n');
  expect(verdict).toContain('(emulated, 20.0 ms away)');
  expect(target).toMatch(/ · from tokyo$/);
});

test('where this machine is a region too, the verdict says how many are emulated', () => {
  const large = largeReport();
  const [first = ''] = large.run.regions;
  expect(text(emulated(large, first)).split('\n')[0]).toContain('(1 region emulated, 20.0 ms');
});

test('the table of regions has the round trip of each, on a narrow page too', () => {
  const large = largeReport();
  const [first = '', second = '', third = ''] = large.run.regions;
  for (const width of [60, 80, 120]) {
    const lines = text(emulated(large, first, second), width).split('\n');
    const head = lines.findIndex((line) => line.startsWith('Regions')) + 1;
    const table = lines
      .slice(head)
      .filter((line) => /^ {2}\S/.test(line) || / emulated /.test(line));
    expect(lines.slice(head, head + 2).join('\n')).toMatch(/ emulated /);
    expect(table.find((line) => line.startsWith(`  ${first} `))).toMatch(/ 20\.0 ms /);
    expect(table.find((line) => line.startsWith(`  ${second} `))).toMatch(/ 81\.0 ms /);
    expect(table.find((line) => line.startsWith(`  ${third} `))).toMatch(/^ {2}\S+ +– /);
  }
});

test('how it was measured lists every distance, and what was not emulated', () => {
  const large = largeReport();
  const [first = '', second = ''] = large.run.regions;
  const method = text(emulated(large, first, second), 200).split('How it was measured')[1];
  expect(method).toContain(
    `distance emulated on one machine: ${first} 20.0 ms, ${second} 81.0 ms + up to 5.00 ms with 0.1 % lost`,
  );
  expect(method).toContain('TCP slow start was not emulated');
});

test('without emulation nothing speaks of it', () => {
  expect(text(largeReport())).not.toContain('emulated');
});
