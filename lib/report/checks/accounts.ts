import type { Evidence } from '../evidence.js';
import { type Judged, judged } from './judged.js';

/** The one check that accuses ourselves: nobody can accept it. */
export function accounts({ ledger }: Evidence): Judged {
  return judged({
    check: 'accounts',
    measured: ledger.remainders.length,
    unit: 'count',
    limit: { doubtful: null, invalid: 0 },
    region: null,
    meaning:
      'So many sums do not come out: every request that was scheduled must be good, failed, cut, dropped or lost, whichever way it is added up.',
    remedy:
      'This is a bug in the measuring program: no number here can be relied on. Please report it with this report.',
  });
}
