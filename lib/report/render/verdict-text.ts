import type { ObjectiveVerdict, Report } from '../report-schema.js';
import { WITHHELD } from './distribution-cells.js';
import { emulatedInShort } from './emulation-text.js';
import { counted, instant, percent, rate, span, time } from './figures.js';
import { plain } from './plain.js';
import type { Paper } from './sheet.js';
import type { Cell } from './table.js';
import { validityText } from './validity-text.js';

/** The first thing that is read: the verdict, what was measured, and each objective. */
export function verdictText(paper: Paper, report: Report): void {
  const { verdict } = report;
  const { strong, faint } = paper.ink;
  const { mark, word, paint } = looks(report, paper);
  paper.text(sentenceOf(report), {
    lead: `${strong(paint(`${mark} ${word.toUpperCase()}`))}  `,
    paint: strong,
  });
  const [what, when] = aboutLines(report);
  paper.text(what);
  paper.text(when, { paint: faint });
  objectivesText(paper, verdict.objectives);
  validityText(paper, report);
}

/** `checkout: all 3 objectives held`. */
export function sentenceOf(report: Report): string {
  const emulated = emulatedInShort(report);
  const aside = emulated === '' ? '' : ` (${emulated})`;
  return `${plain(report.run.name)}: ${inShort(report)}${aside}`;
}

/** What was measured and from where; when, and for how long. */
export function aboutLines({ run }: Report): readonly [what: string, when: string] {
  const request = run.requests.length === 1 ? run.requests.map(plain) : [];
  const [region = ''] = run.regions;
  const many = run.regions.length > 1;
  const one = run.emulated.length > 0 ? [`from ${plain(region)}`] : [];
  const regions = many ? [counted(run.regions.length, 'region')] : one;
  const label = run.label === null ? [] : [`“${plain(run.label)}”`];
  const when = run.startedAt === null ? 'never started' : instant(Date.parse(run.startedAt));
  return [
    [plain(run.target), ...request, ...regions, ...label].join(' · '),
    [plain(run.id), when, span(run.seconds)].join(' · '),
  ];
}

/** Without an objective nothing was put to the test, so nothing has passed it: that is *done*. */
export function wordOf({ verdict: { status, objectives } }: Report): string {
  return status === 'passed' && objectives.length === 0 ? 'done' : status;
}

function looks(report: Report, { ink }: Paper) {
  const word = wordOf(report);
  if (word === 'stopped') return { mark: '■', word, paint: ink.doubtful };
  if (word === 'passed') return { mark: '✓', word, paint: ink.good };
  if (word === 'done') return { mark: '•', word, paint: ink.strong };
  return { mark: '✗', word, paint: ink.bad };
}

/** The verdict in a few words, behind its status. */
export function inShort({ verdict, completeness }: Report): string {
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

function objectivesText(paper: Paper, objectives: readonly ObjectiveVerdict[]): void {
  if (objectives.length === 0) return;
  const { good, bad, doubtful } = paper.ink;
  const looks = {
    held: ['✓', good],
    missed: ['✗', bad],
    undecided: ['?', doubtful],
    'not reached': ['?', doubtful],
    'not judged': ['?', doubtful],
  } as const;
  paper.section('Objectives');
  paper.table(
    [{ title: '', align: 'left' }, { title: '' }, { title: '', align: 'left' }],
    objectives.map((objective): Cell[] => {
      const [mark, paint] = looks[objective.state];
      const where = objective.worst === null ? '' : `in ${plain(objective.worst)}`;
      return [
        `${mark} ${plain(objective.text)}`,
        { text: measuredText(objective), paint },
        { text: where === '' ? objective.state : `${objective.state} ${where}`, paint },
      ];
    }),
  );
  for (const objective of objectives) {
    if (speaksForItself(objective)) continue;
    // The sentence may name the objective itself; it is not said twice.
    const said = plain(objective.sentence);
    const about = plain(objective.text);
    paper.text(said.startsWith(about) ? said : `${about}: ${said}`, { paint: paper.ink.faint });
  }
}

/** Its state and what was measured leave nothing to be explained. */
export function speaksForItself({ state, measured }: ObjectiveVerdict): boolean {
  return state === 'held' || (state === 'missed' && measured !== null);
}

/** What an objective found, in its unit. */
export function measuredText({
  unit,
  measured,
}: Pick<ObjectiveVerdict, 'unit' | 'measured'>): string {
  if (measured === null) return WITHHELD;
  return unit === 'ms' ? time(measured) : unit === 'share' ? percent(measured) : rate(measured);
}
