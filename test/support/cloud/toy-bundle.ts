import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Packages in CommonJS call `require`, which a module does not have. */
const REQUIRE =
  "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);";

/** Bundles the source of a small function, with all that it imports; gives back the path. */
export async function toyBundle(folder: string, name: string, source: string): Promise<string> {
  const outfile = join(folder, name, 'index.mjs');
  await build({
    stdin: { contents: source, resolveDir: ROOT, loader: 'js' },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: { js: REQUIRE },
    logLevel: 'error',
  });
  return outfile;
}
