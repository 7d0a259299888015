// Compiles the sources into dist/, bundles the cloud's functions and marks the command as executable.
// Run by `prepare`, so that `npm ci` alone leaves a working command behind.
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { createRequire } from 'node:module';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
chmodSync('dist/bin/isochrone.js', 0o755);
await import('./bundle.mjs');
