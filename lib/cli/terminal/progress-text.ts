import { askedRate, count, percent, rate, time } from '../../report/render/figures.js';
import { plain } from '../../report/render/plain.js';
import type { Progress } from '../../store/progress.js';
import { clock } from './clock.js';
import { costText } from './cost-text.js';
import { validityText } from './validity-text.js';

/** One line about a run under way, for a log. */
export function progressText(progress: Progress): string {
  const { workers } = progress;
  switch (progress.phase) {
    case 'arming':
      return `getting ready: ${workers.ready} of ${workers.planned} workers`;
    case 'merging':
      return 'merging what was measured';
    case 'ended':
      return 'done';
    case 'finishing':
      return joined([`${times(progress)}  waiting for the last answers`, ...figures(progress)]);
    case 'running':
      if (progress.elapsedUs < 0) return `starting in ${Math.ceil(-progress.elapsedUs / 1e6)} s`;
      return joined([
        times(progress),
        progress.stage === null ? '' : plain(progress.stage),
        ...figures(progress),
      ]);
  }
}

/** Workers tell every few seconds; before the first time there is nothing to say. */
function figures(progress: Progress): string[] {
  const { ended, failed, rateAchieved, rateAsked, p50Us, p99Us, fromUs, toUs } = progress;
  const { validity, workers } = progress;
  const share = failed === 0 ? '' : ` (${percent(failed / Math.max(1, ended))} failed)`;
  const asked = rateAsked === null ? '' : ` of ${askedRate(rateAsked)} asked`;
  return [
    ended === 0 ? '' : `${count(ended)} done${share}`,
    rateAchieved === null ? '' : `${rate(rateAchieved)} good${asked}`,
    p50Us === null ? '' : `p50 ${time(p50Us / 1000)}`,
    p99Us === null ? '' : `p99 ${time(p99Us / 1000)}`,
    toUs > 0 ? `from ${clock(fromUs)} to ${clock(toUs)}` : '',
    workers.silent === 0 ? '' : `${workers.silent} of ${workers.planned} workers silent`,
    validity.level === 'good' ? '' : `measurement ${validityText(progress)}`,
    progress.cost ? costText(progress.cost) : '',
    progress.stopping === null ? '' : `stopping: ${plain(progress.stopping)}`,
  ];
}

function times({ elapsedUs, durationUs, amount }: Progress): string {
  if (amount !== null) return `${clock(elapsedUs)}, at most ${clock(durationUs)}`;
  return `${clock(Math.min(elapsedUs, durationUs))} of ${clock(durationUs)}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('  ');
}
