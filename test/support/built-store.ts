import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const LIB = fileURLToPath(new URL('../../lib', import.meta.url));

/**
 * Puts the present sources of lib/store into a folder as JavaScript, for child processes that have
 * no vitest to load them. Answers with the URL of its folder-store.js.
 */
export function buildStore(folder: string): string {
  mkdirSync(join(folder, 'store'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const inStore = readdirSync(join(LIB, 'store')).map((name) => `store/${name}`);
  for (const source of ['errors.ts', ...inStore].filter((name) => name.endsWith('.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(LIB, source), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
      },
    });
    writeFileSync(join(folder, source.replace(/\.ts$/, '.js')), outputText);
  }
  return pathToFileURL(join(folder, 'store/folder-store.js')).href;
}
