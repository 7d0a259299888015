import { z } from 'zod';

/**
 * `report.json`, schema `isochrone.report/1`: what a run found, in one document. Every renderer,
 * comparison and continuous-integration job reads this and nothing else.
 *
 * How long something took is in milliseconds, with microsecond resolution. Where something lies
 * in the run is in seconds from its start instant. Shares are fractions of 1.
 */

const count = z.number().int().min(0);
const ms = z.number();
const seconds = z.number();
const share = z.number();

export const PERCENTILES = {
  p50: 5000,
  p75: 7500,
  p90: 9000,
  p95: 9500,
  p99: 9900,
  p999: 9990,
  p9999: 9999,
} as const;
export type PercentileKey = keyof typeof PERCENTILES;
export const PERCENTILE_KEYS = Object.keys(PERCENTILES) as PercentileKey[];

const percentile = ms.nullable();
const needs = count.optional();

const distributionSchema = z
  .object({
    count,
    min: ms.nullable(),
    mean: ms.nullable(),
    stdev: ms.nullable(),
    p50: percentile,
    p75: percentile,
    p90: percentile,
    p95: percentile,
    p99: percentile,
    p999: percentile,
    p9999: percentile,
    max: ms.nullable(),
    needs: z
      .object({
        p50: needs,
        p75: needs,
        p90: needs,
        p95: needs,
        p99: needs,
        p999: needs,
        p9999: needs,
      })
      .optional()
      .describe(
        'For each percentile that is null because the sample is too small: how many samples it takes to show it. Absent when none is.',
      ),
    masked: z
      .array(z.enum(PERCENTILE_KEYS))
      .optional()
      .describe(
        'Percentiles that must not be shown as a number, because more requests failed than the percentile leaves out: p99 of the good answers means little when 2 % had none. Absent when there are none.',
      ),
  })
  .meta({
    id: 'distribution',
    description: 'Times in ms: of good answers, unless it says otherwise.',
  });

const droppedSchema = z
  .object({
    generator: count.describe('Never begun because the generator was late.'),
    target: count.describe('Never begun because every connection was waiting for an answer.'),
  })
  .describe('Fell due and were never begun, by whose fault.');

const cutSchema = z
  .object({
    deadline: count.describe('In flight when the time to finish had run out.'),
    stop: count.describe('In flight, or due and not begun, when the run was stopped.'),
  })
  .describe('Neither good nor failed, because the run ended.');

const accountsShape = {
  scheduled: count,
  ok: count,
  failed: count,
  cut: cutSchema,
  dropped: droppedSchema,
  lost: count
    .nullable()
    .describe(
      'Scheduled in a worker whose measurements are missing, and found in none. null: unknown.',
    ),
};

const iterationAccountsSchema = z.object(accountsShape).meta({
  id: 'iterationAccounts',
  description: 'Iterations: scheduled = ok + failed + cut + dropped + lost.',
});

const requestAccountsSchema = z
  .object({
    ...accountsShape,
    sent: count.describe('Had at least one byte written; each counted once.'),
    unsent: count.describe('Failed before a byte was written.'),
    resent: count.describe('Were sent once more after a reused connection died.'),
    answered: count.describe('Got at least one byte of a response.'),
  })
  .meta({
    id: 'requestAccounts',
    description:
      'Requests: scheduled = ok + failed + cut + dropped + lost. Where lost is null, scheduled is what was counted.',
  });

const sliceSchema = z
  .object({
    region: z.string().nullable(),
    request: z.string().nullable(),
    stage: z.string().nullable().describe("A stage's title, as in run.stages."),
    warmup: z.boolean().describe('A warm-up stage: it is in no other slice.'),
    seconds: seconds.describe('The time that this slice is about, as far as the run came.'),
    requests: requestAccountsSchema,
    iterations: iterationAccountsSchema,
    errorRate: share
      .nullable()
      .describe('(failed + cut by the deadline + dropped by target) / scheduled.'),
    rate: z
      .number()
      .nullable()
      .describe(
        'Good answers per second, by when they ended, over the time in which every worker of the region was alive; several regions: the sum of theirs.',
      ),
    rateWhy: z
      .string()
      .nullable()
      .describe('Why there is no rate, or over which part of the time it was counted.'),
    bytesIn: count,
    bytesOut: count,
    latency: distributionSchema.describe(
      'From the instant at which the schedule wanted the request sent to its last byte.',
    ),
    service: distributionSchema.describe('From the first byte written to the last byte read.'),
    ttfb: distributionSchema.describe('From the scheduled instant to the first byte read.'),
    phases: z
      .object({
        wait: z.object({
          mean: ms.nullable().describe('Mean of all waiting: latency less service.'),
          lag: distributionSchema.describe(
            "From the scheduled instant until the generator took it up: the generator's fault.",
          ),
          blocked: distributionSchema.describe('Until a connection was free.'),
          setup: distributionSchema.describe(
            'Until the new connection that it waited for was there; only of those that waited for one.',
          ),
        }),
        firstByte: distributionSchema.describe('From the first byte written to the first read.'),
        body: distributionSchema.describe('From the first byte read to the last.'),
        sending: distributionSchema
          .nullable()
          .describe('Part of firstByte: sending a body that took more than one write.'),
      })
      .describe('Where the time went.'),
    distance: distributionSchema
      .nullable()
      .describe('Round trip to the addresses that answered; null for a single request.'),
    processing: distributionSchema
      .nullable()
      .describe('First byte less one round trip: the server and what lies behind the edge.'),
    cutAtZero: share
      .nullable()
      .describe(
        'Share of answers that came sooner than one round trip. Above 0.05 distance and processing cannot be told apart.',
      ),
    serverTime: distributionSchema.nullable().describe('What the server itself said it took.'),
    iteration: distributionSchema.nullable().describe('Whole flows; null where there are none.'),
    failed: distributionSchema.describe('Time of the failed ones, from the scheduled instant.'),
  })
  .meta({
    id: 'slice',
    description: 'One cut of the result. null for region, request or stage means all of them.',
  });

