import type { ObjectiveVerdict } from '../report-schema.js';
import { type Judged, judged } from './judged.js';

/** Whether what was measured is enough to decide what was promised. */
export function support(objectives: readonly ObjectiveVerdict[]): Judged {
  return judged({
    check: 'support',
    measured: objectives.filter(({ state }) => state === 'undecided').length,
    unit: 'count',
    limit: { doubtful: null, invalid: 0 },
    region: null,
    meaning:
      'So many objectives could not be decided: too little was measured to tell whether they hold.',
    remedy:
      'Run longer or at a higher rate, promise a lower percentile, or allow it with --allow-undecided.',
  });
}
