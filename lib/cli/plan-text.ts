import { type Forecast, forecast, type ShardForecast } from '../plan/forecast.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { askedRate, count, counted, percent, span, time } from '../report/render/figures.js';
import { plain } from '../report/render/plain.js';
import { Sheet } from '../report/render/sheet.js';
import type { Cell } from '../report/render/table.js';
import { type Estimate, localCostNotes } from '../run/cost-estimate.js';
import { abortNotes, objectiveNeeds } from '../run/guard.js';
import { runBudget } from '../run/run-budget.js';
import { estimateText } from './estimate-text.js';
import { outlook } from './outlook.js';
import { BY_ANSWERS, dataText, requestsText } from './requests-text.js';

/** Of a region of more workers the first and the sum are shown. */
const MOST_WORKERS = 12;

/** What a run would do, for people: stages, who sends how much, what objectives need, what it costs. */
export function planText(
  frozen: FrozenPlan,
  { width, color }: { readonly width: number; readonly color: boolean },
  estimate: Estimate | null = null,
): string {
  const sheet = new Sheet(width, color);
  const expected = forecast(frozen);
  sheet.line(sheet.ink.strong(plain(frozen.plan.name)));
  sheet.text(outlook(frozen));
  stagesText(sheet, frozen, expected);
  workersText(sheet, frozen, expected);
  distancesText(sheet, frozen);
  requestsText(sheet, frozen, expected);
  dataText(sheet, frozen);
  objectivesText(sheet, frozen);
  abortText(sheet, frozen);
  servicesText(sheet, frozen);
  if (estimate) estimateText(sheet, frozen, estimate);
  return sheet.toString();
}

function stagesText(sheet: Sheet, frozen: FrozenPlan, { starts }: Forecast): void {
  sheet.section(
    'Stages',
    frozen.plan.load.kind === 'open' ? `${frozen.plan.arrivals} arrivals` : '',
  );
  sheet.table(
    [
      { title: '', align: 'left' },
      { title: 'from' },
      { title: 'lasts' },
      { title: frozen.plan.flows ? 'starts' : 'requests' },
    ],
    frozen.stages.map(({ title, warmup, startUs, endUs }, stage) => [
      `${plain(title)}${warmup ? ', warm-up' : ''}`,
      span(startUs / 1e6),
      span((endUs - startUs) / 1e6),
      starts === null ? BY_ANSWERS : count(sum(starts.map((region) => sum(region[stage] ?? [])))),
    ]),
  );
}

function workersText(
  sheet: Sheet,
  { regions, plan, legs }: FrozenPlan,
  { shards }: Forecast,
): void {
  const shares = sum(regions.map(({ share }) => share));
  sheet.section('Workers', `connections: ${plan.http.connections}`);
  const open = plan.load.kind === 'open';
  const rows = regions.flatMap(({ name, share, workers }): Cell[][] => {
    const own = shards.filter(({ region }) => region === name);
    return own
      .filter(({ leg }) => leg === 0)
      .map(({ n }) => relayed(own.filter((shard) => shard.n === n)))
      .slice(0, MOST_WORKERS)
      .map((shard, i): Cell[] => [
        workers > 1 ? `${plain(name)} ${shard.n + 1} of ${workers}` : plain(name),
        i === 0 ? percent(share / shares) : '',
        shard.starts === null ? BY_ANSWERS : count(shard.starts),
        open ? (shard.peakRate === null ? '' : askedRate(shard.peakRate)) : count(shard.users ?? 0),
        shard.connections === null ? 'auto' : count(shard.connections),
      ]);
  });
  sheet.table(
    [
      { title: '', align: 'left' },
      { title: 'share' },
      { title: plan.flows ? 'starts' : 'requests' },
      { title: open ? 'peak rate' : 'users' },
      { title: 'connections' },
    ],
    rows,
  );
  if (legs.length > 1) {
    const longest = span(Math.max(...legs.map(({ startUs, endUs }) => endUs - startUs)) / 1e6);
    sheet.text(`in ${legs.length} legs of at most ${longest}, each by new workers`, {
      paint: sheet.ink.faint,
    });
  }
  const unseen = regions.filter(({ workers }) => workers > MOST_WORKERS);
  for (const { name, workers } of unseen) {
    sheet.text(`and ${counted(workers - MOST_WORKERS, 'more worker')} in ${plain(name)}`, {
      paint: sheet.ink.faint,
    });
  }
}

