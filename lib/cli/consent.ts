import { forecast } from '../plan/forecast.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { askedRate, count } from '../report/render/figures.js';
import { plain } from '../report/render/plain.js';
import { Sheet } from '../report/render/sheet.js';
import type { Cell } from '../report/render/table.js';
import type { Estimate } from '../run/cost-estimate.js';
import { estimateText } from './estimate-text.js';
import { ask } from './terminal/question.js';
import { hasColor, type Terminal, widthOf } from './terminal/terminal.js';

interface ConsentOptions {
  readonly yes?: true;
  readonly quiet?: true;
}

/** Shows where a run would come from and what it would cost, and asks; with `--yes` it asks nobody. */
export async function consent(
  frozen: FrozenPlan,
  estimate: Estimate,
  { yes, quiet }: ConsentOptions,
  terminal: Terminal,
): Promise<boolean> {
  if (yes && quiet) return true;
  const { stderr } = terminal;
  const sheet = new Sheet(widthOf(stderr), hasColor(stderr));
  workersText(sheet, frozen);
  estimateText(sheet, frozen, estimate);
  sheet.line();
  stderr.write(sheet.toString());
  return yes === true || /^y(es)?$/i.test(await ask('start it? [y/N]', terminal));
}

function workersText(sheet: Sheet, frozen: FrozenPlan): void {
  const { shards } = forecast(frozen);
  const open = frozen.plan.load.kind === 'open';
  sheet.section('From');
  sheet.table(
    [
      { title: '', align: 'left' },
      { title: 'workers' },
      { title: open ? 'each at up to' : 'users each' },
    ],
    frozen.regions.map(({ name, workers }): Cell[] => {
      const own = shards.filter(({ region }) => region === name);
      const most = (of: (shard: (typeof own)[number]) => number | null) =>
        Math.max(0, ...own.map((shard) => of(shard) ?? 0));
      const each = open
        ? askedRate(most(({ peakRate }) => peakRate))
        : count(most((one) => one.users));
      return [plain(name), count(workers), each];
    }),
  );
}
