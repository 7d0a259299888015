// Runs the suite that opens the page in a browser. Without a browser it is skipped, loudly; in CI
// that is a failure. The browser is the machine's own: none is downloaded.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const { env } = process;
const on = (value) => !['', '0', 'false', undefined].includes(value);

/** Where the browser is; undefined when there is none. */
export function findBrowser() {
  const folders = (env.PATH ?? '').split(delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [env.ISOCHRONE_BROWSER, ...places].find((path) => {
    try {
      if (!path) return false;
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function run() {
  const browser = findBrowser();
  if (browser === undefined) {
    const required = on(env.CI) || on(env.ISOCHRONE_REQUIRE_BROWSER);
    process.stderr.write(`
################################################################################
  THE BROWSER SUITE ${required ? 'CANNOT RUN' : 'WAS SKIPPED'}: no Chromium on this machine.
  apt-get install chromium, or name one with ISOCHRONE_BROWSER
################################################################################
`);
    return required ? 1 : 0;
  }
  const root = fileURLToPath(new URL('..', import.meta.url));
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--config', 'vitest.browser.config.ts', ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, [vitest, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...env, ISOCHRONE_BROWSER: browser },
  });
  return status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(run());
