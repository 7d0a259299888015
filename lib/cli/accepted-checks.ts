import { UsageError } from '../errors.js';
import { suggest } from '../plan/diagnostics.js';
import { CHECKS } from '../report/report-schema.js';

const NOT_TO_BE = 'accounts';

/** Checks of the measurement that `--accept` names, each once. */
export function acceptedChecks(names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (name === NOT_TO_BE) {
      throw new UsageError(
        `--accept ${name}: it trips on a bug in this program only, and that is nobody's to accept`,
      );
    }
    if (CHECKS.some((check) => check === name)) continue;
    const candidates = CHECKS.filter((check) => check !== NOT_TO_BE);
    throw new UsageError(
      [`--accept ${name}: there is no such check`, suggest(name, candidates)]
        .filter((line) => line !== undefined)
        .join('; '),
    );
  }
  return [...new Set(names)];
}
