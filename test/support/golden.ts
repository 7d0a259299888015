import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/**
 * Compares with a file in test/golden. `npm run golden` writes the files anew; they are read in
 * review like code.
 */
export function expectGolden(name: string, actual: string | Uint8Array): void {
  const path = fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
  if (process.env.ISOCHRONE_GOLDEN === 'update') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
    return;
  }
  if (typeof actual === 'string') expect(actual).toBe(readFileSync(path, 'utf8'));
  else expect(Buffer.from(actual).equals(readFileSync(path)), `golden ${name} differs`).toBe(true);
}
