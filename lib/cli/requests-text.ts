import { usesInAll } from '../plan/data-pick.js';
import { type Forecast, requestsOf } from '../plan/forecast.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import type { PlanFlow } from '../plan/plan.js';
import { requestCountsOf, type Start, startsOf, subjectsOf } from '../plan/starts.js';
import { count, percent, span } from '../report/render/figures.js';
import { plain } from '../report/render/plain.js';
import type { Sheet } from '../report/render/sheet.js';
import type { Cell } from '../report/render/table.js';

export const BY_ANSWERS = 'by answers';
const BY_CODE = 'by its code';

/** What is sent how often: plain requests, then flows, each with its requests below it. */
export function requestsText(sheet: Sheet, frozen: FrozenPlan, { starts }: Forecast): void {
  const { plan } = frozen;
  const pool = startsOf(plan);
  const names = subjectsOf(plan);
  const weights = sum(pool.map(({ weight }) => weight));
  const iterations = names.map((_, subject) =>
    sum((starts ?? []).flatMap((region) => region.map((stage) => stage[subject] ?? 0))),
  );
  const requests = requestsOf(frozen, iterations);
  const counted = (n: number) => (starts === null ? BY_ANSWERS : count(n));
  const timeout = (request: number) => span(plan.requests[request]!.timeoutUs / 1e6);
  const rows = pool.flatMap(({ weight, subject, flow }): Cell[][] => {
    const begun = [percent(weight / weights), counted(iterations[subject]!)];
    if (flow === null) {
      return [[plain(names[subject]!), ...begun, counted(requests[subject]!), timeout(subject)]];
    }
    const inCode = flow.kind === 'code';
    const steps = requestsIn(plan, { subject, flow });
    const sent = inCode ? BY_CODE : counted(sum(steps.map((step) => requests[step]!)));
    const name = inCode ? `${names[subject]} (${flow.code.file})` : names[subject]!;
    return [
      [plain(name), ...begun, sent, ''],
      ...steps.map((step): Cell[] => {
        const own = inCode ? BY_CODE : counted(requests[step]!);
        return [`  ${plain(plan.requests[step]!.name)}`, '', '', own, timeout(step)];
      }),
    ];
  });
  const head = [
    { title: '', align: 'left' },
    { title: 'share' },
    { title: 'iterations' },
    { title: 'requests' },
    { title: 'timeout' },
  ] as const;
  // An iteration of a plain request is that request.
  const shown = head.map((_, i) => i).filter((i) => plan.flows || head[i]!.title !== 'iterations');
  sheet.section('Requests');
  sheet.table(
    shown.map((i) => head[i]!),
    rows.map((row) => shown.map((i) => row[i]!)),
  );
}

function requestsIn(
  plan: FrozenPlan['plan'],
  { subject, flow }: Pick<Start, 'subject'> & { readonly flow: PlanFlow },
): readonly number[] {
  return flow.kind === 'code' ? flow.requests : [...requestCountsOf(plan, subject).keys()];
}

/** Tables of rows, and by how many iterations, or users, each of them is needed. */
export function dataText(sheet: Sheet, frozen: FrozenPlan): void {
  const { data = [], load } = frozen.plan;
  if (data.length === 0) return;
  sheet.section('Data', 'a row for each that needs one');
  sheet.table(
    [
      { title: '', align: 'left' },
      { title: 'rows' },
      { title: 'pick' },
      { title: load.kind === 'closed' ? 'users' : 'iterations' },
    ],
    data.map((set, i) => [
      plain(set.name),
      count(set.count),
      set.pick,
      count(usesInAll(frozen, i)),
    ]),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
