// Runs the suite that opens the page in a browser: the machine's own, none is downloaded.
import { fileURLToPath } from 'node:url';
import { isExecutable, programPath, skipped } from './needs.mjs';
import { runSuite } from './suite.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Where the browser is; undefined when there is none. */
export function findBrowser() {
  const { ISOCHRONE_BROWSER: named } = process.env;
  if (named && isExecutable(named)) return named;
  return NAMES.map(programPath).find((path) => path !== undefined);
}

function run() {
  const browser = findBrowser();
  if (browser === undefined) {
    return skipped('THE BROWSER SUITE', 'ISOCHRONE_REQUIRE_BROWSER', [
      'no Chromium on this machine.',
      'apt-get install chromium, or name one with ISOCHRONE_BROWSER',
    ]);
  }
  return runSuite('vitest.browser.config.ts', { ISOCHRONE_BROWSER: browser });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(run());
