import type { Report, ValidityVerdict } from '../report-schema.js';
import { count, percent, time } from './figures.js';
import { plain } from './plain.js';
import type { Paper } from './sheet.js';

/** Whether the measurement can be trusted: what is good in one line, all else with what to do. */
export function validityText(paper: Paper, { verdict }: Report): void {
  const { good, bad, doubtful, strong, faint } = paper.ink;
  const sound = verdict.validity.filter(isSound).map(({ check }) => check);
  const shaky = verdict.validity.filter((check) => !isSound(check));
  const paints = { good, doubtful, invalid: bad };
  paper.line();
  if (verdict.validity.length === 0) {
    paper.text('not judged: nothing was measured', { lead: 'Measurement  ' });
    return;
  }
  const title = `${strong('Measurement')}  `;
  if (shaky.length === 0) {
    paper.text(sound.join(', '), { lead: `${title}${good('✓ good')}  `, paint: faint });
    return;
  }
  const word = verdict.level === 'good' ? '✓ good' : `! ${verdict.level.toUpperCase()}`;
  paper.line(title + paints[verdict.level](word));
  for (const check of shaky) {
    const mark = check.lowered === null ? '!' : '~';
    paper.text(`${check.check}: ${validityExtent(check)}${acceptance(check)}`, {
      lead: `  ${mark} `,
      paint: paints[check.level],
    });
    paper.text(plain(`${check.meaning} ${check.remedy ?? ''}`), { lead: '    ' });
  }
  if (sound.length > 0) paper.text(sound.join(', '), { lead: '  ✓ good: ' });
}

export function isSound({ level, lowered }: ValidityVerdict): boolean {
  return level === 'good' && lowered === null;
}

export function acceptance({ check, level, lowered }: ValidityVerdict): string {
  if (lowered === null) return '';
  return `; ${lowered}, accepted with --accept ${check}, and counts as ${level}`;
}

/** How far it went, against what it may: `99.4 % in eu-west-1 (doubtful above 90 %, …)`. */
export function validityExtent({ measured, unit, limit, region }: ValidityVerdict): string {
  const figure = (n: number) =>
    unit === 'share' ? percent(n) : unit === 'ms' ? time(n) : count(n);
  const limits = (['doubtful', 'invalid'] as const).flatMap((level) => {
    const above = limit[level];
    return above === null ? [] : `${level} above ${figure(above)}`;
  });
  const where = region === null ? '' : ` in ${plain(region)}`;
  return `${measured === null ? 'unknown' : figure(measured)}${where} (${limits.join(', ')})`;
}
