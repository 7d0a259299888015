import type { PlanContext } from './check-plan.js';
import { TextMistake } from './diagnostics.js';
import { draftLoad } from './load-flags.js';
import { argumentValue, flagValue, type Path } from './places.js';
import type { Plan } from './plan.js';
import { emptyMap, numberOr, PlanDraft } from './plan-draft.js';
import { parseUrl } from './read-target.js';
import { METHODS } from './request-line.js';

/** The flags of `isochrone run URL`, as typed. */
export interface RunFlags {
  readonly url: string;
  readonly rate?: string | undefined;
  readonly users?: string | undefined;
  readonly requests?: string | undefined;
  /** The measured time; the ramp is its beginning. */
  readonly for?: string | undefined;
  readonly ramp?: string | undefined;
  /** Comes before the measured time, at the first full value. */
  readonly warmup?: string | undefined;
  readonly think?: string | undefined;
  readonly every?: string | undefined;
  readonly arrivals?: string | undefined;
  readonly method?: string | undefined;
  readonly header?: readonly string[] | undefined;
  readonly data?: string | undefined;
  readonly jsonBody?: string | undefined;
  readonly timeout?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly connections?: string | undefined;
  readonly objective?: readonly string[] | undefined;
  readonly abort?: readonly string[] | undefined;
  readonly from?: string | undefined;
  /** With places it stands for `from` too. */
  readonly emulate?: string | true | undefined;
  readonly at?: string | undefined;
  readonly workers?: string | undefined;
}

export { DEFAULT_LOAD } from './load-flags.js';

/**
 * Makes a plan of flags. They become the same document that a file would hold, and are checked as
 * one; mistakes name the flag. Throws a PlanError with all of them.
 */
export function planFromFlags(flags: RunFlags, context: PlanContext): Plan {
  const draft = new PlanDraft();
  const given = new Map<string, string>(
    Object.entries(flags).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
  draftTarget(flags, draft, context);
  draftLoad(given, draft);
  draftRegions(flags, draft);
  for (const field of ['think', 'every', 'arrivals'] as const) {
    draft.set([field], `--${field}`, flags[field]);
  }
  draft.set(['http', 'timeout'], '--timeout', flags.timeout);
  draft.set(['http', 'connections'], '--connections', flags.connections, numberOr);
  if (flags.insecure) draft.put(['http', 'insecure'], true);
  flags.objective?.forEach((text, i) => {
    draft.set(['objectives', i], '--objective', text);
  });
  flags.abort?.forEach((text, i) => {
    draft.set(['abort', i], '--abort', text);
  });
  if (flags.at !== undefined) draft.blame(['at'], '--at', flags.at);
  return draft.check({ ...context, emulate: flags.emulate !== undefined, at: flags.at });
}

const REQUEST: Path = ['requests', 0];

function draftTarget(flags: RunFlags, draft: PlanDraft, context: PlanContext): void {
  const { url } = flags;
  let origin = 'http://unknown';
  try {
    parseUrl(url, url);
    origin = /^[^/]*\/\/[^/?#]*/.exec(url)![0];
  } catch (error) {
    if (!(error instanceof TextMistake)) throw error;
    draft.refuse(argumentValue([], 'URL', url), error.message, error.help);
  }
  const rest = url.startsWith(origin) ? url.slice(origin.length) : '';
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  const body = flags.data !== undefined || flags.jsonBody !== undefined;
  const method = flags.method ?? (body ? 'POST' : 'GET');
  draft.put(['target'], origin);
  draft.blameValue(argumentValue(['target'], 'URL', url));
  draft.put([...REQUEST, 'request'], `${method} ${path}`);
  const [plainPath] = path.split('?');
  // Queries can be long and are seldom what tells requests apart.
  const name = `${method} ${plainPath}`.slice(0, 80);
  if (plainPath !== path && !name.includes('"')) draft.put([...REQUEST, 'name'], name);
  const line = [...REQUEST, 'request'];
  if (METHODS.includes(method)) {
    const valueAt = origin.length - `${method} `.length;
    draft.blameValue({ ...argumentValue(line, 'URL', url), valueAt });
  } else {
    draft.blame(line, '-X', method);
  }
  draftHeaders(flags.header ?? [], draft);
  draftBody(flags, draft, context);
}

function draftHeaders(lines: readonly string[], draft: PlanDraft): void {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value] = /^([^:]+):[ \t]*(.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      draft.refuse(flagValue([], '-H', line), 'a header is written "name: value"');
      continue;
    }
    const values = headers.get(name) ?? [];
    headers.set(name, values);
    values.push(value);
    const whole = flagValue([...REQUEST, 'headers', name], '-H', line);
    const key = { start: whole.valueAt, length: name.length };
    draft.blameValue({ ...whole, valueAt: whole.valueAt + line.length - value.length, key });
  }
  for (const [name, values] of headers) {
    draft.put([...REQUEST, 'headers', name], values.length === 1 ? values[0] : values);
  }
}

function draftBody({ data, jsonBody }: RunFlags, draft: PlanDraft, context: PlanContext): void {
  if (data !== undefined) {
    const isFile = data.startsWith('@');
    draft.set([...REQUEST, isFile ? 'bodyFile' : 'body'], '-d', data, (text) =>
      isFile ? text.slice(1) : text,
    );
  }
  if (jsonBody === undefined) return;
  try {
    const text = jsonBody.startsWith('@')
      ? Buffer.from(context.readFile(jsonBody.slice(1))).toString()
      : jsonBody;
    const json: unknown = JSON.parse(text);
    draft.set([...REQUEST, 'json'], '--json-body', jsonBody, () => json);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : `this is no JSON: ${message}`;
    draft.refuse(flagValue([], '--json-body', jsonBody), reason);
  }
}

function draftRegions({ workers, ...flags }: RunFlags, draft: PlanDraft): void {
  const places = typeof flags.emulate === 'string' ? flags.emulate : undefined;
  const from = flags.from ?? places;
  const flag = flags.from === undefined ? '--emulate' : '--from';
  if (flags.from !== undefined && places !== undefined) {
    draft.refuse(
      flagValue([], '--emulate', places),
      '--from says already which places these are',
      'write --emulate alone',
    );
  }
  const regions = (from ?? 'local').split(',').map((one) => one.trim().split('='));
  if (from === undefined && workers === undefined) return;
  for (const [name = '', share] of regions) {
    const path = ['from', name];
    draft.put(path, emptyMap());
    if (from !== undefined) draft.blame(path, flag, from);
    if (share !== undefined) draft.set([...path, 'share'], flag, share, numberOr);
    if (share !== undefined) draft.blame([...path, 'share'], flag, from!);
    draft.set([...path, 'workers'], '--workers', workers, numberOr);
  }
  const names = regions.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice) draft.refuse(flagValue([], flag, from!), `region '${twice}' stands here twice`);
}
