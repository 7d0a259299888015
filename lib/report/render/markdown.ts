import type { ObjectiveVerdict, Report, ValidityLevel } from '../report-schema.js';
import { regionsText, requestsText, stagesText } from './breakdown-text.js';
import { checksTable } from './checks-text.js';
import { costText } from './cost-text.js';
import { distanceText, firstVisitsText } from './distance-text.js';
import { DistributionCells } from './distribution-cells.js';
import { accountsText, findingsText, methodText } from './ending-text.js';
import { count, counted, span } from './figures.js';
import { flowsText } from './flows-text.js';
import { headlineSlice, headlineText, phasesText } from './headline-text.js';
import { MarkdownPaper } from './markdown-paper.js';
import { fenced, LONGEST_SENTENCE, prose, row } from './markdown-text.js';
import { plain } from './plain.js';
import { Sheet } from './sheet.js';
import { timeText } from './time-text.js';
import { acceptance, isSound, validityExtent } from './validity-text.js';
import { aboutLines, measuredText, sentenceOf, wordOf } from './verdict-text.js';
import { workersText } from './workers-text.js';

/** GitHub takes 1,024 KiB of summary from a step; this leaves some of it to others. */
const MOST_BYTES = 1000 * 1024;
const MOST_ERRORS = 20;

/**
 * The report in GitHub's Markdown, in the order of the text but for the regions, which come sooner:
 * what decides is open to see, the rest is folded. Text from outside is shown, and never markup.
 */
export function renderMarkdown(report: Report, maxBytes = MOST_BYTES): string {
  const paper = new MarkdownPaper();
  const cells = new DistributionCells(paper);
  const headline = headlineSlice(report);
  const began = report.run.startedAt !== null;
  verdict(paper, report);
  validity(paper, report);
  if (headline !== undefined && began) headlineText(paper, report, headline, cells);
  findingsText(paper, report);
  if (headline !== undefined && began) {
    distanceText(paper, report, cells);
    regionsText(paper, report, cells);
    flowsText(paper, report, cells, 'full');
    paper.fold();
    firstVisitsText(paper, report);
    phasesText(paper, report, headline, cells);
    overTime(paper, report);
    requestsText(paper, report, cells);
    stagesText(paper, report, cells);
  }
  paper.fold();
  if (began) {
    errors(paper, report);
    checksTable(paper, report);
    accountsText(paper, report);
  }
  workersText(paper, report);
  costText(paper, report);
  methodText(paper, report);
  return paper.toMarkdown(maxBytes);
}

const STATUS_SIGNS: Readonly<Record<string, string>> = {
  passed: '✅',
  done: 'ℹ️',
  invalid: '⚠️',
  stopped: '⏹️',
};
const STATE_SIGNS: Readonly<Record<ObjectiveVerdict['state'], string>> = {
  held: '✅',
  missed: '❌',
  undecided: '⚠️',
  'not reached': '❔',
  'not judged': '❔',
};
const LEVEL_SIGNS: Readonly<Record<ValidityLevel, string>> = {
  good: '✅',
  doubtful: '⚠️',
  invalid: '❌',
};

function verdict(paper: MarkdownPaper, report: Report): void {
  const word = wordOf(report);
  paper.block(
    `## ${STATUS_SIGNS[word] ?? '❌'} ${word.toUpperCase()} ${prose(sentenceOf(report), LONGEST_SENTENCE)}`,
  );
  paper.block(
    aboutLines(report)
      .map((line) => prose(line, LONGEST_SENTENCE))
      .join('  \n'),
  );
  const { objectives } = report.verdict;
  if (objectives.length === 0) return;
  const rows = objectives.map((objective) => {
    const { state, text, worst, sentence } = objective;
    const where = worst === null ? '' : ` in ${plain(worst)}`;
    const sentenceText = prose(sentence, LONGEST_SENTENCE);
    const result = `${STATE_SIGNS[state]} ${prose(`${state}${where}`)}`;
    return row([result, prose(text), measuredText(objective), sentenceText]);
  });
  paper.block(['| | objective | measured | |', '|:--|:--|--:|:--|', ...rows].join('\n'));
}

function validity(paper: MarkdownPaper, { verdict: { level, validity } }: Report): void {
  if (validity.length === 0) {
    paper.block('**Measurement** not judged: nothing was measured');
    return;
  }
  const sound = validity.filter(isSound).map(({ check }) => check);
  const shaky = validity.filter((check) => !isSound(check));
  const title = `**Measurement ${LEVEL_SIGNS[level]} ${level}**`;
  if (shaky.length === 0) {
    paper.block(`${title}: ${sound.join(', ')}`);
    return;
  }
  paper.block(title);
  for (const check of shaky) {
    const { meaning, remedy } = check;
    paper.text(
      `${check.check}: ${validityExtent(check)}${acceptance(check)}. ${meaning} ${remedy ?? ''}`,
      {
        lead: `  ${LEVEL_SIGNS[check.level]} `,
      },
    );
  }
  if (sound.length > 0) paper.text(`good: ${sound.join(', ')}`, { lead: `  ${LEVEL_SIGNS.good} ` });
}

/** Bars stand where they stand only where every character is as wide. */
function overTime(paper: MarkdownPaper, report: Report): void {
  const sheet = new Sheet(paper.width, false);
  timeText(sheet, report);
  const [title = '', ...lines] = sheet.toString().trim().split('\n');
  if (title === '') return;
  paper.section(title);
  paper.block(fenced(lines.join('\n')));
}

function errors(paper: MarkdownPaper, { errors, completeness }: Report): void {
  if (errors.length === 0) return;
  const all = errors.reduce((sum, error) => sum + error.count, 0);
  const scheduled = counted(completeness.requests.scheduled, 'request');
  paper.section('Errors', `${count(all)} in ${scheduled}, warm-up included`);
  paper.table(
    ['times', '', 'message', 'request', 'region', 'first', 'last', 'sample'].map((title, i) => ({
      title,
      align: i === 0 ? 'right' : 'left',
    })),
    errors
      .slice(0, MOST_ERRORS)
      .map((error) => [
        count(error.count),
        `${error.class} ${error.code}`,
        error.message,
        error.request,
        error.region,
        span(error.first),
        span(error.last),
        error.sample ?? '',
      ]),
  );
  const rest = errors.length - MOST_ERRORS;
  if (rest > 0) paper.text(`and ${counted(rest, 'further kind')}, in report.json`);
}
