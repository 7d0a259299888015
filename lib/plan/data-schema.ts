import { z } from 'zod';
import { text } from './written-values.js';

const TABLE = 'a map with csv or json, like { csv: users.csv, pick: unique }';
const pick = z
  .enum(['unique', 'sequential', 'random'], { error: 'unique, sequential or random' })
  .describe(
    'Which row an iteration gets: each row once (`unique`), one after the other and again from the first (`sequential`, default), or any (`random`). With users, each keeps its row for as long as it stays.',
  )
  .optional();

/** The tables of a plan, by name. */
export const dataSchema = z
  .record(
    text('the name of a table'),
    z.union(
      [
        z
          .strictObject(
            {
              csv: text('the path of a file').describe(
                'File of values separated by commas, semicolons or tabs, relative to the plan; its first line names the columns.',
              ),
              pick,
            },
            { error: TABLE },
          )
          .describe('Rows of a CSV file.'),
        z
          .strictObject(
            {
              json: text('the path of a file').describe(
                'File with a list of objects, relative to the plan; their fields are the columns.',
              ),
              pick,
            },
            { error: TABLE },
          )
          .describe('Rows of a JSON file.'),
      ],
      { error: TABLE },
    ),
    { error: 'a map from the name of a table to its file' },
  )
  .describe('Rows that requests are filled in with: `{{ NAME.COLUMN }}`.');

export type WrittenData = z.input<typeof dataSchema>;
