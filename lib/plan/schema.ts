// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the plan's own syntax.
import { z } from 'zod';
import { dataSchema } from './data-schema.js';
import { requestItem } from './flow-schema.js';
import { limits } from './limits-schema.js';
import {
  DURATION_RANGE_PATTERN,
  PERCENT_PATTERN,
  parseDurationRangeUs,
  parsePercentHundredths,
  parseRate,
  RATE_PATTERN,
  USER_RAMP_PATTERN,
} from './units.js';
import {
  duration,
  flag,
  LONGEST_TIMEOUT_US,
  list,
  name,
  pattern,
  regionName,
  SHARE,
  share,
  text,
  whole,
} from './written-values.js';

/**
 * The form of a plan as people write it. One schema checks it, types it and becomes
 * plan.schema.json; what only makes sense across fields is checked by the readers beside it.
 */
const target = z
  .union(
    [
      text('a URL like https://shop.example.com'),
      z
        .strictObject(
          {
            url: text('a URL like https://shop.example.com').describe(
              'The origin and path prefix.',
            ),
            at: regionName
              .describe(
                'Near which place it stands, an AWS region or a large city: what emulated distances are reckoned from.',
              )
              .optional(),
          },
          { error: 'a URL like https://shop.example.com' },
        )
        .describe('The same as a map.'),
    ],
    { error: 'a URL like https://shop.example.com' },
  )
  .describe(
    'What is measured: origin and optional path prefix, without a query. The paths of requests are appended to it. May hold `${env:NAME}`.',
  );

const LOSS = 'a percentage with at most two decimals, like 0.1%';
const region = z
  .strictObject(
    {
      share: share.optional(),
      workers: whole(1, 1000)
        .describe('How many workers make the load of this region. Absent: as few as can make it.')
        .optional(),
      rtt: duration(LONGEST_TIMEOUT_US)
        .describe('With `--emulate`: its round trip. Absent: by its distance from `target.at`.')
        .optional(),
      jitter: duration(LONGEST_TIMEOUT_US)
        .describe(
          'With `--emulate`: at most this much more, drawn for each exchange. Absent: none.',
        )
        .optional(),
      loss: pattern(PERCENT_PATTERN, LOSS)
        .refine((value) => parsePercentHundredths(value)! <= 10_000, { error: 'at most 100%' })
        .meta({ title: 'percentage' })
        .describe(
          'With `--emulate`: of so many connects and exchanges a packet is lost, and sent again later. Absent: none.',
        )
        .optional(),
    },
    { error: SHARE },
  )
  .describe('A region with more to say than its share.');

const FROM = 'a list of regions, or a map from region to share';
const from = z
  .union(
    [
      list(regionName, FROM),
      z
        .record(regionName, z.union([...share.options, region], { error: SHARE }), { error: FROM })
        .refine((regions) => Object.keys(regions).length > 0, { error: FROM })
        .meta({ minProperties: 1 }),
    ],
    { error: FROM },
  )
  .describe(
    'Where the load comes from: a list of regions for equal shares, or a map from region to its share. Absent: this machine, as region `local`.',
  );

const RATE = 'a number with its unit, like 50/s, or a ramp, like 50..600/s';
const MOST_RATE = 1_000_000;
const rate = pattern(RATE_PATTERN, RATE)
  .refine((value) => Math.max(...(parseRate(value) ?? [0])) <= MOST_RATE, {
    error: `at most ${MOST_RATE}/s`,
  })
  .meta({ title: 'rate' })
  .describe('Starts per second, minute or hour: `50/s`, `0.3/s`, `30/m`; `50..600/s` is a ramp.');

const USERS = 'a whole number, like 100, or a ramp, like 0..100';
const MOST_USERS = 1_000_000;
const users = z
  .union(
    [
      z.int({ error: USERS }).min(0, { error: USERS }).max(MOST_USERS, { error: USERS }),
      pattern(USER_RAMP_PATTERN, USERS)
        .refine((value) => value.split('..').every((end) => Number(end) <= MOST_USERS), {
          error: `at most ${MOST_USERS}`,
        })
        .meta({ title: 'ramp' }),
    ],
    { error: USERS },
  )
  .describe('How many users send, each again once it has its answer; `0..100` is a ramp.');

const stageHead = {
  for: duration().describe('How long the stage lasts.'),
  warmup: flag
    .describe('Measured apart, never mixed into the result. Warm-up stages come first.')
    .optional(),
  name: name.describe('What reports and objectives (`during NAME`) call the stage.').optional(),
};

/** The field that says of which kind a stage is. */
export const STAGE_KINDS = ['rate', 'users', 'requests'] as const;

const STAGE = '{ rate: 50/s, for: 1m }, { users: 100, for: 1m } or { requests: 1000, users: 100 }';
const stage = z.union(
  [
    z
      .strictObject({ rate, ...stageHead }, { error: STAGE })
      .describe('A rate of starts that does not wait for answers (open model).'),
    z
      .strictObject({ users, ...stageHead }, { error: STAGE })
      .describe('A number of users (closed model).'),
    z
      .strictObject(
        {
          requests: whole(1, 1_000_000_000).describe('How many are sent in all.'),
          users: whole(1, MOST_USERS).describe('How many users send them. Absent: 1.').optional(),
          for: duration().describe('What is not begun by then is dropped. Absent: 9m.').optional(),
          name: stageHead.name,
        },
        { error: STAGE },
      )
      .describe('A fixed amount; the only entry of its list.'),
  ],
  { error: STAGE },
);

