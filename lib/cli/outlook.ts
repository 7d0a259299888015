import { forecast } from '../plan/forecast.js';
import type { FrozenPlan } from '../plan/frozen-plan.js';
import { askedRate, counted, span } from '../report/render/figures.js';
import { plain } from '../report/render/plain.js';

/** In one line, what a run will do: how much, to whom, from where, for how long. */
export function outlook(frozen: FrozenPlan): string {
  const workers = frozen.regions.reduce((sum, region) => sum + region.workers, 0);
  const from =
    frozen.regions.length === 1 && frozen.regions[0]?.name === 'local'
      ? 'this machine'
      : frozen.regions.map(({ name }) => plain(name)).join(', ');
  const how = { local: '', emulated: ' (distance emulated)', aws: ' on AWS' }[frozen.where];
  return `${amount(frozen)} to ${plain(frozen.plan.target)} from ${from}${how}, ${counted(workers, 'worker')}`;
}

function amount(frozen: FrozenPlan): string {
  const { load } = frozen.plan;
  const noun = frozen.plan.flows ? 'start' : 'request';
  const length = span(frozen.durationUs / 1e6);
  if (load.kind === 'amount') {
    return `${counted(load.requests, noun)} by ${counted(load.users, 'user')}, in at most ${length},`;
  }
  const peak =
    load.kind === 'open'
      ? `at up to ${askedRate(Math.max(...load.stages.map((s) => Math.max(s.fromRate, s.toRate))))}`
      : `by up to ${counted(Math.max(...load.stages.map((s) => Math.max(s.fromUsers, s.toUsers))), 'user')}`;
  const starts = scheduled(frozen);
  const requests = starts === null ? `${noun}s` : counted(starts, noun);
  return `${requests} ${peak} for ${length}`;
}

/** Requests in all, warm-up included; null: answers decide. */
export function scheduled(frozen: FrozenPlan): number | null {
  const { starts } = forecast(frozen);
  return starts === null ? null : starts.flat(2).reduce((sum, n) => sum + n, 0);
}
