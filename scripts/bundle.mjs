// Bundles the functions of the cloud, each into one file with all that it needs.
// Run by `npm run build`, so that what is deployed is what was compiled.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

for (const name of ['worker', 'orchestrator', 'merge']) {
  await build({
    entryPoints: [`functions/${name}.ts`],
    outfile: `dist/functions/${name}/index.mjs`,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    legalComments: 'none',
    define: { 'process.env.ISOCHRONE_VERSION': JSON.stringify(version) },
    // Parts of the SDK are CommonJS and ask for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as $require } from 'node:module'; const require = $require(import.meta.url);",
    },
    logLevel: 'warning',
  });
}
