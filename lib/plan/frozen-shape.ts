import { isHeaderName } from './headers.js';

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

const request = shape({
  name: text,
  method: text,
  path: text,
  weight: whole(1, 10_000),
  headers: listOf(header),
  body: orNull(shape({ encoding: oneOf('utf8', 'base64'), data: text })),
  expect: orNull(
    shape({
      status: orNull(listOf(listOf(whole(), 2))),
      headers: listOf(shape({ name: text, value: match })),
      body: listOf(match),
    }),
  ),
  timeoutUs: span,
});

const http = shape({
  timeoutUs: span,
  connectTimeoutUs: span,
  connections: (value, path) => (value === 'auto' ? null : whole(1)(value, path)),
  expectUs: orNull(time),
  insecure: flag,
  resolve: mapOf(text),
  probe: flag,
  serverTime: orNull(text),
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
  plan: shape({ target: text, load, requests: listOf(request, 1), http }),
});
