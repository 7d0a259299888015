import type { Journal } from '../../lib/run/ports.js';

/** Ends an invocation: what is awaited comes in the next one. */
class Suspended extends Error {}

export interface Replayed<T> {
  readonly result: T;
  /** Blocks and pauses, each counted once. */
  readonly operations: number;
  readonly invocations: number;
}

/**
 * Runs a durable function as Lambda does: a pause ends the invocation, and the next one begins from
 * the top and finds what the blocks before had given. A block that is broken off is done again.
 */
export async function replayed<T>(
  run: (journal: Journal) => Promise<T>,
  around: (invoke: () => Promise<void>) => Promise<void> = (invoke) => invoke(),
  isBroken: (error: unknown) => boolean = () => false,
): Promise<Replayed<T>> {
  const kept: string[] = [];
  let ended: { readonly result: T } | null = null;
  let invocations = 0;
  const invoke = async () => {
    let at = 0;
    const journal: Journal = {
      once: async <R>(_name: string, block: () => Promise<R>): Promise<R> => {
        const index = at++;
        if (index === kept.length) kept.push(JSON.stringify((await block()) ?? null));
        return JSON.parse(kept[index]!) as R;
      },
      pause: async () => {
        if (at++ < kept.length) return;
        kept.push('null');
        throw new Suspended();
      },
    };
    try {
      ended = { result: await run(journal) };
    } catch (error) {
      if (!(error instanceof Suspended) && !isBroken(error)) throw error;
    }
  };
  for (;;) {
    invocations++;
    await around(invoke);
    if (ended) return { ...(ended as { result: T }), operations: kept.length, invocations };
  }
}
