import type { Report, ValidityVerdict } from '../report-schema.js';
import { count, percent, time } from './figures.js';
import { plain } from './plain.js';
import type { Sheet } from './sheet.js';

/** Whether the measurement can be trusted: what is good in one line, all else with what to do. */
export function validityText(sheet: Sheet, { verdict }: Report): void {
  const { good, bad, doubtful, strong, faint } = sheet.ink;
  const sound = verdict.validity.filter(isSound).map(({ check }) => check);
  const shaky = verdict.validity.filter((check) => !isSound(check));
  const paints = { good, doubtful, invalid: bad };
  sheet.line();
  if (verdict.validity.length === 0) {
    sheet.text('not judged: nothing was measured', { lead: 'Measurement  ' });
    return;
  }
  const title = `${strong('Measurement')}  `;
  if (shaky.length === 0) {
    sheet.text(sound.join(', '), { lead: `${title}${good('✓ good')}  `, paint: faint });
    return;
  }
  const word = verdict.level === 'good' ? '✓ good' : `! ${verdict.level.toUpperCase()}`;
  sheet.line(title + paints[verdict.level](word));
  for (const check of shaky) {
    const mark = check.lowered === null ? '!' : '~';
    sheet.text(`${check.check}: ${extent(check)}${acceptance(check)}`, {
      lead: `  ${mark} `,
      paint: paints[check.level],
    });
    sheet.text(plain(`${check.meaning} ${check.remedy ?? ''}`), { lead: '    ' });
  }
  if (sound.length > 0) sheet.text(sound.join(', '), { lead: '  ✓ good: ' });
}

function isSound({ level, lowered }: ValidityVerdict): boolean {
  return level === 'good' && lowered === null;
}

function acceptance({ check, level, lowered }: ValidityVerdict): string {
  if (lowered === null) return '';
  return `; ${lowered}, accepted with --accept ${check}, and counts as ${level}`;
}

function extent({ measured, unit, limit, region }: ValidityVerdict): string {
  const figure = (n: number) =>
    unit === 'share' ? percent(n) : unit === 'ms' ? time(n) : count(n);
  const limits = (['doubtful', 'invalid'] as const).flatMap((level) => {
    const above = limit[level];
    return above === null ? [] : `${level} above ${figure(above)}`;
  });
  const where = region === null ? '' : ` in ${plain(region)}`;
  return `${measured === null ? 'unknown' : figure(measured)}${where} (${limits.join(', ')})`;
}
