import { z } from 'zod';

/** The part of the report that holds its numbers: accounts, distributions, and the slices of both. */

export const count = z.number().int().min(0);
export const ms = z.number();
export const seconds = z.number();
export const share = z.number();

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

export const percentile = ms.nullable();
const needs = count.optional();

export const distributionSchema = z
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

export const iterationAccountsSchema = z.object(accountsShape).meta({
  id: 'iterationAccounts',
  description: 'Iterations: scheduled = ok + failed + cut + dropped + lost.',
});

export const requestAccountsSchema = z
  .object({
    ...accountsShape,
    sent: count.describe('Had at least one byte written; each counted once.'),
    unsent: count.describe('Failed before a byte was written.'),
    resent: count.describe('Were sent once more after a reused connection died.'),
    redirects: count.describe('Redirects followed: each is one more request on the wire.'),
    answered: count.describe('Got at least one byte of a response.'),
  })
  .meta({
    id: 'requestAccounts',
    description:
      'Requests: scheduled = ok + failed + cut + dropped + lost. Where lost is null, scheduled is what was counted.',
  });

export const sliceSchema = z
  .object({
    region: z.string().nullable(),
    request: z
      .string()
      .nullable()
      .describe(
        'A request, or `flow NAME`: the iterations of a flow and the requests of all its steps.',
      ),
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
    estimate: distributionSchema
      .nullable()
      .describe(
        'Users whose pace the answers set: an estimate of latency had they not waited, by the correction for coordinated omission with the median iteration as interval. No objective uses it.',
      ),
    iteration: distributionSchema.nullable().describe('Whole flows; null where there are none.'),
    failed: distributionSchema.describe('Time of the failed ones, from the scheduled instant.'),
  })
  .meta({
    id: 'slice',
    description: 'One cut of the result. null for region, request or stage means all of them.',
  });

export type Distribution = z.infer<typeof distributionSchema>;
export type RequestAccounts = z.infer<typeof requestAccountsSchema>;
export type IterationAccounts = z.infer<typeof iterationAccountsSchema>;
export type Slice = z.infer<typeof sliceSchema>;
