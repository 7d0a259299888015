// What a suite needs of a machine. Without it a suite is skipped, loudly; in CI that is a failure.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const { env } = process;

/** Where a program is; undefined: not on this machine. */
export function programPath(name) {
  const folders = (env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Those of the programs that are not there. */
export function missingOf(programs) {
  return programs.filter((name) => programPath(name) === undefined);
}

/** Says why `suite` does not run. Its exit code: bad in CI, and where `variable` is set. */
export function skipped(suite, variable, why) {
  const required = [env.CI, env[variable]].some(
    (value) => !['', '0', 'false', undefined].includes(value),
  );
  const bar = '#'.repeat(80);
  const fate = required ? 'CANNOT RUN' : 'WAS SKIPPED';
  process.stderr.write(`\n${bar}\n  ${suite} ${fate}: ${why.join('\n  ')}\n${bar}\n`);
  return required ? 1 : 0;
}
