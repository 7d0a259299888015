import { PlanError, TextMistake } from './diagnostics.js';
import type { Path } from './places.js';
import { YamlDocument } from './yaml-document.js';

export interface Setting {
  readonly path: Path;
  readonly value: unknown;
  /** Where in the argument the value begins. */
  readonly valueAt: number;
}

/** Reads `load.1.rate=800/s`; lists count from 0. Throws a TextMistake. */
export function parseSetting(argument: string): Setting {
  const equals = argument.indexOf('=');
  if (equals < 1) {
    throw new TextMistake(
      '--set takes FIELD=VALUE',
      0,
      argument.length,
      'for example --set load.1.rate=800/s, which counts from 0',
    );
  }
  const path = argument
    .slice(0, equals)
    .split('.')
    .map((segment) => (/^\d+$/.test(segment) ? Number(segment) : segment));
  const valueAt = equals + 1;
  return { path, value: yamlValue(argument.slice(valueAt), valueAt), valueAt };
}

function yamlValue(text: string, valueAt: number): unknown {
  try {
    return new YamlDocument(text, '--set').value;
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const [first] = error.diagnostics;
    throw new TextMistake(first!.message, valueAt, text.length, first!.helps[0]);
  }
}

/** A copy of a plan's values with one of them set; throws a TextMistake at what does not exist. */
export function withSetting(raw: unknown, { path, value }: Setting): unknown {
  return set(raw, path, 0, value);
}

function set(holder: unknown, path: Path, depth: number, value: unknown): unknown {
  if (depth === path.length) return value;
  const segment = path[depth]!;
  const way = path.slice(0, depth).join('.');
  const fail = (message: string, help?: string) =>
    new TextMistake(message, way.length + (depth > 0 ? 1 : 0), String(segment).length, help);
  if (Array.isArray(holder)) {
    const most = holder.length - 1;
    if (typeof segment !== 'number')
      throw fail(`${way} is a list; write ${way}.0 to ${way}.${most}`);
    if (segment > most) {
      const entries = `${holder.length} entr${holder.length === 1 ? 'y' : 'ies'}`;
      throw fail(`${way} has no ${segment}`, `it has ${entries}, counted from 0`);
    }
    return holder.map((one, i) => (i === segment ? set(one, path, depth + 1, value) : one));
  }
  // A map that the plan leaves out may be begun here; the schema judges what is in it.
  if (holder !== undefined && holder !== null && typeof holder !== 'object') {
    throw fail(`${way} is '${holder}', which has no fields`, `write ${way}=… to replace it`);
  }
  const fields = (holder ?? {}) as Record<string, unknown>;
  const below = Object.hasOwn(fields, segment) ? fields[segment] : undefined;
  return Object.fromEntries([
    ...Object.entries(fields),
    [segment, set(below, path, depth + 1, value)],
  ]);
}
