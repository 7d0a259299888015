import { encodeRows } from './data-rows.js';
import { checkEmulation, readTargetAt } from './emulation.js';
import { Mistakes } from './mistakes.js';
import { parseAbort } from './parse-abort.js';
import { type ObjectiveScope, parseObjective } from './parse-objective.js';
import type { Path, Places } from './places.js';
import type { DataSet, HttpOptions, Input, Plan } from './plan.js';
import { inputOf } from './read-body.js';
import { readData } from './read-data.js';
import { readLoad } from './read-load.js';
import { readRegions } from './read-regions.js';
import { readRequests } from './read-requests.js';
import { readTarget, type Target } from './read-target.js';
import { checkReferences, type Environment } from './references.js';
import { writtenNames } from './request-names.js';
import { PlanSchema, type WrittenPlan } from './schema.js';
import { addIssues } from './schema-issues.js';
import { parseDurationUs } from './units.js';

/** What reading a plan may look at besides its text. */
export interface PlanContext {
  readonly env: Environment;
  /** Where it is to be carried out; absent: on this machine. */
  readonly where?: 'local' | 'aws' | undefined;
  readonly readFile: (path: string) => Uint8Array;
  /** Is handed what is too large to stand in the plan. Absent: nobody will need it. */
  readonly keep?: ((input: Input, bytes: Uint8Array) => void) | undefined;
  /** One file of JavaScript out of a flow's code; throws a TextMistake. Absent: it cannot be had here. */
  readonly bundle?: ((path: string) => Uint8Array) | undefined;
  /** The distances of the plan's regions are to be emulated, so they must be known. */
  readonly emulate?: boolean | undefined;
  /** Where the target stands, from `--at`: wins over what the plan says. */
  readonly at?: string | undefined;
}

const DEFAULT_TIMEOUT_US = 10e6;

/**
 * Turns what was written, in a file or with flags, into a checked plan.
 * Throws a PlanError with all mistakes; `places` knows where each value was written.
 */
export function checkPlan(raw: unknown, places: Places, context: PlanContext): Plan {
  const mistakes = new Mistakes(places);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    mistakes.add([], raw == null ? 'the plan is empty' : 'a plan is a map of fields', {
      help: 'isochrone init writes one to begin with',
    });
    mistakes.throwIfAny();
  }
  const where = context.where ?? 'local';
  checkReferences(raw, { where, env: context.env }, mistakes);
  const { error } = PlanSchema.safeParse(raw);
  if (error) addIssues(error.issues, raw, mistakes);
  // From here on a value is only used where the schema found nothing wrong with it.
  const plan = raw as WrittenPlan;
  const target = plainTarget(plan, context.env, mistakes);
  const targetAt = readTargetAt(plan.target, context.at, mistakes);
  const regions = readRegions(plan.from, mistakes);
  if (context.emulate && regions) checkEmulation(plan.from, regions, targetAt, mistakes);
  const load = readLoad(plan, mistakes);
  const http = readHttp(plan.http, mistakes);
  const { readFile, keep = () => {}, bundle } = context;
  const data = readData(plan.data, ['data'], readFile, mistakes);
  const { requests, flows } = readRequests(
    plan.requests,
    { target, timeoutUs: http.timeoutUs, readFile, keep, bundle, where },
    data,
    mistakes,
  );
  const names =
    plan.requests === undefined
      ? { all: requests.map(({ name }) => name), steps: [] }
      : writtenNames(plan.requests);
  const scope: ObjectiveScope = {
    requests: names?.all ?? null,
    steps: names?.steps ?? [],
    regions: regions?.map(({ name }) => name) ?? null,
    stages: namedStages(plan.load),
  };
  const objectives = readPromises('objectives', plan, mistakes, (text) =>
    parseObjective(text, scope),
  );
  const abort = readPromises('abort', plan, mistakes, (text) => parseAbort(text, scope));
  mistakes.throwIfAny();
  return {
    name: plan.name ?? defaultName(target!, places),
    target: target!.url,
    ...(targetAt !== undefined && { targetAt }),
    regions: regions!,
    load: load!,
    arrivals: plan.arrivals ?? 'even',
    requests,
    ...(flows.length > 0 && { flows }),
    ...(data.length > 0 && { data: data.map((set) => beside(set, keep)) }),
    objectives,
    abort,
    ...limitsOf(plan.limits),
    http,
  };
}

function plainTarget(plan: WrittenPlan, env: Environment, mistakes: Mistakes): Target | null {
  // It is missing, but no mistake of its own, where its name is misspelt.
  if (plan.target === undefined || !mistakes.sound(['target'])) return null;
  const [text, path]: [string, Path] =
    typeof plan.target === 'string'
      ? [plan.target, ['target']]
      : [plan.target.url, ['target', 'url']];
  return mistakes.attempt(() => readTarget(text, env), path);
}

/** Objectives and abort rules: lists of texts with a grammar of their own. */
function readPromises<T>(
  field: 'objectives' | 'abort',
  plan: WrittenPlan,
  mistakes: Mistakes,
  parse: (text: string) => T,
): T[] {
  const texts = plan[field];
  if (!Array.isArray(texts)) return [];
  return texts.flatMap((text, i) => {
    const path = [field, i];
    if (!mistakes.sound(path)) return [];
    return mistakes.attempt(() => parse(text), path) ?? [];
  });
}

function readHttp(written: WrittenPlan['http'], mistakes: Mistakes): HttpOptions {
  const http = (mistakes.sound(['http']) && written) || {};
  const timeoutUs = microseconds(http.timeout) ?? DEFAULT_TIMEOUT_US;
  return {
    timeoutUs,
    connectTimeoutUs: microseconds(http.connect) ?? timeoutUs,
    connections: http.connections ?? 'auto',
    expectUs: microseconds(http.expect),
    insecure: http.insecure ?? false,
    resolve: http.resolve ?? {},
    probe: http.probe ?? true,
    serverTime: http.serverTime?.toLowerCase() ?? null,
    ...(http.reuse && http.reuse !== 'shared' && { reuse: http.reuse }),
    ...(http.followRedirects && { followRedirects: http.followRedirects }),
  };
}

function limitsOf(written: WrittenPlan['limits']): Pick<Plan, 'limits'> {
  return written?.cost === undefined ? {} : { limits: { costUsd: Number(written.cost.slice(1)) } };
}

function microseconds(text: string | undefined): number | null {
  return text === undefined ? null : parseDurationUs(text);
}

/** What every worker would have to read with the plan, though few rows of it are its own. */
const MOST_ROWS_BYTES = 65_536;

function beside(set: DataSet, keep: NonNullable<PlanContext['keep']>): DataSet {
  if ('sha256' in set.rows) return set;
  const bytes = encodeRows(set.rows);
  if (bytes.length <= MOST_ROWS_BYTES) return set;
  const rows = inputOf(bytes, `${set.name}.json`);
  keep(rows, bytes);
  return { ...set, rows };
}

function namedStages(load: unknown): ObjectiveScope['stages'] {
  if (!Array.isArray(load)) return null;
  const stages: (Partial<Record<'name' | 'warmup', unknown>> | null)[] = load;
  return stages.flatMap((stage) =>
    typeof stage?.name === 'string' ? [{ name: stage.name, warmup: stage.warmup === true }] : [],
  );
}

function defaultName(target: Target, places: Places): string {
  if (!target.secret) return target.host;
  return places.title.replace(/^.*[/\\]/, '').replace(/\.[^.]+$/, '');
}
