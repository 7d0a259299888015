import { z } from 'zod';
import { costSchema } from './cost-schema.js';
import { curvesSchema, seriesSchema } from './course-schema.js';
import { healthSchema, offsetSchema } from './health-schema.js';
import {
  count,
  distributionSchema,
  iterationAccountsSchema,
  ms,
  requestAccountsSchema,
  seconds,
  sliceSchema,
} from './slice-schema.js';
import { levelSchema, objectiveSchema, validitySchema } from './verdict-schema.js';

export {
  type Distribution,
  type IterationAccounts,
  PERCENTILE_KEYS,
  PERCENTILES,
  type PercentileKey,
  type RequestAccounts,
  type Slice,
} from './slice-schema.js';
export {
  CHECKS,
  type ObjectiveVerdict,
  type ValidityLevel,
  type ValidityVerdict,
} from './verdict-schema.js';

/**
 * `report.json`, schema `isochrone.report/1`: what a run found, in one document. Every renderer,
 * comparison and continuous-integration job reads this and nothing else.
 *
 * How long something took is in milliseconds, with microsecond resolution. Where something lies
 * in the run is in seconds from its start instant. Shares are fractions of 1.
 */

export const reportSchema = z
  .object({
    schema: z.literal('isochrone.report/1'),
    run: z.object({
      id: z.string(),
      name: z.string(),
      label: z.string().nullable(),
      target: z.string(),
      targetAt: z
        .string()
        .nullable()
        .describe('Near which place it stands, as the plan says; null: it does not say.'),
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
      emulated: z
        .array(
          z.object({
            region: z.string(),
            roundTrip: ms,
            jitter: ms.describe('At most this much more, drawn for each exchange.'),
            loss: z.number().describe('Share of connects and exchanges that lost a packet.'),
          }),
        )
        .describe('Regions whose distance was emulated, in the order of `regions`.'),
      requests: z.array(z.string()).describe('Steps of flows among them.'),
      flows: z
        .array(z.string())
        .optional()
        .describe('As slices name them, `flow NAME`. Absent: there are none.'),
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
          refused: z
            .array(
              z.object({
                region: z.string(),
                leg: count,
                n: count,
                attempt: count,
                at: z.string().describe('ISO 8601, by its own clock.'),
                why: z.string(),
              }),
            )
            .describe('Workers that were started once too often, or for what they must not do.'),
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
          edge: z
            .object({
              name: z.string(),
              sign: z.string().describe('The header that gave it away, or `round trip`.'),
            })
            .nullable()
            .describe(
              'A proxy or CDN that ends the connection: distance is to there. null: as far as is known, the target.',
            ),
        }),
      )
      .describe('Of the whole run, warm-up included.'),
    firstVisits: z
      .array(
        z.object({
          region: z.string(),
          connections: count.describe('That the medians are over, probes left out.'),
          dns: ms.nullable(),
          tcp: ms.nullable(),
          tls: ms.nullable(),
          firstByte: ms.nullable(),
          total: ms.nullable(),
        }),
      )
      .describe(
        'What a new visitor waits for a first byte: medians over connections, and their sum.',
      ),
    curves: curvesSchema,
    series: seriesSchema,
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
      .describe('Expectations, one by one: of how many answers they held. Warm-up included.'),
    workers: z.array(
      z.object({
        region: z.string(),
        leg: count,
        n: count,
        attempt: count,
        node: z.string(),
        arch: z.string(),
        cores: z.number().describe('Of a function: its share of one, by its memory.'),
        threads: count,
        thread: count,
        pacer: z.enum(['spin', 'timer']),
        engine: z.string(),
        armedAt: z.string(),
        startedAt: z.string(),
        endedAt: z.string(),
        stopped: seconds.nullable().describe('When it obeyed a stop.'),
        lapsed: seconds
          .nullable()
          .describe('When it fell silent by itself, having lost sight of the run.'),
        firstLag: ms
          .nullable()
          .describe('How late its first request was taken up, by its own clock.'),
        backlogAtStart: count.describe('Waiting from the warm-up when measuring began.'),
        connections: z.object({
          peak: count,
          ceiling: count,
          opened: count,
          failed: count,
          ceilingReached: z.boolean(),
          replaced: count.describe(
            'Idle ones that were closed, by the server or for having idled too long, and opened anew.',
          ),
          probes: count.describe(
            'Opened alone and closed at once, to tell the round trip; in none of the other numbers.',
          ),
        }),
        health: healthSchema,
        clock: offsetSchema.nullable().describe('null: the store did not tell the time.'),
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
    cost: costSchema.nullable().describe('null: it was carried out where nobody charges for it.'),
    plan: z
      .string()
      .describe('What was carried out, as a plan file would say it, without credentials.'),
  })
  .describe('The report of an Isochrone run.');

export type Report = z.infer<typeof reportSchema>;
export type Finding = Report['findings'][number];
export type SeriesPoint = Report['series'][number]['points'][number];

/** What is shipped as `report.schema.json`. */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportSchema, { target: 'draft-7' });
}
