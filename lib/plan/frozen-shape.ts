import { isHeaderName } from './headers.js';
import type { FlowStep, Plan } from './plan.js';
import { unrolled } from './starts.js';

/** Says where the first mistake is; null: there is none. */
type Check = (value: unknown, path: string) => string | null;

/**
 * What is wrong with a plan that was read from a store, as the path of its first mistake: it may be
 * forged, and a worker does what it says. By hand, as a schema library would be half of its bundle.
 */
export function frozenPlanMistake(value: unknown): string | null {
  return frozenPlan(value, 'plan.json');
}

const not =
  (holds: (value: unknown) => boolean): Check =>
  (value, path) =>
    holds(value) ? null : path;

const text = not((value) => typeof value === 'string');
const flag = not((value) => typeof value === 'boolean');
const amount = not((value) => typeof value === 'number' && Number.isFinite(value) && value >= 0);
const whole = (least = 0, most = Number.MAX_SAFE_INTEGER) =>
  not((value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most);
const oneOf = (...values: readonly unknown[]) => not((value) => values.includes(value));
const orAbsent =
  (check: Check): Check =>
  (value, path) =>
    value === undefined ? null : check(value, path);
const orNull =
  (check: Check): Check =>
  (value, path) =>
    value === null ? null : check(value, path);

const listOf =
  (check: Check, least = 0): Check =>
  (value, path) => {
    if (!Array.isArray(value) || value.length < least) return path;
    return first(value.map((one, i) => () => check(one, `${path}[${i}]`)));
  };

const mapOf =
  (check: Check): Check =>
  (value, path) =>
    isMap(value)
      ? first(
          Object.entries(value).map(
            ([key, one]) =>
              () =>
                check(one, `${path}.${key}`),
          ),
        )
      : path;

const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, path) =>
    isMap(value)
      ? first(
          Object.entries(fields).map(
            ([key, check]) =>
              () =>
                check(value[key], `${path}.${key}`),
          ),
        )
      : path;

/** One of several shapes, told apart by `kind`. */
const kinds =
  (shapes: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    const kind = isMap(value) ? String(value.kind) : '';
    const check = Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
    return check ? check(value, path) : `${path}.kind`;
  };

function first(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const mistake = check();
    if (mistake !== null) return mistake;
  }
  return null;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const LONGEST_US = 1e12;
const time = whole(0, LONGEST_US);
const span = whole(1, LONGEST_US);
const head = { name: orNull(text), warmup: flag, durationUs: time };
const any = () => null;

const pace = kinds({
  none: any,
  think: shape({ minUs: time, maxUs: time }),
  every: shape({ everyUs: span }),
});

const load = kinds({
  open: shape({ stages: listOf(shape({ ...head, fromRate: amount, toRate: amount }), 1) }),
  closed: shape({
    stages: listOf(shape({ ...head, fromUsers: whole(), toUsers: whole() }), 1),
    pace,
  }),
  amount: shape({ requests: whole(1), users: whole(1), capUs: span, pace }),
});

const header: Check = (value, path) => {
  const [name, text, ...more]: unknown[] = Array.isArray(value) ? value : [];
  const sound = typeof name === 'string' && typeof text === 'string' && more.length === 0;
  return sound && isHeaderName(name) ? null : path;
};

const match = kinds({
  contains: shape({ text }),
  regex: shape({ source: text, flags: text }),
});

const value = not((one) => one === null || /^(?:string|number|boolean)$/.test(typeof one));
const jsonTest = kinds({
  equals: shape({ value }),
  compares: shape({ comparison: oneOf('<', '<=', '>', '>=', '!='), value }),
  exists: shape({ exists: flag }),
  matches: shape({ match }),
});

const input = shape({
  sha256: not((one) => typeof one === 'string' && /^[0-9a-f]{64}$/.test(one)),
  bytes: whole(0, 2 ** 31),
  file: text,
});
const bodyFields = {
  encoding: oneOf('utf8', 'base64'),
  data: text,
  escape: orAbsent(oneOf('json', 'form')),
  file: orAbsent(text),
  input: orAbsent(input),
};
const part = shape({
  name: text,
  fileName: orNull(text),
  contentType: orNull(text),
  body: shape(bodyFields),
});

const capture: Check = (one, path) => {
  const from = isMap(one) ? String(one.from) : '';
  const check = Object.hasOwn(CAPTURES, from) ? CAPTURES[from] : undefined;
  return check ? check(one, path) : `${path}.from`;
};
const CAPTURES: Readonly<Record<string, Check>> = {
  json: shape({ name: text, path: text }),
  header: shape({ name: text, header: text }),
  cookie: shape({ name: text, cookie: text }),
  regex: shape({ name: text, source: text, flags: text }),
};

