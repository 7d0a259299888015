import { UnavailableError } from '../errors.js';
import { addS3, NO_S3 } from '../measure/function-use.js';
import { admissionObject } from '../store/admission-object.js';
import { runFiles } from '../store/run-files.js';
import type { Store } from '../store/store.js';
import { release } from './admission.js';
import { concludeRun } from './conclude.js';
import type { MergeOrder } from './merge-order.js';
import type { Meter } from './meter.js';
import { orderStop } from './orchestrate.js';
import { keepSum, sumOfPlace } from './place-sum.js';

/** How long workers that were told to stop may take to say what they did. */
const LAST_WORDS_MS = 15_000;

export interface MergeSetting {
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly meter: Meter;
}

/** What the merge function does; any of it may be done again. */
export async function mergeInCloud(
  order: MergeOrder,
  store: Store,
  { nowMs, sleep, meter }: MergeSetting,
): Promise<void> {
  const files = runFiles(store, order.run);
  const [frozen, control, state] = await Promise.all([
    files.plan.read(),
    files.control.read(),
    files.state.read(),
  ]);
  if (!frozen || !control) {
    throw new UnavailableError(`${files.address} holds no plan.json: the run never began`);
  }
  if (order.kind === 'place') {
    const all = await files.fragments.listFrom(order.place, 0);
    const sum = await sumOfPlace(files, frozen, control, all);
    const used = meter.read();
    // The sum and what was measured are yet to be written.
    const s3 = addS3(used.s3, { ...NO_S3, puts: 2 });
    await keepSum(files, order.place, { ...sum, used: { ...used, s3 } });
    return;
  }
  if (state?.phase === 'ended') return;
  if (order.kind === 'run') {
    await concludeRun(files, order.end, nowMs(), { meter, awaited: true });
  } else if (state?.end) {
    // All but its report was there already.
    await concludeRun(files, state.end, nowMs(), { meter });
  } else {
    const stopped = order.status === 'STOPPED';
    const cause = stopped
      ? 'isochrone stop --force'
      : `its orchestrator ended as ${order.status}: its log says why`;
    const by = stopped ? ('user' as const) : ('broken' as const);
    const { stop } = await orderStop(files, { atMs: nowMs(), by, cause });
    await sleep(LAST_WORDS_MS);
    const end =
      stop && stop.by !== 'broken'
        ? ({ kind: 'stopped', order: stop } as const)
        : ({ kind: 'broken', cause } as const);
    await concludeRun(files, end, nowMs(), { meter });
  }
  await release(admissionObject(store), order.run);
}
