import { readFileSync } from 'node:fs';

/**
 * This program's version, from the nearest package.json above: that of the package itself. A bundle
 * has none above it, and is given the version when it is made.
 */
export const VERSION: string =
  process.env.ISOCHRONE_VERSION ?? readVersion(new URL('.', import.meta.url));

function readVersion(from: URL): string {
  for (let folder = from; ; folder = new URL('..', folder)) {
    try {
      const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
      return String(version);
    } catch {
      if (folder.pathname === '/') return 'unknown';
    }
  }
}
