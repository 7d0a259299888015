// Bundles the page's script and style into lib/report/html/assets.ts, which is committed: the page
// is made where there is no bundler. A test tells when it is out of date.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const BROWSER = new URL('../lib/report/html/browser/', import.meta.url);
const TARGET = ['chrome116', 'firefox117', 'safari17'];

export function pageAssets() {
  const bundle = (file) =>
    buildSync({
      entryPoints: [fileURLToPath(new URL(file, BROWSER))],
      bundle: true,
      format: 'iife',
      minify: true,
      charset: 'utf8',
      legalComments: 'none',
      target: TARGET,
      write: false,
    }).outputFiles[0].text.trim();
  const [script, style] = [bundle('main.ts'), bundle('page.css')];
  for (const text of [script, style]) {
    if (/<\/(script|style)|<!--/i.test(text)) throw new Error('an asset would end its element');
  }
  return `// Made by scripts/page-assets.mjs from lib/report/html/browser; do not edit.
export const PAGE_SCRIPT = ${JSON.stringify(script)};
export const PAGE_STYLE = ${JSON.stringify(style)};
`;
}

if (process.argv.includes('--print')) process.stdout.write(pageAssets());
else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../lib/report/html/assets.ts', import.meta.url), pageAssets());
}
