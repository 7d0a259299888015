import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs the tests of one of Vitest's configurations, as the command line asks; its exit code. */
export function runSuite(config, variables = {}) {
  const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
  const args = [vitest, 'run', '--config', config, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
    env: { ...process.env, ...variables },
  });
  return status ?? 1;
}
