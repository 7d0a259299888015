import type { ObjectiveVerdict, Report } from '../report-schema.js';
import { WITHHELD } from './distribution-cells.js';
import { emulatedInShort } from './emulation-text.js';
import { counted, instant, percent, rate, span, time } from './figures.js';
import { plain } from './plain.js';
import type { Sheet } from './sheet.js';
import type { Cell } from './table.js';
import { validityText } from './validity-text.js';

/** The first thing that is read: the verdict, what was measured, and each objective. */
export function verdictText(sheet: Sheet, report: Report): void {
  const { run, verdict } = report;
  const { strong, faint } = sheet.ink;
  const { mark, word, paint } = looks(report, sheet);
  const emulated = emulatedInShort(report);
  const aside = emulated === '' ? '' : ` (${emulated})`;
  sheet.text(`${plain(run.name)}: ${inShort(report)}${aside}`, {
    lead: `${strong(paint(`${mark} ${word.toUpperCase()}`))}  `,
    paint: strong,
  });
  const request = run.requests.length === 1 ? run.requests.map(plain) : [];
  const [region = ''] = run.regions;
  const many = run.regions.length > 1;
  const one = run.emulated.length > 0 ? [`from ${plain(region)}`] : [];
  const regions = many ? [counted(run.regions.length, 'region')] : one;
  const label = run.label === null ? [] : [`“${plain(run.label)}”`];
  sheet.text([plain(run.target), ...request, ...regions, ...label].join(' · '));
  const when = run.startedAt === null ? 'never started' : instant(Date.parse(run.startedAt));
  sheet.text([run.id, when, span(run.seconds)].join(' · '), { paint: faint });
  objectivesText(sheet, verdict.objectives);
  validityText(sheet, report);
}

function looks({ verdict }: Report, { ink }: Sheet) {
  const { status, objectives } = verdict;
  if (status === 'stopped') return { mark: '■', word: status, paint: ink.doubtful };
  if (status !== 'passed') return { mark: '✗', word: status, paint: ink.bad };
  // Without an objective nothing was put to the test, so nothing has passed it.
  if (objectives.length === 0) return { mark: '•', word: 'done', paint: ink.strong };
  return { mark: '✓', word: status, paint: ink.good };
}

function inShort({ verdict, completeness }: Report): string {
  const { status, cause, objectives } = verdict;
  const of = (state: ObjectiveVerdict['state']) =>
    objectives.filter((objective) => objective.state === state).length;
  const [all, missed, held] = [objectives.length, of('missed'), of('held')];
  if (status === 'failed' && missed > 0) {
    return all === 1 ? 'the objective was missed' : `${missed} of ${all} objectives missed`;
  }
  if (status !== 'passed') return plain(cause ?? 'nobody knows why');
  if (all === 0) {
    const { failed, cut, dropped, scheduled } = completeness.requests;
    // What the list of errors counts, and what waited in vain for an answer.
    const errors = failed + cut.deadline + dropped.target;
    const share = errors > 0 ? `; ${percent(errors / scheduled)} of the requests failed` : '';
    return `no objectives were set${share}`;
  }
  if (held < all) return `${held} of ${counted(all, 'objective')} held, the others were not judged`;
  return all === 1 ? 'the objective held' : `all ${all} objectives held`;
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
