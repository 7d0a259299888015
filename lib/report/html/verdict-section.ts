import { plain } from '../render/plain.js';
import { inShort, speaksForItself, wordOf } from '../render/verdict-text.js';
import type { ObjectiveVerdict } from '../report-schema.js';
import { type Content, html, type Markup } from './markup.js';
import { details, type Page, regionName } from './page.js';
import { table } from './table.js';
import type { Format } from './trace.js';

type State = ObjectiveVerdict['state'];

/** A sign beside each word: neither rests on colour. */
const LOOKS: Readonly<Record<State, readonly [sign: string, look: string]>> = {
  held: ['✓', 'good'],
  missed: ['✗', 'bad'],
  undecided: ['?', 'doubtful'],
  'not reached': ['?', 'doubtful'],
  'not judged': ['?', 'doubtful'],
};

export const UNITS: Readonly<Record<ObjectiveVerdict['unit'], Format>> = {
  ms: 'time',
  share: 'percent',
  'per second': 'rate',
};

/** The first thing that is read: what it comes to, and each promise. */
export function verdictSection(page: Page): Markup {
  const { report, trace } = page;
  const { status, objectives } = report.verdict;
  const { sign, word, look } = statusLooks(page);
  return html`<section id="verdict" class="card verdict ${look}" aria-labelledby="verdict-title">
<h2 id="verdict-title"><a class="address" href="#verdict"><span class="sign" aria-hidden="true">${sign}</span> <b>${word}</b></a> <span class="short" data-from="/verdict" data-as="short">${inShort(report)}</span></h2>
${
  objectives.length > 0 &&
  html`<ul class="objectives" aria-label="Objectives">
${objectives.map((objective, i) => objectiveItem(page, objective, i))}</ul>`
}
<p class="exit faint">exit code ${trace.figure('/verdict/exitCode', 'number')}${
    status === 'passed' && objectives.length === 0 ? ': no objective was set' : ''
  }</p>
</section>
`;
}

function statusLooks({ report }: Page): {
  readonly sign: string;
  readonly word: string;
  readonly look: string;
} {
  const is = wordOf(report);
  const word = is.charAt(0).toUpperCase() + is.slice(1);
  if (is === 'stopped') return { sign: '■', word, look: 'doubtful' };
  if (is === 'passed') return { sign: '✓', word, look: 'good' };
  if (is === 'done') return { sign: '•', word, look: 'plain' };
  return { sign: '✗', word, look: 'bad' };
}

function objectiveItem({ trace }: Page, objective: ObjectiveVerdict, i: number): Markup {
  const at = `/verdict/objectives/${i}`;
  const { state, worst, unit, text, sentence, apart } = objective;
  const said = speaksForItself(objective) ? null : sentence;
  const tail = said?.startsWith(text) ? said.slice(text.length).replace(/^[:\s]+/, '') : said;
  return html`<li class="${LOOKS[state][1]}" id="objective-${i + 1}">
<span class="state">${stateMark(state)}</span> <span class="measured">${trace.figure(`${at}/measured`, UNITS[unit])}</span> <span class="where">${
    worst !== null && html`in ${regionName(worst)}`
  }</span>
<a class="promise address" href="#objective-${i + 1}" data-from="${at}/text" data-as="text">${text}</a>
${tail !== null && tail !== undefined && html`<span class="why faint" data-from="${at}/sentence" data-as="part">${tail}</span>`}
${
  apart !== undefined &&
  apart.length > 1 &&
  details(
    'Each region',
    table(trace, {
      caption: `${text}, region by region`,
      heads: 'Region',
      columns: [
        { title: 'Measured', of: 'measured', as: UNITS[unit] },
        {
          title: 'Result',
          left: true,
          cell: (one: (typeof apart)[number]) => stateMark(one.state),
        },
        {
          title: 'Because',
          left: true,
          cell: (one) =>
            one.state !== 'held' &&
            one.state !== 'missed' &&
            html`<span data-from="${at}/apart/${apart.indexOf(one)}/sentence" data-as="text">${plain(one.sentence)}</span>`,
        },
      ],
      rows: apart.map((one, j) => ({
        item: one,
        head: regionName(one.region),
        at: `${at}/apart/${j}`,
      })),
    }),
  )
}</li>
`;
}

function stateMark(state: State): Content {
  const [sign, look] = LOOKS[state];
  return html`<b class="mark ${look}"><span aria-hidden="true">${sign}</span> ${state}</b>`;
}

/** For a badge at the top, and the title of the window. */
export function statusSentence(page: Page): string {
  return `${statusLooks(page).word}: ${inShort(page.report)}`;
}
