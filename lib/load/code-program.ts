import { isBuiltin } from 'node:module';
import { compileFunction } from 'node:vm';
import type { Flow, FlowTools } from './code-flow.js';

/** What a bundle calls `process.env`, so that it is known which variables it has read. */
export const ENVIRONMENT = '__isochroneEnvironment';

/** The code of a flow, ready to be called once per iteration. */
export type CodeProgram = (tools: FlowTools) => Promise<void>;

/**
 * Evaluates a bundle. It runs as whoever measures, with all rights of theirs: only code that was
 * bundled from their own files by the same command may come here.
 */
export function codeProgram(
  name: string,
  bundle: string,
  readEnv: (name: string) => string | undefined,
): CodeProgram {
  const load = compileFunction(bundle, ['module', 'exports', 'require', ENVIRONMENT], {
    filename: `flow ${name}`,
  });
  const module: { exports: { default?: unknown } } = { exports: {} };
  load(module, module.exports, requireBuiltin, environment(readEnv));
  const flow = module.exports.default;
  if (typeof flow !== 'function') {
    throw new Error(`flow ${name}: its module has no function as its default export`);
  }
  return async (tools) => (flow as Flow)(tools);
}

function requireBuiltin(name: string): unknown {
  if (!isBuiltin(name)) throw new Error(`${name} is not part of the bundle`);
  return process.getBuiltinModule(name);
}

function environment(readEnv: (name: string) => string | undefined): object {
  return new Proxy(Object.create(null) as object, {
    get: (_, name) => (typeof name === 'string' ? readEnv(name) : undefined),
    has: (_, name) => typeof name === 'string' && readEnv(name) !== undefined,
  });
}
