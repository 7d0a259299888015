// What the two bounding runs write: `npm run bench -- budget` writes both in full into a temporary
// folder, which is removed at the end. --count keeps nothing; --smoke takes one worker of each.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUDGET_RUNS, type BudgetRun, legsOf, sumOf, type Written, writeShard } from './budget.js';
import { judge, say } from './figures.js';

const smoke = process.argv.includes('--smoke');
const counted = smoke || process.argv.includes('--count');

function writeRun(run: BudgetRun, workers: number, folder: string | null): Written {
  const parts: Written[] = [];
  for (let n = 0; n < workers; n++) {
    const place = folder && join(folder, `${n}`);
    if (place !== null) mkdirSync(place, { recursive: true });
    for (const leg of legsOf(run)) {
      parts.push(
        writeShard(run, leg, n, (name, bytes) => {
          if (place !== null) writeFileSync(join(place, name), bytes);
        }),
      );
    }
  }
  return sumOf(parts);
}

const folder = counted ? null : mkdtempSync(join(tmpdir(), 'isochrone-budget-'));
const claims: [string, boolean][] = [];
try {
  BUDGET_RUNS.forEach((run, index) => {
    const all = run.regions * run.workers;
    const workers = smoke ? 1 : all;
    const written = writeRun(run, workers, folder && join(folder, `${index}`));
    say(`${run.name}${smoke ? ` (one worker, times ${all})` : ''}`);
    for (const what of ['histograms', 'bytes', 'objects'] as const) {
      const limit = run.limits[what];
      const number = (written[what] * all) / workers;
      claims.push([
        `${number.toLocaleString('en')} ${what}, at most ${limit.toLocaleString('en')}`,
        number <= limit,
      ]);
    }
  });
} finally {
  if (folder !== null) rmSync(folder, { recursive: true });
}
process.exitCode = judge(claims);