const levelSchema = z.enum(['good', 'doubtful', 'invalid']);

const objectiveSchema = z
  .object({
    text: z.string().describe('As the plan has it.'),
    ok: z.boolean().nullable(),
    state: z
      .enum(['held', 'missed', 'undecided', 'not reached', 'not judged'])
      .describe(
        'undecided makes the run invalid; not reached: the run was ended before it could be decided; not judged: undecided, and the user allowed it.',
      ),
    unit: z.enum(['ms', 'share', 'per second']),
    comparison: z.enum(['<', '<=', '>', '>=']),
    limit: z.number(),
    measured: z
      .number()
      .nullable()
      .describe('null where nothing supports a number, or so many failed that there is none.'),
    request: z.string().nullable(),
    region: z.string().nullable().describe('`every`, the name of one, or null: all together.'),
    stage: z.string().nullable(),
    worst: z.string().nullable().describe('With `in every region`: the region that decided.'),
    sentence: z.string().describe('The verdict, for people.'),
  })
  .meta({ id: 'objective' });

const validitySchema = z
  .object({
    check: z.enum(['lag', 'offered', 'fragments', 'accounts', 'support']),
    level: levelSchema,
    measured: z.number().nullable().describe('In the unit of the limits; null: unknown.'),
    unit: z.enum(['share', 'count']),
    limit: z
      .object({ doubtful: z.number().nullable(), invalid: z.number() })
      .describe('Above which it is doubtful, and invalid.'),
    region: z.string().nullable().describe('The region that is worst, where it is about one.'),
    meaning: z.string(),
    remedy: z.string().nullable().describe('What to do; null when it is good.'),
  })
  .meta({ id: 'validity', description: 'Whether the measurement itself can be trusted.' });

const seriesPointSchema = z
  .object({
    start: seconds,
    scheduled: count,
    ok: count,
    failed: count,
    cut: count,
    dropped: count,
    ended: count.describe('Answers that ended in this span, whenever they were scheduled.'),
    endedFailed: count,
    p50: percentile,
    p99: percentile,
    max: percentile,
    heat: z.array(count).describe('Good answers by latency, between the edges.'),
  })
  .meta({ id: 'seriesPoint' });

