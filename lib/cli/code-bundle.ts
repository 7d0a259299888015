import { createRequire } from 'node:module';
import type * as Esbuild from 'esbuild';
import { ENVIRONMENT } from '../load/code-program.js';
import { TextMistake } from '../plan/diagnostics.js';

/**
 * One file of JavaScript out of a flow's code and all that it imports. The bundler is loaded by the
 * first flow that needs it; plans without code never do.
 */
export function bundleCode(file: string): Uint8Array {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof Esbuild;
  try {
    const { outputFiles } = buildSync({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      define: { 'process.env': ENVIRONMENT, 'process.env.NODE_ENV': '"production"' },
      logLevel: 'silent',
    });
    return outputFiles[0]!.contents;
  } catch (error) {
    const [first] = (error as Partial<Esbuild.BuildFailure>).errors ?? [];
    if (!first) throw error;
    const { location, text } = first;
    const where = location ? ` (${location.file}:${location.line}:${location.column + 1})` : '';
    throw new TextMistake(`${file} cannot be bundled: ${text}${where}`, 0, 0);
  }
}
