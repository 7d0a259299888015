import { count, counted, percent } from '../../report/render/figures.js';
import { plain } from '../../report/render/plain.js';
import type { LiveCheck, Progress } from '../../store/progress.js';
import { clock } from './clock.js';

/** What can be said of the measurement itself by now, beginning with the level. */
export function validityText({ validity, workers }: Progress): string {
  const { level, checks } = validity;
  if (level !== 'good') {
    const tripped = checks.filter((check) => check.level !== 'good');
    return `${level} so far: ${tripped.map((check) => because(check, workers.planned)).join(', ')}`;
  }
  const lag = checks.find(({ check, measured }) => check === 'lag' && measured !== null);
  return `good so far, ${lag ? because(lag, workers.planned) : 'lag not known yet'}`;
}

function because({ check, measured, region, untilUs }: LiveCheck, workers: number): string {
  const where = region === null || region === 'local' ? '' : ` in ${plain(region)}`;
  // It is known of a stretch that is over only, and may be another thing by now.
  const until = untilUs === null ? '' : ` until ${clock(untilUs)}`;
  switch (check) {
    case 'lag':
      return `lag ${percent(measured ?? 0)}${where}${until}`;
    case 'offered':
      return `${percent(measured ?? 0)} not sent${where}`;
    case 'fragments':
      return `${count(measured ?? 0)} of ${counted(workers, 'worker')} lost${where}`;
  }
}
