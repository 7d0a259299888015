import type { ObjectiveVerdict, Report, ValidityVerdict } from '../report-schema.js';
import { WITHHELD } from './distribution-cells.js';
import { count, counted, instant, percent, rate, span, time } from './figures.js';
import { plain } from './plain.js';
import type { Sheet } from './sheet.js';
import type { Cell } from './table.js';

/** The first thing that is read: the verdict, what was measured, and each objective. */
export function verdictText(sheet: Sheet, report: Report): void {
  const { run, verdict } = report;
  const { good, bad, doubtful, strong } = sheet.ink;
  const passed = verdict.status === 'passed';
  const paint = passed ? good : verdict.status === 'stopped' ? doubtful : bad;
  const mark = passed ? '✓' : verdict.status === 'stopped' ? '■' : '✗';
  sheet.text(headlineOf(report), {
    lead: `${strong(paint(`${mark} ${verdict.status.toUpperCase()}`))}  `,
    paint: strong,
  });

  const regions = run.regions.length > 1 ? [counted(run.regions.length, 'region')] : [];
  const label = run.label === null ? [] : [`“${plain(run.label)}”`];
  const when = run.startedAt === null ? 'never started' : instant(Date.parse(run.startedAt));
  const request = run.requests.length === 1 ? run.requests.map(plain) : [];
  sheet.text([plain(run.target), ...request, ...regions, ...label].join(' · '));
  sheet.text([run.id, when, `lasted ${span(run.seconds)}`].join(' · '), { paint: sheet.ink.faint });
  objectivesText(sheet, verdict.objectives);
  validityText(sheet, report);
}

function headlineOf({ run, verdict }: Report): string {
  const { objectives } = verdict;
  const judged = objectives.filter(({ state }) => state === 'held' || state === 'missed');
  const missed = judged.filter(({ state }) => state === 'missed').length;
  if (verdict.status === 'failed' && missed > 0) {
    return `${plain(run.name)}: ${missed} of ${counted(objectives.length, 'objective')} missed`;
  }
  if (verdict.status !== 'passed')
    return `${plain(run.name)}: ${plain(verdict.cause ?? 'no cause given')}`;
  if (objectives.length === 0) return `${plain(run.name)}: no objectives were set`;
  if (judged.length < objectives.length) {
    return `${plain(run.name)}: ${judged.length} of ${counted(objectives.length, 'objective')} judged, none missed`;
  }
  const held =
    objectives.length === 1 ? 'the objective held' : `all ${objectives.length} objectives held`;
  return `${plain(run.name)}: ${held}`;
}

function objectivesText(sheet: Sheet, objectives: readonly ObjectiveVerdict[]): void {
  if (objectives.length === 0) return;
  const { good, bad, doubtful } = sheet.ink;
  const looks = {
    held: ['✓', good],
    missed: ['✗', bad],
    undecided: ['?', doubtful],
    'not reached': ['?', doubtful],
    'not judged': ['?', doubtful],
  } as const;
  sheet.section('Objectives');
  sheet.table(
    [{ title: '', align: 'left' }, { title: '' }, { title: '', align: 'left' }],
    objectives.map((objective): Cell[] => {
      const [mark, paint] = looks[objective.state];
      const where = objective.worst === null ? '' : `in ${plain(objective.worst)}`;
      return [
        `${mark} ${plain(objective.text)}`,
        { text: measured(objective), paint },
        { text: where === '' ? objective.state : `${objective.state} ${where}`, paint },
      ];
    }),
  );
  for (const { state, measured, text, sentence } of objectives) {
    if (state === 'held' || (state === 'missed' && measured !== null)) continue;
    // The sentence may name the objective itself; it is not said twice.
    const said = plain(sentence);
    const about = plain(text);
    sheet.text(said.startsWith(about) ? said : `${about}: ${said}`, { paint: sheet.ink.faint });
  }
}

function measured({ unit, measured }: ObjectiveVerdict): string {
  if (measured === null) return WITHHELD;
  return unit === 'ms' ? time(measured) : unit === 'share' ? percent(measured) : rate(measured);
}

function validityText(sheet: Sheet, { verdict }: Report): void {
  const { good, bad, doubtful, strong } = sheet.ink;
  const sound = verdict.validity.filter(({ level }) => level === 'good').map(({ check }) => check);
  const shaky = verdict.validity.filter(({ level }) => level !== 'good');
  const paints = { good, doubtful, invalid: bad };
  sheet.line();
  if (verdict.validity.length === 0) {
    sheet.text('not judged: nothing was measured', { lead: 'Measurement  ' });
    return;
  }
  const title = `${strong('Measurement')}  `;
  if (shaky.length === 0) {
    sheet.text(sound.join(', '), { lead: `${title}${good('✓ good')}  `, paint: sheet.ink.faint });
    return;
  }
  sheet.line(`${title}${paints[verdict.level](`! ${verdict.level.toUpperCase()}`)}`);
  for (const check of shaky) {
    sheet.text(`${check.check}: ${extent(check)}`, { lead: '  ! ', paint: paints[check.level] });
    sheet.text(plain(`${check.meaning} ${check.remedy ?? ''}`), { lead: '    ' });
  }
  if (sound.length > 0) sheet.text(sound.join(', '), { lead: '  ✓ good: ' });
}

function extent({ measured, unit, limit, region }: ValidityVerdict): string {
  const figure = (n: number) => (unit === 'share' ? percent(n) : count(n));
  const limits = [
    ...(limit.doubtful === null ? [] : [`doubtful above ${figure(limit.doubtful)}`]),
    `invalid above ${figure(limit.invalid)}`,
  ];
  const where = region === null ? '' : ` in ${plain(region)}`;
  return `${measured === null ? 'unknown' : figure(measured)}${where} (${limits.join(', ')})`;
}
