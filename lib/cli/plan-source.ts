import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { planFromFlags } from '../plan/from-flags.js';
import type { Input, Plan } from '../plan/plan.js';
import { readPlan } from '../plan/read-plan.js';
import { bundleCode } from './code-bundle.js';
import type { PlanOptions } from './plan-options.js';
import type { Terminal } from './terminal/terminal.js';

export const DEFAULT_PLAN = './isochrone.yaml';

/** What travels beside a plan, by its digest. */
export type PlanInputs = Map<string, Uint8Array>;

/**
 * The plan that a command line means: a URL with flags, or a file with changes. `inputs` takes what
 * is too large to stand in it.
 */
export async function planOf(
  given: string | undefined,
  flags: PlanOptions,
  terminal: Terminal,
  inputs: PlanInputs = new Map(),
): Promise<Plan> {
  const { argument, options } = unswallowed(given, flags);
  if (options.at !== undefined && options.emulate === undefined) {
    throw new UsageError(
      '--at says where the target stands, which only emulated distances need: add --emulate',
    );
  }
  const context = {
    env: terminal.env,
    readFile: (path: string) => readFileSync(path),
    bundle: bundleCode,
    keep: ({ sha256 }: Input, bytes: Uint8Array) => {
      inputs.set(sha256, bytes);
    },
    where: options.on === undefined ? ('local' as const) : ('aws' as const),
  };
  if (argument !== undefined && isUrl(argument)) {
    refuseFileFlags(argument, options);
    return planFromFlags({ ...options, url: argument }, context);
  }
  const file = argument ?? DEFAULT_PLAN;
  refuseUrlFlags(file, options, argument !== undefined);
  const { target, set, objective: objectives, abort } = options;
  return readPlan(
    { text: await textOf(file, argument === undefined), file },
    {
      ...context,
      emulate: options.emulate !== undefined,
      at: options.at,
      overrides: { target, set, objectives, abort },
    },
  );
}

/** The plan file that a command line means; null: it is a URL. */
export function planFileOf(given: string | undefined, flags: PlanOptions): string | null {
  const { argument } = unswallowed(given, flags);
  return argument !== undefined && isUrl(argument) ? null : (argument ?? DEFAULT_PLAN);
}

/** `--emulate` may be followed by places, so it also takes the URL or file that comes after it. */
function unswallowed(
  argument: string | undefined,
  options: PlanOptions,
): { readonly argument: string | undefined; readonly options: PlanOptions } {
  const { emulate } = options;
  if (typeof emulate !== 'string' || !/[./:]/.test(emulate)) return { argument, options };
  if (argument === undefined) return { argument: emulate, options: { ...options, emulate: true } };
  throw new UsageError(`--emulate is followed by places, like tokyo,eu-west-1, not by ${emulate}`);
}

function isUrl(argument: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(argument);
}

function refuseFileFlags(url: string, { target, set }: PlanOptions): void {
  if (target !== undefined) {
    throw new UsageError(`--target changes the target of a plan file; here it is ${url} already`);
  }
  if (set !== undefined) {
    throw new UsageError(
      '--set changes a field of a plan file; with a URL use flags such as --rate, or write a plan: isochrone init URL',
    );
  }
}

/** For each flag that belongs to a URL: what says the same of a plan file; null: the file only. */
const INSTEAD: readonly (readonly [
  key: keyof PlanOptions,
  flag: string,
  instead: ((value: string) => string) | null,
])[] = [
  ['rate', '--rate', (value) => `load.0.rate=${value}`],
  ['users', '--users', (value) => `load.0.users=${value}`],
  ['requests', '--requests', (value) => `load.0.requests=${value}`],
  ['for', '--for', (value) => `load.0.for=${value}`],
  ['ramp', '--ramp', null],
  ['warmup', '--warmup', null],
  ['think', '--think', (value) => `think=${value}`],
  ['every', '--every', (value) => `every=${value}`],
  ['arrivals', '--arrivals', (value) => `arrivals=${value}`],
  ['method', '-X', null],
  ['header', '-H', null],
  ['data', '-d', null],
  ['jsonBody', '--json-body', null],
  ['timeout', '--timeout', (value) => `http.timeout=${value}`],
  ['insecure', '--insecure', (value) => `http.insecure=${value}`],
  ['connections', '--connections', (value) => `http.connections=${value}`],
  ['from', '--from', (value) => `from=[${value}]`],
];

/** Its places, which stand for --from, belong to a URL; the flag itself does not. */
function emulatedPlaces({ emulate }: PlanOptions): string[] {
  if (typeof emulate !== 'string') return [];
  return [`instead of --emulate ${emulate} write --emulate --set ${quote(`from=[${emulate}]`)}`];
}

function refuseUrlFlags(file: string, options: PlanOptions, named: boolean): void {
  const lines = INSTEAD.flatMap(([key, flag, instead]) => {
    const value = options[key];
    if (value === undefined) return [];
    return instead === null
      ? `${flag} says what ${file} has to say: write it there`
      : `instead of ${flag} write --set ${quote(instead(String(value)))}`;
  });
  lines.push(...emulatedPlaces(options));
  if (lines.length === 0) return;
  const why = named
    ? `${file} says what to send and how much; flags for that go with a URL`
    : `without a URL the plan is ${file}, which says what to send and how much`;
  throw new UsageError([why, ...lines.map((line) => `  ${line}`)].join('\n'));
}

/** As a shell takes it. */
function quote(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

async function textOf(file: string, byDefault: boolean): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' && byDefault) {
      throw new UsageError(
        `there is no plan here (${file}); measure a URL, or write a plan first:\n` +
          '  isochrone run https://example.com/ --rate 10/s --for 30s\n' +
          '  isochrone init https://example.com/',
      );
    }
    if (code === 'ENOENT') {
      const host = /^(localhost|[\w-]+(\.[\w-]+)+)(:\d+)?(\/|$)/.test(file);
      const url = host && !/\.(ya?ml|json)$/i.test(file);
      throw new UsageError(
        `there is no file ${file}${url ? `; if it is a URL, write http://${file}` : ''}`,
      );
    }
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
}
