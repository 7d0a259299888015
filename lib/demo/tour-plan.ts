import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const EXAMPLE = 'examples/five-regions.yaml';

/** The plan of the tour: an example like the others, which everybody can read, change and run. */
export function tourPlan(): { readonly text: string; readonly file: string } {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    const file = fileURLToPath(new URL(EXAMPLE, folder));
    if (existsSync(file)) return { text: readFileSync(file, 'utf8'), file };
    if (folder.pathname === '/') throw new Error(`${EXAMPLE} is missing from this installation`);
  }
}
