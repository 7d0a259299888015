import { z } from 'zod';
import { count, ms, percentile, seconds } from './slice-schema.js';

/** The part of the report that is drawn as lines: by percentile, and over time. */

export const curvesSchema = z
  .array(
    z.object({
      region: z.string().nullable(),
      points: z.array(
        z.object({
          percentile: z.number().describe('99.9 is p99.9.'),
          latency: percentile,
          service: percentile,
        }),
      ),
    }),
  )
  .describe(
    'Good answers of the headline by percentile, evenly apart on a scale of nines; all regions together (null), then each. A curve ends where too few answers lie beyond it, or too many requests failed.',
  );

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

export const seriesSchema = z
  .array(
    z.object({
      region: z.string().nullable(),
      spanSeconds: seconds,
      edges: z.array(ms).describe('Of the heat counts; one more than there are counts.'),
      points: z.array(seriesPointSchema),
    }),
  )
  .describe('Over time, warm-up included; all regions together (null), then each.');
