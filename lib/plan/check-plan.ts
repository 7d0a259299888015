import { TextMistake } from './diagnostics.js';
import { checkEmulation, readTargetAt } from './emulation.js';
import { Mistakes } from './mistakes.js';
import { parseAbort } from './parse-abort.js';
import { type ObjectiveScope, parseObjective } from './parse-objective.js';
import type { Path, Places } from './places.js';
import type { HttpOptions, Plan } from './plan.js';
import { readLoad } from './read-load.js';
import { readRegions } from './read-regions.js';
import { nameOf, readRequests } from './read-requests.js';
import { readTarget, type Target } from './read-target.js';
import { checkReferences, type Environment } from './references.js';
import { PlanSchema, type WrittenPlan } from './schema.js';
import { addIssues } from './schema-issues.js';
import { parseDurationUs } from './units.js';

/** What reading a plan may look at besides its text. */
export interface PlanContext {
  readonly env: Environment;
  /** Where it is to be carried out; absent: on this machine. */
  readonly where?: 'local' | 'aws' | undefined;
  readonly readFile: (path: string) => Uint8Array;
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
  const requests = readRequests(
    plan.requests,
    { target, timeoutUs: http.timeoutUs, readFile: context.readFile, where },
    mistakes,
  );
  const scope: ObjectiveScope = {
    requests: plan.requests === undefined ? requests.map(({ name }) => name) : requestNames(plan),
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
  return attempt(() => readTarget(text, env), path, mistakes);
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
    return attempt(() => parse(text), path, mistakes) ?? [];
  });
}

function attempt<T>(read: () => T, path: Path, mistakes: Mistakes): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TextMistake)) throw error;
    mistakes.addText(path, error);
    return null;
  }
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
  };
}

function limitsOf(written: WrittenPlan['limits']): Pick<Plan, 'limits'> {
  return written?.cost === undefined ? {} : { limits: { costUsd: Number(written.cost.slice(1)) } };
}

function microseconds(text: string | undefined): number | null {
  return text === undefined ? null : parseDurationUs(text);
}

/** Names are known though other fields are wrong; null where even they cannot be. */
function requestNames({ requests }: WrittenPlan): string[] | null {
  if (!Array.isArray(requests)) return null;
  const names: unknown[] = requests.map((one) =>
    typeof one === 'string' ? nameOf(one) : (one?.name ?? (one?.request && nameOf(one.request))),
  );
  return names.every((name) => typeof name === 'string') ? names : null;
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
