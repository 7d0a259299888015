import type { Command } from 'commander';
import { instant } from '../report/render/figures.js';
import { plain } from '../report/render/plain.js';
import { ink } from '../report/render/sheet.js';
import { type Cell, table } from '../report/render/table.js';
import { type ListedRun, listRuns } from '../store/run-list.js';
import { addStoreOption, openStore, type StoreOption } from './store-option.js';
import { hasColor, print, say, type Terminal, widthOf } from './terminal/terminal.js';

export function addRuns(program: Command, terminal: Terminal): void {
  const command = program
    .command('runs')
    .summary('list the runs that are kept')
    .description('Lists the runs that are kept, the newest first.');
  addStoreOption(command.option('--json', 'as JSON')).action(
    async (options: StoreOption & { json?: true }) => {
      const { store } = openStore(options, terminal);
      const runs = await listRuns(store);
      if (options.json) print(terminal, JSON.stringify(runs.map(entry), null, 2));
      else if (runs.length === 0) say(terminal, `no runs are kept in ${store.address} yet`);
      else print(terminal, runsTable(runs, terminal));
    },
  );
}

function entry({ run, state, damage }: ListedRun) {
  return {
    run,
    createdAt: state === null ? null : new Date(state.createdAtMs).toISOString(),
    name: state?.name ?? null,
    label: state?.label ?? null,
    target: state?.target ?? null,
    phase: state?.phase ?? null,
    verdict: state?.verdict ?? null,
    damage,
  };
}

function runsTable(runs: readonly ListedRun[], { stdout }: Terminal): string {
  const { good, bad, doubtful, faint } = ink(hasColor(stdout));
  const verdict = ({ state }: ListedRun): Cell => {
    if (state === null) return { text: 'damaged', paint: bad };
    // A run that is not over has no verdict, and one that was killed never gets one.
    if (state.verdict === null) return { text: state.phase, paint: faint };
    const { status } = state.verdict;
    const paint = status === 'passed' ? good : status === 'stopped' ? doubtful : bad;
    return { text: status, paint };
  };
  const lines = table(
    [
      { title: 'run', align: 'left', whole: true },
      { title: 'verdict', align: 'left' },
      { title: 'label', align: 'left', optional: 1 },
      { title: 'target', align: 'left', optional: 2 },
      { title: 'name', align: 'left', optional: 3 },
      { title: 'when', align: 'left', optional: 4 },
    ],
    runs.map((listed): Cell[] => {
      const { run, state, damage } = listed;
      if (state === null) return [run, verdict(listed), '', plain(damage), '', ''];
      const { label, target, name, createdAtMs } = state;
      return [
        run,
        verdict(listed),
        plain(label ?? ''),
        plain(target),
        plain(name),
        instant(createdAtMs),
      ];
    }),
    widthOf(stdout),
    faint,
  );
  return lines.join('\n');
}
