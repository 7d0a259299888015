import { z } from 'zod';

/** The part of the report that judges: objectives, and the measurement itself. */

export const levelSchema = z.enum(['good', 'doubtful', 'invalid']);

/** Every check of the measurement, in the order in which reports show them. */
export const CHECKS = [
  'lag',
  'event-loop',
  'busy',
  'offered',
  'start',
  'clock-offset',
  'fragments',
  'accounts',
  'connections',
  'support',
] as const;

const stateSchema = z
  .enum(['held', 'missed', 'undecided', 'not reached', 'not judged'])
  .describe(
    'undecided makes the run invalid; not reached: the run was ended before it could be decided; not judged: undecided, and the user allowed it.',
  );

export const objectiveSchema = z
  .object({
    text: z.string().describe('As the plan has it.'),
    ok: z.boolean().nullable(),
    state: stateSchema,
    unit: z.enum(['ms', 'share', 'per second']),
    metric: z.string().optional().describe('What time it is about: `latency`, `service`, …'),
    percentile: z.number().optional().describe('Of a percentile: 99.9 is p99.9.'),
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
    apart: z
      .array(
        z.object({
          region: z.string(),
          state: stateSchema,
          measured: z.number().nullable(),
          sentence: z.string(),
        }),
      )
      .optional()
      .describe('With `in every region`: each of them, in the order of `run.regions`.'),
  })
  .meta({ id: 'objective' });

export const validitySchema = z
  .object({
    check: z.enum(CHECKS),
    level: levelSchema,
    lowered: levelSchema
      .nullable()
      .describe('What it is, where the user accepted it and level is one lower; null: level is.'),
    measured: z.number().nullable().describe('In the unit of the limits; null: unknown.'),
    unit: z.enum(['share', 'count', 'ms']),
    limit: z
      .object({ doubtful: z.number().nullable(), invalid: z.number().nullable() })
      .describe('Above which it is doubtful, and invalid; null: never.'),
    region: z.string().nullable().describe('The region that is worst, where it is about one.'),
    meaning: z.string(),
    remedy: z.string().nullable().describe('What to do; null when it is good.'),
  })
  .meta({ id: 'validity', description: 'Whether the measurement itself can be trusted.' });

export type ObjectiveVerdict = z.infer<typeof objectiveSchema>;
export type ValidityVerdict = z.infer<typeof validitySchema>;
export type ValidityLevel = z.infer<typeof levelSchema>;
