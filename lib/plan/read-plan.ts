import { dirname, isAbsolute, join } from 'node:path';
import { checkPlan, type PlanContext } from './check-plan.js';
import { PlanError, TextMistake } from './diagnostics.js';
import { FlagPlaces, type FlagValue, flagValue } from './places.js';
import type { Plan } from './plan.js';
import { parseSetting, withSetting } from './set-value.js';
import { YamlDocument } from './yaml-document.js';

export interface PlanSource {
  readonly text: string;
  /** As mistakes name it; `bodyFile` is looked for beside it. */
  readonly file: string;
}

/** What flags say over the plan. */
export interface PlanOverrides {
  readonly target?: string | undefined;
  /** `load.1.rate=800/s`, counted from 0. */
  readonly set?: readonly string[] | undefined;
  /** Added to those of the plan. */
  readonly objectives?: readonly string[] | undefined;
  /** Added to those of the plan. */
  readonly abort?: readonly string[] | undefined;
}

/**
 * Reads a plan in YAML or JSON. Throws a PlanError that shows all of its mistakes.
 *
 * @example
 * const plan = readPlan(
 *   { text: readFileSync('plan.yaml', 'utf8'), file: 'plan.yaml' },
 *   { env: process.env, readFile: readFileSync },
 * );
 */
export function readPlan(
  source: PlanSource,
  context: PlanContext & { readonly overrides?: PlanOverrides | undefined },
): Plan {
  const document = new YamlDocument(source.text, source.file);
  const { raw, values } = overridden(document.value, context.overrides ?? {});
  if (context.at !== undefined) values.push(flagValue(['at'], '--at', context.at));
  const beside = (path: string) => (isAbsolute(path) ? path : join(dirname(source.file), path));
  const { bundle } = context;
  return checkPlan(raw, new FlagPlaces(values, document), {
    ...context,
    readFile: (path) => context.readFile(beside(path)),
    ...(bundle && { bundle: (path: string) => bundle(beside(path)) }),
  });
}

function overridden(
  original: unknown,
  { set = [], target, objectives = [], abort = [] }: PlanOverrides,
): { raw: unknown; values: FlagValue[] } {
  const values: FlagValue[] = [];
  let raw = original;
  for (const argument of set) {
    const setting = atFlag(`--set ${argument}`, '--set '.length, () => parseSetting(argument));
    raw = atFlag(`--set ${argument}`, '--set '.length, () => withSetting(raw, setting));
    const shown = `--set ${argument}`;
    const valueAt = '--set '.length + setting.valueAt;
    const length = String(setting.path.at(-1)).length;
    values.push({
      path: setting.path,
      flag: shown.slice(0, valueAt - 1),
      shown,
      valueAt,
      key: { start: valueAt - 1 - length, length },
    });
  }
  if (target !== undefined) {
    // A map says where it stands, too: that stays.
    const written = (raw as { target?: unknown } | null)?.target;
    const path = typeof written === 'object' && written ? ['target', 'url'] : ['target'];
    raw = atFlag(`--target ${target}`, 0, () =>
      withSetting(raw, { path, value: target, valueAt: 0 }),
    );
    values.push(flagValue(path, '--target', target));
  }
  for (const [field, flag, texts] of [
    ['objectives', '--objective', objectives],
    ['abort', '--abort', abort],
  ] as const) {
    const written = (raw as Partial<Record<string, unknown>> | null)?.[field] ?? [];
    if (texts.length === 0 || !Array.isArray(written)) continue;
    raw = { ...(raw as object), [field]: [...written, ...texts] };
    texts.forEach((text, i) => {
      values.push(flagValue([field, written.length + i], flag, text));
    });
  }
  return { raw, values };
}

/** A mistake in the way to a value cannot wait for the others: there is no plan without it. */
function atFlag<T>(shown: string, offset: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TextMistake)) throw error;
    const { message, start, length, help } = error;
    const place = {
      where: shown.split(' ', 1)[0]!,
      line: null,
      text: shown,
      start: offset + start,
      length,
      order: 0,
    };
    throw new PlanError([{ message, place, helps: help ? [help] : [] }], 'the command line');
  }
}
