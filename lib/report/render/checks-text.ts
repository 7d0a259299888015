import type { Report } from '../report-schema.js';
import { count, percent } from './figures.js';
import { plain } from './plain.js';
import type { Paper } from './sheet.js';

type Check = Report['checks'][number];

const MOST_CHECKS = 8;

/** With their places: those that failed most often first, those that always held as they were. */
export function worstFirst(checks: readonly Check[]): (readonly [place: number, check: Check])[] {
  return [...checks.entries()].sort(
    ([i, a], [j, b]) =>
      b.failed - a.failed ||
      (a.failed > 0 && a.text !== b.text ? (a.text < b.text ? -1 : 1) : i - j),
  );
}

/** `1 of 12 did not always hold, warm-up included`. */
export function checksInShort(checks: readonly Check[]): string {
  const broken = checks.filter(({ failed }) => failed > 0).length;
  const held =
    broken === 0 ? 'all held' : `${count(broken)} of ${count(checks.length)} did not always hold`;
  return `${held}, warm-up included`;
}

/** What the plan expects of answers, or its code checks, and what did not always hold. */
export function checksText(paper: Paper, { checks }: Report): void {
  const broken = worstFirst(checks).filter(([, { failed }]) => failed > 0);
  if (broken.length === 0) return;
  const { bad, faint } = paper.ink;
  paper.section('Checks', checksInShort(checks));
  for (const [, { request, text, passed, failed }] of broken.slice(0, MOST_CHECKS)) {
    const judged = passed + failed;
    paper.text(
      `${plain(text)}: failed ${count(failed)} of ${count(judged)} times (${percent(failed / judged)})`,
      { lead: `  ${bad('✗')} ` },
    );
    paper.text(plain(request), { lead: '    ', paint: faint });
  }
  if (broken.length > MOST_CHECKS) {
    paper.text(`${count(broken.length - MOST_CHECKS)} more, in report.json`, { paint: faint });
  }
}

/** The same as a table, with those that held. */
export function checksTable(paper: Paper, { checks }: Report): void {
  if (checks.length === 0) return;
  const { good, bad } = paper.ink;
  paper.section('Checks', checksInShort(checks));
  paper.table(
    [
      { title: '', align: 'left' },
      { title: 'check', align: 'left' },
      { title: 'request', align: 'left' },
      { title: 'passed' },
      { title: 'failed' },
      { title: 'share failed' },
    ],
    worstFirst(checks).map(([, { request, text, passed, failed }]) => [
      failed > 0 ? { text: '❌ failed', paint: bad } : { text: '✅ held', paint: good },
      text,
      request,
      count(passed),
      count(failed),
      percent(failed / (passed + failed)),
    ]),
  );
}
