import { z } from 'zod';
import { MONEY_PATTERN } from './units.js';
import { pattern } from './written-values.js';

const COST = 'US dollars, like $2 or $0.50';
/** What ends a run that would go beyond it. */
export const limits = z
  .strictObject(
    {
      cost: pattern(MONEY_PATTERN, COST)
        .refine((value) => Number(value.slice(1)) > 0, { error: 'more than $0' })
        .meta({ title: 'dollars' })
        .describe(
          'On AWS the run is stopped before it costs more, by what AWS charges, and ends with exit code 99. A run of this machine costs nothing there.',
        )
        .optional(),
    },
    { error: 'a map like { cost: $2 }' },
  )
  .describe('What ends the run early where it is reached.');
