import { plain } from '../render/plain.js';
import { isSound } from '../render/validity-text.js';
import type { Report, ValidityVerdict } from '../report-schema.js';
import { type Content, html, type Markup } from './markup.js';
import { details, type Page, regionName, section } from './page.js';
import { table } from './table.js';
import type { Format, Trace } from './trace.js';

const SIGNS = { good: '✓', doubtful: '!', invalid: '✗' } as const;
const LOOKS = { good: 'good', doubtful: 'doubtful', invalid: 'bad' } as const;
const FORMATS: Readonly<Record<ValidityVerdict['unit'], Format>> = {
  share: 'percent',
  count: 'count',
  ms: 'time',
};

/** Whether the numbers below can be trusted: every check in a strip, and what to do where it fails. */
export function validitySection(page: Page): Markup {
  const { report, trace } = page;
  const { validity, level } = report.verdict;
  if (validity.length === 0) {
    return section({
      id: 'validity',
      title: 'Measurement',
      body: html`<p>Not judged: nothing was measured.</p>`,
      look: 'validity',
    });
  }
  const shaky = [...validity.entries()].filter(([, check]) => !isSound(check));
  return section({
    id: 'validity',
    title: 'Measurement',
    aside: html`<b class="mark ${LOOKS[level]}"><span aria-hidden="true">${SIGNS[level]}</span> ${level}</b>`,
    look: `validity ${LOOKS[level]}`,
    body: html`<ul class="strip">
${validity.map((check, i) => chip(trace, check, i))}</ul>
${shaky.length > 0 && html`<ul class="reasons">${shaky.map(([i, check]) => reason(trace, check, i))}</ul>`}
${details('What each check found, and its limits', limitsTable(trace, report))}`,
  });
}

function chip(trace: Trace, check: ValidityVerdict, i: number): Markup {
  const { level, unit } = check;
  return html`<li class="${LOOKS[level]}"><span class="mark ${LOOKS[level]}" aria-hidden="true">${SIGNS[level]}</span> <span class="check">${check.check}</span> <span class="hidden">${level}:</span> ${trace.figure(`/verdict/validity/${i}/measured`, FORMATS[unit])}</li>
`;
}

function reason(trace: Trace, check: ValidityVerdict, i: number): Markup {
  const at = `/verdict/validity/${i}`;
  const { region, lowered, level } = check;
  return html`<li><b class="mark ${LOOKS[level]}"><span aria-hidden="true">${SIGNS[level]}</span> ${check.check}</b> ${trace.figure(`${at}/measured`, FORMATS[check.unit])}${
    region !== null && html` in ${regionName(region)}`
  }${
    lowered !== null && html`, <b>${lowered}</b>; accepted, and counts as ${level}`
  }. ${said(`${at}/meaning`, check.meaning)} ${check.remedy !== null && said(`${at}/remedy`, check.remedy)}</li>`;
}

function said(from: string, text: string): Markup {
  return html`<span data-from="${from}" data-as="text">${plain(text)}</span>`;
}

function limitsTable(trace: Trace, { verdict }: Report): Markup {
  return html`${(['share', 'count', 'ms'] as const).map((unit) => {
    const rows = [...verdict.validity.entries()].filter(([, check]) => check.unit === unit);
    if (rows.length === 0) return null;
    return table(trace, {
      caption: { share: 'Checks of a share', count: 'Checks of a number', ms: 'Checks of a time' }[
        unit
      ],
      heads: 'Check',
      columns: [
        { title: 'Found', of: 'measured', as: FORMATS[unit] },
        { title: 'Doubtful above', of: 'limit/doubtful', as: FORMATS[unit] },
        { title: 'Invalid above', of: 'limit/invalid', as: FORMATS[unit] },
        { title: 'Counts as', left: true, cell: (check: ValidityVerdict) => check.level },
        {
          title: 'What it means',
          left: true,
          cell: (check): Content =>
            said(`/verdict/validity/${verdict.validity.indexOf(check)}/meaning`, check.meaning),
        },
      ],
      rows: rows.map(([i, check]) => ({
        item: check,
        head: check.check,
        at: `/verdict/validity/${i}`,
      })),
    });
  })}`;
}

/** What stands out, in the order of the report: the gravest first. */
export function findingsSection({ report: { findings } }: Page): Markup | null {
  const looks = {
    serious: ['✗', 'bad', 'serious'],
    warning: ['!', 'doubtful', 'warning'],
    info: ['·', 'plain', 'note'],
  } as const;
  if (findings.length === 0) return null;
  return section({
    id: 'findings',
    title: 'What stands out',
    look: 'findings',
    body: html`<ul>${findings.map(({ severity, text }, i) => {
      const [sign, look, word] = looks[severity];
      return html`<li><b class="mark ${look}"><span aria-hidden="true">${sign}</span> <span class="hidden">${word}:</span></b> <span data-from="/findings/${i}/text" data-as="text">${plain(text)}</span></li>
`;
    })}</ul>`,
  });
}