const request = shape({
  name: text,
  method: text,
  path: text,
  weight: whole(0, 10_000),
  headers: listOf(header),
  body: orNull(shape({ ...bodyFields, parts: orAbsent(listOf(part)) })),
  expect: orNull(
    shape({
      status: orNull(listOf(listOf(whole(), 2))),
      headers: listOf(shape({ name: text, value: match })),
      body: listOf(match),
      json: orAbsent(listOf(shape({ path: text, test: jsonTest }))),
      size: orAbsent(shape({ least: orNull(whole()), most: orNull(whole()) })),
      timeUs: orAbsent(span),
    }),
  ),
  timeoutUs: span,
  templated: orAbsent(oneOf(true)),
  captures: orAbsent(listOf(capture)),
  basicAuth: orAbsent(shape({ user: text, password: text })),
  followRedirects: orAbsent(whole(0, 20)),
  expectContinue: orAbsent(oneOf(true)),
});

/** How deep repetitions may lie in each other, and how much they may come to. */
const DEEPEST = 4;
const MOST_STEPS = 10_000;

function stepsCheck(depth: number): Check {
  const simple = {
    request: shape({ request: whole() }),
    pause: shape({ minUs: time, maxUs: time }),
  };
  if (depth === 0) return listOf(kinds(simple), 1);
  const inner: Check = (one, path) => stepsCheck(depth - 1)(one, path);
  return listOf(
    kinds({ ...simple, repeat: shape({ times: whole(1, MOST_STEPS), steps: inner }) }),
    1,
  );
}

const flow = kinds({
  steps: shape({ name: text, weight: whole(1, 10_000), steps: stepsCheck(DEEPEST) }),
  code: shape({
    name: text,
    weight: whole(1, 10_000),
    code: input,
    requests: listOf(whole(), 1),
  }),
});

const dataSet = shape({
  name: text,
  pick: oneOf('unique', 'sequential', 'random'),
  columns: listOf(text),
  count: whole(1),
  source: orAbsent(shape({ format: oneOf('csv', 'json'), file: text })),
  rows: (rows, path) =>
    Array.isArray(rows) ? listOf(listOf(text))(rows, path) : input(rows, path),
});

/** What only makes sense together: steps name requests, and something is to be begun. */
const meaning: Check = (plan, path) => {
  const { requests, flows = [], data = [] } = plan as Pick<Plan, 'requests' | 'flows' | 'data'>;
  const used = new Set<number>();
  for (const [f, one] of flows.entries()) {
    const here = `${path}.flows[${f}].${one.kind === 'code' ? 'requests' : 'steps'}`;
    const endless = one.kind === 'steps' && stepCount(one.steps) > MOST_STEPS;
    if (endless || (one.kind === 'steps' && unrolled(one.steps)[0]?.kind !== 'request'))
      return here;
    for (const request of one.kind === 'code' ? one.requests : sentBy(one.steps)) {
      if (requests[request]?.weight !== 0 || used.has(request)) return here;
      used.add(request);
    }
  }
  if (flows.length === 0 && requests.every(({ weight }) => weight === 0)) return `${path}.requests`;
  const short = data.findIndex(
    ({ rows, count, columns }) =>
      Array.isArray(rows) &&
      (rows.length !== count || rows.some((row) => row.length !== columns.length)),
  );
  return short < 0 ? null : `${path}.data[${short}].rows`;
};

function sentBy(steps: readonly FlowStep[]): number[] {
  return steps.flatMap((step) => {
    if (step.kind === 'repeat') return sentBy(step.steps);
    return step.kind === 'request' ? step.request : [];
  });
}

function stepCount(steps: readonly FlowStep[]): number {
  return steps.reduce(
    (sum, step) => sum + (step.kind === 'repeat' ? step.times * stepCount(step.steps) : 1),
    0,
  );
}

const http = shape({
  timeoutUs: span,
  connectTimeoutUs: span,
  connections: (value, path) => (value === 'auto' ? null : whole(1)(value, path)),
  expectUs: orNull(time),
  insecure: flag,
  resolve: mapOf(text),
  probe: flag,
  serverTime: orNull(text),
  reuse: orAbsent(oneOf('iteration', 'none')),
  followRedirects: orAbsent(whole(0, 20)),
});

const planShape = shape({
  target: text,
  load,
  requests: listOf(request, 1),
  flows: orAbsent(listOf(flow)),
  data: orAbsent(listOf(dataSet)),
  http,
});

const frozenPlan = shape({
  run: text,
  seed: whole(0, 2 ** 32 - 1),
  durationUs: span,
  graceUs: time,
  arrivalsPerSecond: orNull(listOf(whole())),
  stages: listOf(shape({ warmup: flag, startUs: time, endUs: time }), 1),
  legs: listOf(shape({ index: whole(), startUs: time, endUs: span }), 1),
  regions: listOf(
    shape({
      name: text,
      share: whole(1),
      workers: whole(1),
      emulated: orNull(shape({ roundTripUs: time, jitterUs: time, loss: amount })),
    }),
    1,
  ),
  plan: (value, path) => planShape(value, path) ?? meaning(value, path),
});
