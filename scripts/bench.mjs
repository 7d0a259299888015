// `npm run bench -- NAME [--smoke]`: builds, then runs one benchmark against its peers.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const NAMES = readdirSync('bench')
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''));
const [name, ...rest] = process.argv.slice(2);
if (!name || !NAMES.includes(name)) {
  process.stderr.write(`usage: npm run bench -- ${NAMES.join(' | ')} [--smoke]\n`);
  process.exit(2);
}
if (!rest.includes('--no-build') || !existsSync(`dist/bench/${name}.bench.js`)) {
  const built = spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
const ran = spawnSync(process.execPath, [`dist/bench/${name}.bench.js`, ...rest], {
  stdio: 'inherit',
});
process.exit(ran.status ?? 1);
