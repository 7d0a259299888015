import type { FrozenPlan } from '../plan/frozen-plan.js';
import { hasCode } from '../plan/starts.js';
import { costCells, usdText } from '../report/render/cost-lines.js';
import { count, usd } from '../report/render/figures.js';
import type { Sheet } from '../report/render/sheet.js';
import { costNotes, type Estimate } from '../run/cost-estimate.js';

/** What a run will cost, by line, and what is not in it. */
export function estimateText(sheet: Sheet, frozen: FrozenPlan, estimate: Estimate): void {
  const { lines, missing, asOf, answers, guessed } = estimate;
  const { faint, strong, doubtful } = sheet.ink;
  sheet.section('What it costs', `by prices as of ${asOf}`);
  const bold = (text: string) => ({ text, paint: strong });
  sheet.table(
    [
      { title: '', align: 'left' },
      { title: 'about', optional: 1 },
      { title: '' },
      { title: 'at most' },
    ],
    [
      ...lines
        .filter(({ quantity }) => quantity > 0)
        .map((line) => [...costCells(line), usdText(line.usd), usdText(line.mostUsd)]),
      [bold('in all'), '', bold(usdText(estimate.usd)), bold(usdText(estimate.mostUsd))],
    ],
  );
  for (const note of costNotes(frozen, estimate)) sheet.text(note, { paint: doubtful });
  if (missing.length === 0 && frozen.plan.limits !== undefined) {
    const limit = usd(frozen.plan.limits.costUsd);
    sheet.text(`it ends before it costs more than ${limit} (limits.cost)`, { paint: faint });
  }
  if (guessed) {
    const why = hasCode(frozen.plan) ? 'code decides' : 'users wait for answers';
    sheet.text(`${why}, so how many requests there are is a guess`, { paint: faint });
  }
  const each = `${usd(answers.usdPerGb)} a GB where that is AWS`;
  sheet.text(
    `not in it: what the target's owner pays to send ${count(answers.count)} answers, ${each}`,
    { paint: faint },
  );
}