/** A share is worked off by one worker after another; shown is what they do all together. */
function relayed(shards: readonly ShardForecast[]): ShardForecast {
  const most = (numbers: readonly (number | null)[]) =>
    numbers.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)))!;
  return {
    ...shards[0]!,
    starts: shards.some(({ starts }) => starts === null)
      ? null
      : sum(shards.map(({ starts }) => starts!)),
    peakRate: most(shards.map(({ peakRate }) => peakRate)),
    users: most(shards.map(({ users }) => users)),
  };
}

/** How far away emulated regions will seem. */
function distancesText(sheet: Sheet, { where, regions, plan }: FrozenPlan): void {
  if (where !== 'emulated') return;
  const { targetAt } = plan;
  sheet.section(
    'Emulated distance',
    `round trips to the target${targetAt === undefined ? '' : `, which stands at ${plain(targetAt)}`}`,
  );
  sheet.table(
    [
      { title: '', align: 'left' },
      { title: 'round trip' },
      { title: 'jitter, up to' },
      { title: 'loss' },
    ],
    regions.map(({ name, emulated }) =>
      emulated === null
        ? [plain(name), 'as it is']
        : [
            plain(name),
            time(emulated.roundTripUs / 1e3),
            emulated.jitterUs > 0 ? time(emulated.jitterUs / 1e3) : '',
            emulated.loss > 0 ? percent(emulated.loss) : '',
          ],
    ),
  );
}

function objectivesText(sheet: Sheet, frozen: FrozenPlan): void {
  const { objectives } = frozen.plan;
  if (objectives.length === 0) return;
  const { good, bad, doubtful, faint } = sheet.ink;
  const needs = objectiveNeeds(frozen);
  sheet.section('Objectives');
  for (const objective of objectives) {
    const own = needs.filter((need) => need.objective === objective);
    const hopeless = own.some(({ scheduled, least }) => scheduled !== null && scheduled < least);
    const open = own.some(({ scheduled, toShow }) => scheduled === null || scheduled < toShow);
    const mark = hopeless ? bad('✗') : open ? doubtful('?') : good('✓');
    sheet.text(plain(objective.text), { lead: `  ${mark} ` });
    for (const { text } of own) sheet.text(plain(text), { lead: '    ', paint: faint });
  }
}

function abortText(sheet: Sheet, frozen: FrozenPlan): void {
  const { abort } = frozen.plan;
  const notes = frozen.where === 'aws' ? [] : localCostNotes(frozen);
  if (abort.length + notes.length === 0) return;
  sheet.section('Ends early', abort.length > 0 ? 'warm-up counts' : '');
  for (const note of notes) sheet.text(note, { paint: sheet.ink.faint });
  for (const { condition } of abort) sheet.text(plain(condition.text), { lead: '  ■ ' });
  for (const note of abortNotes(frozen)) {
    sheet.text(plain(note), { lead: '    ', paint: sheet.ink.faint });
  }
}

/** What a run on AWS asks of the services that carry it. */
function servicesText(sheet: Sheet, frozen: FrozenPlan): void {
  if (frozen.where !== 'aws') return;
  const { operations, controlReadsPerSecond, writesPerSecond, requests } = runBudget(frozen);
  sheet.section('What it asks of AWS', 'at most');
  sheet.table(
    [{ title: '', align: 'left' }, { title: '' }],
    [
      ['durable operations of the orchestrator', count(operations)],
      ['its requests to S3: reads', count(requests.reads)],
      ['lists', count(requests.lists)],
      ['writes', count(requests.writes)],
      ['reads of control by workers, in a second', count(controlReadsPerSecond)],
      ['fragments of workers, in a second', count(writesPerSecond)],
    ],
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