export const reportSchema = z
  .object({
    schema: z.literal('isochrone.report/1'),
    run: z.object({
      id: z.string(),
      name: z.string(),
      label: z.string().nullable(),
      target: z.string(),
      startedAt: z.string().nullable().describe('ISO 8601; null when it never started.'),
      endedAt: z.string(),
      seconds: seconds.describe('From the start instant to the end.'),
      where: z.enum(['local', 'emulated', 'aws']),
      seed: count,
      model: z.enum(['open', 'closed', 'amount']),
      arrivals: z.enum(['even', 'poisson']).nullable().describe('null: users, not arrivals.'),
      latencyFrom: z
        .enum(['schedule', 'ready'])
        .describe(
          'ready: latency counts from when a user was ready to send, and is blind to the load that a slow server held back.',
        ),
      regions: z.array(z.string()),
      requests: z.array(z.string()),
      stages: z.array(
        z.object({
          name: z.string().nullable(),
          title: z.string().describe('Unique within the run.'),
          warmup: z.boolean(),
          constant: z.boolean(),
          start: seconds,
          end: seconds,
        }),
      ),
      legs: z.array(z.object({ start: seconds, end: seconds })),
      headline: z
        .object({ stage: z.string().nullable(), sentence: z.string() })
        .describe(
          'The stage whose numbers stand for the run: the longest constant one; null: all measured time.',
        ),
    }),
    verdict: z.object({
      status: z.enum(['passed', 'failed', 'invalid', 'stopped', 'broken', 'cancelled']),
      cause: z.string().nullable().describe('Why it is not passed.'),
      exitCode: count,
      level: levelSchema.describe('The worst of validity.'),
      objectives: z.array(objectiveSchema),
      validity: z.array(validitySchema),
    }),
    completeness: z
      .object({
        workers: z.object({
          planned: count,
          reported: count,
          missing: z.array(
            z.object({
              region: z.string(),
              leg: count,
              n: count,
              attempt: count,
              lastSeen: z.string().nullable().describe('ISO 8601, when its last fragment was cut.'),
              lastSeenSeconds: seconds.nullable(),
              why: z.string().nullable(),
              lost: count.nullable().describe('Requests lost with it; null: unknown.'),
            }),
          ),
        }),
        iterations: iterationAccountsSchema,
        requests: requestAccountsSchema,
        fragments: z
          .object({
            expected: count.describe('merged + missing + unreadable.'),
            merged: count,
            duplicate: count.describe('Found again, and counted once.'),
            missing: count,
            unreadable: count,
          })
          .describe('Pieces of measurement that workers sent.'),
      })
      .describe('What was asked for and what became of it, warm-up included.'),
    slices: z.array(sliceSchema),
    connections: z
      .array(
        z.object({
          region: z.string(),
          address: z.string(),
          opened: z
            .object({ dns: distributionSchema, tcp: distributionSchema, tls: distributionSchema })
            .describe('Opened because a request waited for one.'),
          ahead: z
            .object({ dns: distributionSchema, tcp: distributionSchema, tls: distributionSchema })
            .describe('Opened before any request needed it.'),
          roundTrip: distributionSchema,
        }),
      )
      .describe('Of the whole run, warm-up included.'),
    firstVisits: z
      .array(
        z.object({
          region: z.string(),
          dns: ms.nullable(),
          tcp: ms.nullable(),
          tls: ms.nullable(),
          firstByte: ms.nullable(),
          total: ms.nullable(),
        }),
      )
      .describe('What a new visitor waits for a first byte: the sum of medians.'),
    series: z
      .array(
        z.object({
          region: z.string().nullable(),
          spanSeconds: seconds,
          edges: z.array(ms).describe('Of the heat counts; one more than there are counts.'),
          points: z.array(seriesPointSchema),
        }),
      )
      .describe('Over time, warm-up included; all regions together (null), then each.'),
    errors: z
      .array(
        z.object({
          class: z.string(),
          code: count,
          message: z.string(),
          count,
          first: seconds,
          last: seconds,
          region: z.string(),
          request: z.string(),
          sample: z.string().nullable(),
        }),
      )
      .describe('Of the whole run, warm-up included; the most frequent first.'),
    checks: z
      .array(z.object({ request: z.string(), text: z.string(), passed: count, failed: count }))
      .describe('Expectations, one by one.'),
    workers: z.array(
      z.object({
        region: z.string(),
        leg: count,
        n: count,
        attempt: count,
        node: z.string(),
        arch: z.string(),
        cores: count,
        threads: count,
        thread: count,
        pacer: z.enum(['spin', 'timer']),
        engine: z.string(),
        armedAt: z.string(),
        startedAt: z.string(),
        endedAt: z.string(),
        stopped: seconds.nullable().describe('When it obeyed a stop.'),
        firstLag: ms.nullable().describe('How late its first request was taken up.'),
        backlogAtStart: count.describe('Waiting from the warm-up when measuring began.'),
        connections: z.object({
          peak: count,
          ceiling: count,
          opened: count,
          failed: count,
          ceilingReached: z.boolean(),
        }),
      }),
    ),
    findings: z.array(
      z.object({
        id: z.string(),
        severity: z.enum(['info', 'warning', 'serious']),
        text: z.string(),
        evidence: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
      }),
    ),
    cost: z.null().describe('Not known yet in this version.'),
  })
  .describe('The report of an Isochrone run.');

export type Report = z.infer<typeof reportSchema>;
export type Distribution = z.infer<typeof distributionSchema>;
export type RequestAccounts = z.infer<typeof requestAccountsSchema>;
export type IterationAccounts = z.infer<typeof iterationAccountsSchema>;
export type Slice = z.infer<typeof sliceSchema>;
export type ObjectiveVerdict = z.infer<typeof objectiveSchema>;
export type ValidityVerdict = z.infer<typeof validitySchema>;
export type ValidityLevel = z.infer<typeof levelSchema>;
export type Finding = Report['findings'][number];
export type SeriesPoint = z.infer<typeof seriesPointSchema>;

/** What is shipped as `report.schema.json`. */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportSchema, { target: 'draft-7' });
}
