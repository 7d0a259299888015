/** What a function has taken so far of what is charged for. */
export interface FunctionUse {
  readonly memoryMb: number;
  /** How long its code took to load, where it was loaded for this. */
  readonly initMs: number;
  /** Since it was called. */
  readonly lifeMs: number;
  readonly s3: S3Use;
}

/** Requests to S3, every attempt, and the bytes of objects in them. */
export interface S3Use {
  readonly puts: number;
  /** GET and HEAD. */
  readonly gets: number;
  readonly lists: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

/** The same of an orchestrator, all of its invocations together. */
export interface OrchestratorUse extends FunctionUse {
  readonly invocations: number;
  /** Steps and pauses that Lambda remembers, and the execution itself. */
  readonly operations: number;
}

export const NO_S3: S3Use = { puts: 0, gets: 0, lists: 0, bytesOut: 0, bytesIn: 0 };

export function addS3(a: S3Use, b: S3Use): S3Use {
  return {
    puts: a.puts + b.puts,
    gets: a.gets + b.gets,
    lists: a.lists + b.lists,
    bytesOut: a.bytesOut + b.bytesOut,
    bytesIn: a.bytesIn + b.bytesIn,
  };
}
