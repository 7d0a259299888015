import { z } from 'zod';
import { CHARGED } from '../regions/prices.js';

const usd = z.number().nullable().describe('US dollars; null: a price is not known.');
const quantity = z.number().describe('GB-seconds, bytes, or how many.');

/** The part of the report about money. */
export const costSchema = z.object({
  pricesAsOf: z.string().describe('The day of the oldest price, as 2026-01-31.'),
  usd,
  estimatedUsd: usd,
  lines: z
    .array(
      z.object({
        item: z.enum(CHARGED),
        quantity,
        usd,
        estimated: z.object({ quantity, usd }).describe('The same before the run.'),
      }),
    )
    .describe('What was counted, at the prices of this version. What AWS charges decides.'),
  missing: z.array(z.string()).describe('Of what no price is known.'),
  unreported: z
    .number()
    .describe('Workers that left no account of themselves: reckoned by the length of their leg.'),
  target: z
    .object({ bytes: quantity, usd })
    .describe("Answers, for which the target's owner pays where it stands in AWS."),
});
