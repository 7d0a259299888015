import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '24.21.0';
const PACKAGE = `node-${process.platform}-${process.arch}`;
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/isochrone', import.meta.url));

/**
 * The Node binary that functions run under in tests, of the version that Lambda runs them under:
 * ISOCHRONE_NODE24 if it is set, the Node at hand if it is a 24, else a copy from npm in the cache.
 */
export async function node24(): Promise<string> {
  const given = process.env.ISOCHRONE_NODE24;
  if (given) return given;
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const folder = join(CACHE, `${PACKAGE}-${VERSION}`);
  if (!existsSync(binaryIn(folder))) await fetchInto(folder);
  return binaryIn(folder);
}

function binaryIn(folder: string): string {
  return join(folder, 'node_modules', PACKAGE, 'bin', 'node');
}

async function fetchInto(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  // Installed aside and renamed whole, so that two test files fetching at once cannot meet.
  const aside = await mkdtemp(`${folder}-`);
  try {
    const install = ['install', '--prefix', aside, '--no-save', '--no-package-lock', '--no-audit'];
    await run('npm', [...install, '--no-fund', `${PACKAGE}@${VERSION}`]);
    await rename(aside, folder).catch((error: unknown) => {
      if (!existsSync(binaryIn(folder))) throw error;
    });
  } catch (cause) {
    const instead = 'Set ISOCHRONE_NODE24 to the path of a Node 24 binary.';
    throw new Error(`Node ${VERSION} could not be fetched from npm as ${PACKAGE}. ${instead}`, {
      cause,
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
