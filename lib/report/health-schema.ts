import { z } from 'zod';
import { count, ms, seconds, share } from './slice-schema.js';

/** The part of the report that tells how a load thread fared. */

export const healthSchema = z
  .object({
    delay: z
      .object({ p99: ms, from: seconds })
      .nullable()
      .describe(
        'How late the event loop came to instants 10 ms apart: p99 of the worst 10 s, and where they begin. null: it ran for less than a second.',
      ),
    busy: z
      .object({ share, from: seconds })
      .nullable()
      .describe('Share of the busiest 10 s that the event loop did not spend waiting.'),
    gc: z.object({ count, total: ms, longest: ms }).describe('Garbage collection.'),
    steal: share
      .nullable()
      .describe("Of the machine's CPU time, what its host gave to others; null: not told here."),
    throttled: z
      .object({ count, total: ms })
      .nullable()
      .describe("How often and long a container's CPU quota held it; null: not told here."),
    memory: z
      .object({ rss: count, heap: count })
      .describe('At most, in bytes: of the process, and of the heap of its thread.'),
  })
  .meta({ id: 'health', description: 'How the load thread of a worker fared.' });

export const offsetSchema = z
  .object({
    offset: ms.describe("The worker's clock less the store's."),
    uncertainty: ms.describe('The truth lies so far from it at most.'),
    drift: ms.nullable().describe('How far the offset moved until the end.'),
  })
  .meta({ id: 'offset', description: "A worker's clock against that of the store." });

export type WorkerHealth = z.infer<typeof healthSchema>;
