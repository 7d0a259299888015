import { count, percent, rate, time } from '../../report/render/figures.js';
import { plain } from '../../report/render/plain.js';
import type { Progress } from '../../store/progress.js';

/** One line about a run under way. */
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
      return `${clock(progress)}  waiting for the last answers  ${ended(progress)}`;
    case 'running':
      if (progress.elapsedUs < 0) return `starting in ${Math.ceil(-progress.elapsedUs / 1e6)} s`;
      return [
        clock(progress),
        ...(progress.stage === null ? [] : [plain(progress.stage)]),
        // Workers tell every few seconds; before the first time there is nothing to say.
        ...(progress.ended === 0 ? [] : [ended(progress), `${rate(progress.rateAchieved)} good`]),
        ...(progress.p50Us === null ? [] : [`p50 ${time(progress.p50Us / 1000)}`]),
        ...(progress.p99Us === null ? [] : [`p99 ${time(progress.p99Us / 1000)}`]),
        ...(workers.lost > 0 ? [`${workers.lost} of ${workers.planned} workers lost`] : []),
      ].join('  ');
  }
}

function ended({ ended, failed }: Progress): string {
  const share = failed === 0 ? '' : ` (${percent(failed / Math.max(1, ended))} failed)`;
  return `${count(ended)} done${share}`;
}

function clock({ elapsedUs, durationUs }: Progress): string {
  return `${minutes(Math.min(elapsedUs, durationUs))} of ${minutes(durationUs)}`;
}

function minutes(us: number): string {
  const seconds = Math.max(0, Math.floor(us / 1e6));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