const CONNECTIONS = 'auto or a whole number from 1';
const http = z
  .strictObject(
    {
      timeout: duration(LONGEST_TIMEOUT_US)
        .describe('How long an answer may take, from the first byte sent. Absent: 10s.')
        .optional(),
      connect: duration(LONGEST_TIMEOUT_US)
        .describe('How long opening a connection may take. Absent: the same as `timeout`.')
        .optional(),
      connections: z
        .union(
          [
            z.literal('auto', { error: CONNECTIONS }),
            z
              .int({ error: CONNECTIONS })
              .min(1, { error: CONNECTIONS })
              .max(1_000_000, { error: CONNECTIONS }),
          ],
          { error: CONNECTIONS },
        )
        .describe(
          '`auto` (default) opens what is needed; a number is opened ahead and never exceeded.',
        )
        .optional(),
      expect: duration(LONGEST_TIMEOUT_US)
        .describe('How long an exchange will take; sizes the connections opened ahead.')
        .optional(),
      insecure: flag.describe('Accept any certificate. Absent: false.').optional(),
      resolve: z
        .record(
          text('a host name'),
          z.union([z.ipv4({ error: 'an IP address' }), z.ipv6({ error: 'an IP address' })], {
            error: 'an IP address',
          }),
          { error: 'a map from host name to IP address' },
        )
        .describe('Host name to IP address, used instead of asking DNS.')
        .optional(),
      probe: flag
        .describe(
          'Every two seconds each worker opens one connection alone and closes it at once, to tell the round trip. Absent: true.',
        )
        .optional(),
      serverTime: pattern(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'the name of a header, like x-latency')
        .describe(
          'Header in which an answer says how long the server took: a number in ms, or with its unit (`12.5`, `350us`, `0.2s`). Absent: `Server-Timing`, where the answers have it.',
        )
        .optional(),
      reuse: z
        .enum(['shared', 'iteration', 'none'], { error: 'shared, iteration or none' })
        .describe(
          '`shared` (default): a free connection serves whoever comes next; `iteration`: each is a new visitor with connections of its own; `none`: one connection a request.',
        )
        .optional(),
      version: z.literal(1, { error: '1' }).describe('Of HTTP; only 1 so far.').optional(),
      followRedirects: whole(0, 20)
        .describe('How many redirects of a request are followed. Absent: 0.')
        .optional(),
    },
    { error: 'a map of settings' },
  )
  .describe('How requests are sent.');

export const PlanSchema = z.strictObject(
  {
    $schema: z.string({ error: 'text' }).describe('For editors; not used.').optional(),
    name: name.describe("What the run is called. Absent: the target's host.").optional(),
    target,
    from: from.optional(),
    load: list(stage, 'a list of stages like { rate: 50/s, for: 1m }').describe(
      'How much load, stage after stage: all rates, all users, or one fixed amount.',
    ),
    think: pattern(DURATION_RANGE_PATTERN, 'a duration like 2s, or a range like 1s..3s')
      .refine((value) => parseDurationRangeUs(value) !== null, { error: 'in whole microseconds' })
      .meta({ title: 'duration or range' })
      .describe('With users: pause after each answer, drawn evenly from the range.')
      .optional(),
    every: duration()
      .describe('With users: each begins its next request this long after it began the last.')
      .optional(),
    relog: flag
      .describe(
        'With users, on AWS: a worker lives for nine minutes at most, and in longer runs another one takes over; all its users then begin anew, on new connections. Absent: such a plan is refused.',
      )
      .optional(),
    arrivals: z
      .enum(['even', 'poisson'], { error: 'even or poisson' })
      .describe('With rates: evenly spaced (default), or random as from many independent people.')
      .optional(),
    requests: list(requestItem, 'a list like [GET /, GET /items]')
      .describe(
        'What is begun: requests, and flows of several steps, picked by weight. Absent: a GET of the target itself.',
      )
      .optional(),
    data: dataSchema.optional(),
    objectives: list(text('text like p95 < 500ms'), 'a list like [p95 < 500ms, errors < 1%]')
      .describe(
        'What must hold: `[ok|failed] [metric] statistic < limit [of "REQUEST"] [in REGION | in every region] [during STAGE]`.',
      )
      .optional(),
    abort: list(text('text like errors > 50% over 10s'), 'a list like [errors > 50% over 10s]')
      .describe(
        'What ends the run early, with exit code 99: `[ok] [latency|service] statistic > limit [in REGION | in every region] over DURATION`, and `errors` or `rate` in place of the statistic, with `of "REQUEST"` too.',
      )
      .optional(),
    limits: limits.optional(),
    http: http.optional(),
  },
  { error: 'a map of fields' },
);

/** A plan as written, once it has passed the schema. */
export type WrittenPlan = z.input<typeof PlanSchema>;
export type WrittenStage = WrittenPlan['load'][number];

/** The JSON Schema that editors use: `plan.schema.json`. */
export function planJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(PlanSchema, { io: 'input', target: 'draft-7' });
  return {
    $schema,
    title: 'Isochrone plan',
    description: 'What to measure, from where, and with how much load.',
    ...schema,
  };
}
