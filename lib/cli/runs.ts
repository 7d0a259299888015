import type { Command } from 'commander';
import { instant } from '../report/render/figures.js';
import { jsonText } from '../report/render/json.js';
import { plain } from '../report/render/plain.js';
import { ink } from '../report/render/sheet.js';
import { type Cell, table } from '../report/render/table.js';
import { atMostAtOnce } from '../run/at-most-at-once.js';
import { isLost } from '../run/last-sign.js';
import { runFiles } from '../store/run-files.js';
import { type ListedRun, listRuns } from '../store/run-list.js';
import type { Store } from '../store/store.js';
import { addWhereOptions, openStore, type StoreOption } from './store-option.js';
import { hasColor, print, say, type Terminal, widthOf } from './terminal/terminal.js';

const READ_AT_ONCE = 16;

export function addRuns(program: Command, terminal: Terminal): void {
  const command = program
    .command('runs')
    .summary('list the runs that are kept')
    .description('Lists the runs that are kept, the newest first.');
  addWhereOptions(command.option('--json', 'as JSON')).action(
    async (options: StoreOption & { json?: true }) => {
      const { store } = await openStore(options, terminal);
      const runs = await withLost(store, await listRuns(store));
      if (options.json) print(terminal, jsonText(runs.map(entry), 2));
      else if (runs.length === 0) say(terminal, `no runs are kept in ${store.address} yet`);
      else print(terminal, runsTable(runs, terminal));
    },
  );
}

type ShownRun = ListedRun & { readonly lost: boolean };

/** Those on AWS whose time has passed without an end: nobody will ever end them. */
async function withLost(store: Store, runs: readonly ListedRun[]): Promise<ShownRun[]> {
  const nowMs = Date.now();
  const lost = new Set<string>();
  const open = runs.filter(({ state }) => state !== null && state.phase !== 'ended');
  await atMostAtOnce(READ_AT_ONCE, open, async ({ run, state }) => {
    const files = runFiles(store, run);
    const frozen = await files.plan.read().catch(() => null);
    if (frozen?.where === 'aws' && (await isLost(files, state!, nowMs))) lost.add(run);
  });
  return runs.map((listed) => ({ ...listed, lost: lost.has(listed.run) }));
}

function entry({ run, state, damage, lost }: ShownRun) {
  return {
    run,
    createdAt: state === null ? null : new Date(state.createdAtMs).toISOString(),
    name: state?.name ?? null,
    label: state?.label ?? null,
    target: state?.target ?? null,
    phase: state?.phase ?? null,
    verdict: state?.verdict ?? null,
    lost,
    damage,
  };
}

function runsTable(runs: readonly ShownRun[], { stdout }: Terminal): string {
  const { good, bad, doubtful, faint } = ink(hasColor(stdout));
  const verdict = ({ state, lost }: ShownRun): Cell => {
    if (state === null) return { text: 'damaged', paint: bad };
    if (lost) return { text: 'lost', paint: bad };
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
